"""The quick rules predict what Rasa's rules predict, whatever was said and done before."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    DefinePrevUserUtteredFeaturization,
    Event,
    LoopInterrupted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from nlu.rules import QuickRules
from tests.nlu.conftest import MODEL

CONVERSATIONS, STEPS = 60, 25


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Domain, RulePolicy, QuickRules]:
    folder = tmp_path_factory.mktemp("model")
    storage, metadata = LocalModelStorage.from_model_archive(folder, MODEL)
    (resource,) = (r for r in _resources(folder) if r.startswith("train_") and "Rule" in r)
    context = ExecutionContext(GraphSchema({}), node_name=resource)
    rules, quick = (
        policy.load(policy.get_default_config(), storage, Resource(resource), context)
        for policy in (RulePolicy, QuickRules)
    )
    return metadata.domain, rules, quick


def _resources(folder: Path) -> list[str]:
    return [path.parent.name for path in folder.glob("*/rule_policy.json")]


def something(source: random.Random, domain: Domain, tracker: DialogueStateTracker) -> list[Event]:
    """What may happen next in a conversation, likely or not."""
    loop = tracker.active_loop_name
    message = UserUttered("x", {"name": source.choice(sorted(domain.intents)), "confidence": 0.9})
    heard = [ActionExecuted("action_listen"), message, DefinePrevUserUtteredFeaturization(False)]
    form = loop or source.choice(domain.form_names)
    slots = [slot for slot in domain.slots if slot.influence_conversation]
    return source.choice(
        [
            heard,
            heard,
            [ActionExecuted(source.choice(domain.action_names_or_texts))],
            [ActionExecuted(form), ActiveLoop(form)],
            [ActionExecuted(form), ActiveLoop(None)],
            [ActionExecutionRejected(form), LoopInterrupted(source.random() < 0.5)],
            [SlotSet(slot.name, source.choice([None, "pl", True])) for slot in slots],
            [UserUtteranceReverted()] if tracker.latest_message.text else heard,
        ]
    )


def test_predictions_are_those_of_rasa(trained: tuple[Domain, RulePolicy, QuickRules]) -> None:
    domain, rules, quick = trained
    acted = 0
    for seed in range(CONVERSATIONS):
        source = random.Random(seed)
        tracker = DialogueStateTracker("web:a", domain.slots)
        for _ in range(STEPS):
            tracker.update_with_events(something(source, domain, tracker), domain)
            wanted = rules.predict_action_probabilities(tracker, domain)
            found = quick.predict_action_probabilities(tracker, domain)
            assert found.probabilities == wanted.probabilities
            assert (found.events, found.hide_rule_turn) == (wanted.events, wanted.hide_rule_turn)
            assert found.is_no_user_prediction == wanted.is_no_user_prediction
            if found.max_confidence == 1:
                acted += 1
                action = domain.action_names_or_texts[found.max_confidence_index]
                tracker.update(ActionExecuted(action, "rules", 1.0))
    assert acted > CONVERSATIONS * STEPS / 10
