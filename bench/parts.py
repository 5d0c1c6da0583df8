"""What each of our ways costs beside Rasa's own, on the same conversation, in turn, in one process.

    make bench-cost

A conversation of twenty messages of tests/phrases with the trained model, actions answered by one
word (as in bench/cost.py); then each part of a turn is run in Rasa's way and in ours, alternating.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import UserMessage
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from bench.cost import ROOT, assistant, phrases, said
from channels.graph import InOrder
from nlu.rules import QuickRules

MODEL = ROOT / "models/shopkeeper.tar.gz"
TURNS, TIMES = 20, 15
Way = Callable[[], Any]


def line(name: str, rasas: Way, ours: Way, times: int = TIMES) -> str:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for way, kept in zip((rasas, ours), taken, strict=True):
            began = time.process_time()
            way()
            kept.append((time.process_time() - began) * 1000)
    theirs, own = map(statistics.median, taken)
    return f"{name:<38}{theirs:10.2f} ms{own:10.2f} ms{own / theirs:8.2f}"


def policies(storage: LocalModelStorage, folder: Path) -> tuple[RulePolicy, RulePolicy]:
    (resource,) = (path.parent.name for path in folder.glob("*/rule_policy.json"))
    context = ExecutionContext(GraphSchema({}), node_name=resource)
    rules, quick = (
        kind.load(kind.get_default_config(), storage, Resource(resource), context)
        for kind in (RulePolicy, QuickRules)
    )
    return rules, quick


def measured(agent: Any, tracker: Any, folder: Path) -> Iterator[str]:
    storage, metadata = LocalModelStorage.from_model_archive(folder, MODEL)
    domain = metadata.domain
    plain = DialogueStateTracker.from_events("web:a", list(tracker.events), domain.slots)
    stored = json.dumps(domain.as_dict())
    yield line(
        "the domain of a model",
        lambda: Domain.from_path(folder / "domain_provider"),
        lambda: Domain.from_dict(json.loads(stored)),
        times=3,
    )
    rules, quick = policies(storage, folder)
    yield line(
        "an action predicted by rules",
        lambda: rules.predict_action_probabilities(plain, domain),
        lambda: quick.predict_action_probabilities(tracker, domain),
    )
    yield line("a copy of the conversation", plain.copy, tracker.copy)
    yield line("the events that count", plain.applied_events, tracker.applied_events)
    ours: InOrder = agent.processor.graph_runner
    dask = object.__new__(DaskGraphRunner)
    provider = DomainProvider(storage, Resource("domain_provider"), domain)
    nodes = {**ours._nodes, "domain_provider": lambda: ("domain_provider", provider._domain)}
    dask.__dict__.update(
        _graph_schema=ours._schema, _instantiated_nodes=nodes, _execution_context=None
    )
    inputs = {PLACEHOLDER_MESSAGE: [UserMessage("/greet")], PLACEHOLDER_TRACKER: tracker}
    target = [metadata.nlu_target]
    yield line(
        "a tapped choice through the graph",
        lambda: dask.run(inputs, target),
        lambda: ours.run(inputs, target),
    )
    sizes = [
        len(json.dumps(RemoteAction("a", endpoint)._action_call_format(known, domain)))
        for known, endpoint in ((plain, None), (tracker, agent.action_endpoint))
    ]
    theirs, own = sizes
    yield f"{'what an action is sent':<38}{theirs:10} B {own:10} B {own / theirs:8.2f}"


async def spoken(agent: Any) -> Any:
    texts = phrases()
    for number, text in enumerate(texts[:: len(texts) // TURNS][:TURNS]):
        await said(agent, "web:a", text, number)
    return await agent.tracker_store.retrieve("web:a")


def main() -> None:
    with tempfile.TemporaryDirectory() as var, tempfile.TemporaryDirectory() as folder:
        agent = assistant(Path(var))
        tracker = asyncio.run(spoken(agent))
        print(f"{'':<38}{'Rasa':>13}{'here':>13}{'ratio':>8}")
        for row in measured(agent, tracker, Path(folder)):
            print(row)


if __name__ == "__main__":
    main()
