"""What is set in Rasa's process, and that the things it touches are still there."""

import asyncio
import io
import logging
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest
import structlog
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.channels.rest import RestInput
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig
from rasa.utils.log_utils import configure_structlog
from sanic import Sanic

from channels import runtime
from channels.actions_endpoint import PatientEndpoint
from channels.logs import quiet_logs, redact
from channels.tracker import ConversationStore
from channels.turn import Collector
from channels.web import WebInput
from tests.channels.rig import Actions


@pytest.fixture
def restored() -> Iterator[None]:
    """Leaves Rasa's class and the log settings as they were."""
    check, factory = RemoteAction._validate_action_result, logging.getLogRecordFactory()
    yield
    RemoteAction._validate_action_result = check
    logging.setLogRecordFactory(factory)
    structlog.reset_defaults()


@pytest.fixture
def agent(model: Path, actions: Actions, tmp_path: Path, restored: None) -> Agent:
    store = ConversationStore(None, f"sqlite:///{tmp_path}/talk.db")
    endpoint = EndpointConfig(actions.url + "/webhook")
    loaded = Agent.load(str(model), action_endpoint=endpoint, tracker_store=store)
    runtime.adopt(loaded)
    return loaded


def ask(agent: Agent, text: str, sender: str = "web:a") -> list[dict[str, Any]]:
    out = Collector("web")
    asyncio.run(agent.handle_message(UserMessage(text, out, sender, metadata={"locale": "en"})))
    return out.said


def test_errors_of_the_store_are_not_hidden(agent: Agent) -> None:
    assert isinstance(agent.tracker_store, ConversationStore)
    assert agent.processor
    assert agent.processor.tracker_store is agent.tracker_store
    assert isinstance(FailSafeTrackerStore(agent.tracker_store)._tracker_store, ConversationStore)


def test_the_patient_endpoint_is_the_one_that_rasa_uses(agent: Agent, actions: Actions) -> None:
    assert agent.processor
    assert isinstance(agent.processor.action_endpoint, PatientEndpoint)
    actions.mode("500")
    (said,) = ask(agent, "order")
    actions.mode("ok")
    assert said["text"] == "Something does not work. Nothing was changed."


def test_a_long_message_holds_up_nobody(agent: Agent) -> None:
    """What takes a second in the understanding takes a second from nobody else."""
    processor = agent.processor
    assert processor
    understand = processor._parse_message_with_graph

    def slowly(*args: Any) -> Any:
        time.sleep(1)
        return understand(*args)

    async def waited() -> float:
        long = asyncio.create_task(agent.parse_message("long story " * 180))
        longest = 0.0
        while not long.done():
            begun = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - begun)
        assert (await long)["text"].startswith("long story")
        return longest

    processor._parse_message_with_graph = slowly
    assert asyncio.run(waited()) < 0.5


def test_a_wrong_answer_of_an_action_is_still_refused(agent: Agent) -> None:
    """Rasa's own check is switched off; the endpoint's is the same schema, prepared once."""
    endpoint = agent.action_endpoint
    assert isinstance(endpoint, PatientEndpoint)
    assert RemoteAction("x", None)._validate_action_result({"events": 1})
    for wrong in ({"events": [{"event": "slot"}]}, {"events": 1}, None, []):
        with pytest.raises((jsonschema.ValidationError, AttributeError)):
            endpoint._check(wrong)
    endpoint._check({"events": [{"event": "slot", "name": "street", "value": 1}]})


def test_responses_carry_their_language(agent: Agent) -> None:
    (said,) = ask(agent, "hello")
    assert said["lang"] == "en"


def test_a_turn_without_end_does_not_mute_the_conversation(agent: Agent) -> None:
    assert len(ask(agent, "loop")) == 0
    assert [said["text"] for said in ask(agent, "hello")] == ["Hello!"]


def test_a_form_survives_an_action_server_that_fails(agent: Agent, actions: Actions) -> None:
    assert [said["text"] for said in ask(agent, "fill")] == ["Which street?"]
    actions.mode("500")
    texts = [said["text"] for said in ask(agent, "Long street 5")]
    actions.mode("ok")
    assert texts == ["Something does not work. Nothing was changed.", "Which street?"]
    assert [said["text"] for said in ask(agent, "Long street 7")] == ["Sent to Long street 7."]


@pytest.mark.parametrize("channel", [RestInput()])
def test_an_open_channel_of_rasa_stops_the_start(channel: Any) -> None:
    app = SimpleNamespace(ctx=SimpleNamespace(input_channels=[channel]))
    with pytest.raises(RasaException, match="rest"):
        runtime.guard(app)  # type: ignore[arg-type]


def test_our_channels_do_not(tmp_path: Path) -> None:
    channel = WebInput("s" * 16, frozenset(), str(tmp_path / "inbox.db"))
    app = Sanic("guarded", configure_logging=False)
    app.ctx.input_channels = [channel]
    app.ctx.sanic_cors = SimpleNamespace(resources=["everything"])
    runtime.guard(app)
    assert app.config.REQUEST_MAX_SIZE == runtime.MAX_REQUEST_BYTES
    assert app.ctx.sanic_cors.resources == []


def test_structlog_writes_neither_words_nor_local_variables(restored: None) -> None:
    configure_structlog(logging.DEBUG)
    used_before = structlog.get_logger()
    used_before.debug("first")
    written = logged(lambda: fail(used_before))
    assert "xylophone" not in written
    assert "anna@example.com" not in written
    assert "ZeroDivisionError" in written
    assert "processor.message.parse" in written


def fail(logger: Any) -> None:
    words = "xylophone"
    logger.debug("processor.message.parse", parse_data_text=words, rasa_events=[words])
    logger.info("mail.sent", to="anna@example.com")
    try:
        len(words) / 0  # type: ignore[operator]
    except ZeroDivisionError:
        logger.exception("action.failed", user_text=words)


def test_plain_loggers_are_redacted_too(restored: None) -> None:
    def write() -> None:
        logger = logging.getLogger("a.library")
        logger.error("to %s, card %s", "anna@example.com", "4111 1111 1111 1111")
        logger.error("call %d and %d", 1)
        try:
            raise ValueError("from ewa@example.com")
        except ValueError:
            logger.exception("no")

    written = logged(write)
    assert "to <e-mail>, card •••• 1111" in written
    assert "cannot be formatted" in written
    assert "example.com" not in written
    assert "ValueError" in written


def logged(write: Any) -> str:
    out, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(out)
    quiet_logs()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        write()
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    return out.getvalue()


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("tel. +48 601 234 567!", "tel. <phone>!"),
        ("(601) 234-567 8", "(601) 234-567 8"),
        ("a.b+c@mail.example.pl", "<e-mail>"),
        ("2026-11-22 17:05:08,123 took 12 ms on 127.0.0.1:5005", None),
        ("web:AbC-12345678901234567890", None),
    ],
)
def test_lines_are_redacted(line: str, clean: str | None) -> None:
    assert redact(line) == (clean or line)
