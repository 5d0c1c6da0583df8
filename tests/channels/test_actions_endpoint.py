"""A failing action server is answered for, in time, and never with a success."""

import asyncio
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, FollowupAction, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from channels import actions_endpoint
from channels.actions_endpoint import PatientEndpoint, is_usual, stand_in
from channels.domain_once import HEADER, DomainOnce
from tests.channels.rig import HERE, Actions, free_port

DOMAIN = Domain.load(str(HERE / "project/domain.yml"))
NLG = TemplatedNaturalLanguageGenerator(DOMAIN.responses)


@pytest.fixture
def endpoint(actions: Actions) -> Iterator[PatientEndpoint]:
    yield PatientEndpoint(EndpointConfig(actions.url + "/webhook"))
    actions.mode("ok")


def call(name: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    latest = {"text": "say", "metadata": {}, "entities": []}
    tracker = {"events": events, "latest_message": latest, "slots": {"street": "x"}}
    return {"next_action": name, "tracker": tracker}


def run_action(endpoint: EndpointConfig, name: str = "action_slow") -> list[Any]:
    tracker = DialogueStateTracker("web:a", DOMAIN.slots)
    tracker.update(UserUttered("hi", {"name": "slow"}))
    action = RemoteAction(name, endpoint)
    return asyncio.run(action.run(CollectingOutputChannel(), NLG, tracker, DOMAIN))


def test_a_working_action_is_answered_as_ever(endpoint: PatientEndpoint) -> None:
    (said,) = run_action(endpoint, "action_order")
    assert said.text == "Found:"


@pytest.mark.parametrize("mode", ["500", "html", "nonsense"])
def test_a_broken_answer_is_an_honest_sentence(
    endpoint: PatientEndpoint, actions: Actions, mode: str
) -> None:
    actions.mode(mode)
    said, then = run_action(endpoint)
    assert said.text == "Something does not work. Nothing was changed."
    assert then == FollowupAction("action_listen")


def test_a_stopped_server_is_an_honest_sentence() -> None:
    nobody = PatientEndpoint(EndpointConfig(f"http://127.0.0.1:{free_port()}/webhook"))
    assert isinstance(run_action(nobody)[0], BotUttered)


def test_a_hanging_server_is_waited_for_once(
    actions: Actions, endpoint: PatientEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_endpoint, "CALL_SECONDS", 0.6)
    monkeypatch.setattr(actions_endpoint, "SUSPECT_CALL_SECONDS", 0.1)
    actions.mode("hang")
    waited = []
    for _ in range(2):
        begun = time.monotonic()
        assert isinstance(run_action(endpoint)[0], BotUttered)
        waited.append(time.monotonic() - begun)
    assert 0.6 <= waited[0] < 1.5
    assert waited[1] < 0.5
    actions.mode("ok")
    run_action(endpoint, "action_order")
    assert endpoint._suspect_until == 0


def test_a_server_that_accepts_and_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(actions_endpoint, "CALL_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        port = mute.getsockname()[1]
        endpoint = PatientEndpoint(EndpointConfig(f"http://127.0.0.1:{port}/webhook"))
        assert isinstance(run_action(endpoint)[0], BotUttered)


def test_a_rejection_is_passed_on(endpoint: PatientEndpoint, actions: Actions) -> None:
    actions.mode("reject")
    with pytest.raises(ClientResponseError):
        asyncio.run(endpoint.request(json=call("action_say", []), method="post"))


def test_the_settings_of_the_endpoint_are_kept() -> None:
    plain = EndpointConfig("http://a/", headers={"X-Secret": "s"}, enable_selective_domain=True)
    patient = PatientEndpoint(plain)
    assert (patient.url, patient.headers, patient.kwargs) == (
        plain.url, plain.headers, plain.kwargs,
    )  # fmt: skip


def test_a_value_that_nobody_checked_is_taken_back() -> None:
    events = [
        {"event": "slot", "name": "size", "value": "M"},
        {"event": "user", "text": "x"},
        {"event": "slot", "name": "street", "value": "x"},
        {"event": "slot", "name": "requested_slot", "value": "street"},
    ]
    answer = stand_in(call("validate_street_form", events))
    assert answer["events"] == [
        {"event": "slot", "name": "street", "value": None},
        {"event": "followup", "name": "action_listen"},
    ]
    assert SlotSet("street", None).as_dict().items() >= answer["events"][0].items()
    assert len(stand_in(call("action_order", events))["events"]) == 1


def test_the_sentence_is_said_once_in_a_turn() -> None:
    said = {"event": "bot", "metadata": {"utter_action": "utter_trouble"}}
    assert stand_in(call("a", [{"event": "user"}, said]))["responses"] == []
    assert stand_in(call("a", [said, {"event": "user"}]))["responses"]


def test_what_is_sent_is_the_call_itself(endpoint: PatientEndpoint) -> None:
    answer = asyncio.run(endpoint.request(json=call("action_order", []), method="post"))
    assert json.loads(json.dumps(answer))["responses"][0]["elements"][0]["title"] == "Storm jacket"


def test_the_domain_goes_over_once() -> None:
    """And again when the server has forgotten it: another one has taken its place."""
    answers = [409, 200, 200, 409, 200]
    calls: list[tuple[str, bool]] = []

    async def act(request: web.Request) -> web.Response:
        calls.append((request.headers[HEADER], "domain" in await request.json()))
        answer = {"events": [], "responses": []}
        return web.json_response(answer, status=answers[len(calls) - 1])

    async def three_turns() -> None:
        app = web.Application()
        app.router.add_post("/webhook", act)
        async with TestServer(app) as server:
            plain = EndpointConfig(str(server.make_url("/webhook")))
            endpoint = PatientEndpoint(plain, DOMAIN)
            for name in ("action_say", "validate_street_form", "action_say"):
                said = {**call(name, []), "domain": {"as": "Rasa sends it"}}
                assert await endpoint.request(json=said, method="post") == {
                    "events": [],
                    "responses": [],
                }
            await endpoint.close()

    asyncio.run(three_turns())
    assert [with_domain for _, with_domain in calls] == [False, True, False, False, True]
    assert len({digest for digest, _ in calls}) == 1


def test_the_domain_that_goes_over_is_rasas() -> None:
    sent = json.loads(DomainOnce(DOMAIN).with_domain({"next_action": "a"}))
    assert sent == {"next_action": "a", "domain": json.loads(json.dumps(DOMAIN.as_dict()))}


@pytest.mark.parametrize(
    ("event", "usual"),
    [
        ({"event": "slot", "timestamp": None, "name": "size", "value": {"any": 1}}, True),
        ({"event": "followup", "name": "action_listen"}, True),
        ({"event": "active_loop", "timestamp": None, "name": None}, True),
        ({"event": "slot", "name": "size"}, False),
        ({"event": "slot", "name": None, "value": 1}, False),
        ({"event": "slot", "name": "size", "value": 1, "timestamp": "late"}, False),
        ({"event": "followup", "name": None}, False),
        ({"event": "bot", "name": "x"}, False),
        ({"name": "x"}, False),
        ("slot", False),
    ],
)
def test_an_event_in_good_form_needs_no_schema(event: Any, usual: bool) -> None:
    assert is_usual(event) is usual
    if usual:
        assert PatientEndpoint(EndpointConfig("http://a/"))._answer.is_valid({"events": [event]})
