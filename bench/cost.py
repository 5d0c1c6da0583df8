"""What a message costs late in a conversation, among many conversations, beside a long message.

    make bench-cost

One process with the trained model and the actions' part answered by one word, so that what is
measured is the assistant itself. Times are the processor's, hold-ups are those of the event loop.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from channels.lean import leave_out

ROOT = Path(__file__).parents[1]
MESSAGES, BLOCK, EARLY, LATE = 1000, 10, (0, 2), (97, 100)  # blocks of the same ten texts
STORED = (10, 1_000, 100_000)
TEXT_LIMIT = 2000
NOT_UNDERSTOOD = ["qwxz vbnm", "zzkk ttrr pplq", "mxcv", "wq wq wq", "lkjh gfds"] * 2
SECONDS_BESIDE = 5.0


async def one_word(self: Any, body: bytes, headers: Any) -> dict[str, Any]:
    """Instead of the call of an action: what stands between it and the action server stays."""
    name = json.loads(body)["next_action"]
    said = [] if name.startswith("validate_") else [{"text": "Done."}]
    return {"events": [], "responses": said}


def assistant(folder: Path) -> Any:
    from rasa.core.agent import Agent
    from rasa.utils.endpoints import EndpointConfig
    from rasa.utils.log_utils import configure_structlog

    from channels import runtime
    from channels.actions_endpoint import PatientEndpoint
    from channels.graph import run_models_in_order
    from channels.tracker import ConversationStore

    os.environ["LOG_LEVEL"] = "ERROR"
    configure_structlog()
    run_models_in_order()
    runtime.prepare()
    PatientEndpoint._post = one_word  # type: ignore[method-assign]
    agent = Agent.load(
        ROOT / "models/shopkeeper.tar.gz",
        action_endpoint=EndpointConfig("http://127.0.0.1:1/"),
        generator=EndpointConfig(type="nlg.messages.Messages"),
        tracker_store=ConversationStore(None, f"sqlite:///{folder}/talk.db"),
    )
    runtime.adopt(agent)
    return agent


def phrases() -> list[str]:
    import yaml

    files = yaml.safe_load((ROOT / "tests/phrases/en.yml").read_text("utf-8"))["nlu"]
    return [line[2:] for block in files for line in block["examples"].splitlines() if line]


async def said(agent: Any, sender: str, text: str, number: int) -> float:
    """Processor milliseconds of one turn."""
    from rasa.core.channels.channel import UserMessage

    from channels.turn import Collector

    about = {"input_channel": "web", "message_id": f"{sender}{number}", "metadata": {}}
    message = UserMessage(text, Collector("web"), sender, **about)
    began = time.process_time()
    await agent.handle_message(message)
    return (time.process_time() - began) * 1000


async def long_conversation(
    agent: Any, sender: str, texts: Sequence[str]
) -> tuple[float, float, float]:
    """The median of the first messages, of the last ones, and how many times as much that is."""
    for text in texts:  # what is made or remembered at a first sight is neither early nor late
        await agent.parse_message(text)
    cycle = itertools.islice(itertools.cycle(texts), MESSAGES)
    times = [await said(agent, sender, text, i) for i, text in enumerate(cycle)]
    early, late = (
        statistics.median(times[first * BLOCK + 1 : last * BLOCK]) for first, last in (EARLY, LATE)
    )
    return early, late, late / early


def store_many(agent: Any, known: int, count: int) -> None:
    """Short conversations of others, from number `known` to `count`."""
    from channels.tracker import EVENTS

    event = json.dumps({"event": "bot", "timestamp": 1.0, "text": "Hello, what is it?" * 5})
    about = {"type_name": "bot", "timestamp": 1.0, "data": event}
    rows = (
        {"sender_id": f"web:other{number}", "position": place, **about}
        for number in range(known, count)
        for place in range(1, 6)
    )
    with agent.tracker_store._connect().begin() as db:
        while some := list(itertools.islice(rows, 10_000)):
            db.execute(EVENTS.insert(), some)


async def held_up(agent: Any, text: str) -> float:
    """The longest time in ms that the event loop was held while others sent long messages."""
    longest, end = 0.0, time.perf_counter() + SECONDS_BESIDE

    async def insist() -> None:
        number = 0
        while time.perf_counter() < end:
            number += 1
            await said(agent, "web:long", f"{number} {text}"[:TEXT_LIMIT], number)

    talking = asyncio.create_task(insist())
    while not talking.done():
        began = time.perf_counter()
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - began)
        await asyncio.sleep(0.001)
    await talking
    return longest * 1000


async def measured(folder: Path) -> None:
    agent, known = assistant(folder), 0
    texts = phrases()
    understood = texts[:: len(texts) // BLOCK][:BLOCK]
    for name, some in (("phrases", understood), ("not understood", NOT_UNDERSTOOD)):
        early, late, ratio = await long_conversation(agent, f"web:{name}", some)
        print(
            f"{name:<15} message 10 {early:5.1f} ms, {MESSAGES} {late:5.1f} ms: {ratio:.2f} times"
        )
    for count in STORED:
        store_many(agent, known, count)
        known = count
        times = []
        for shopper in range(5):
            sender, spoken = f"web:{count}-{shopper}", texts[shopper :: len(texts) // BLOCK]
            times += [await said(agent, sender, text, i) for i, text in enumerate(spoken)]
        print(f"{count:>7} stored conversations: {statistics.median(times):6.1f} ms a message")
    held = await held_up(agent, " ".join(texts))
    print(f"held up by messages of {TEXT_LIMIT} characters: {held:.0f} ms at most")


def main() -> None:
    leave_out()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measured(Path(folder)))


if __name__ == "__main__":
    main()
