"""The action server as the dialogue sees it: it answers in time, or an honest answer stands in.

Rasa swallows every failure of an action and goes on with the rule ("Your order is placed"), and
waits 300 s for a server that hangs. Here a call that fails is answered as if the action had said
that it failed, and the turn ends.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from typing import Any

import jsonschema
from aiohttp import ClientError, ClientSession, TCPConnector
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import deserialise_events
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from channels.domain_once import HEADER, UNKNOWN, DomainOnce
from channels.turn import TROUBLE

CALL_SECONDS = 7.0
"""An action gives up on a back end after 5 s; the shopper is to hear something within 10 s."""
SUSPECT_SECONDS, SUSPECT_CALL_SECONDS = 30.0, 1.5
"""After a call that got no answer the next ones wait less, so that a queue does not add up."""

IDLE_SECONDS = 4.0
"""A connection is used again within this time: less than any server keeps one open."""

logger = logging.getLogger(__name__)


class PatientEndpoint(EndpointConfig):
    """The endpoint of `endpoints.yml`, with a time limit and a checked answer.

    Connections stay open between calls, and the `domain` goes over once (channels/domain_once.py).
    """

    def __init__(self, endpoint: EndpointConfig, domain: Domain | None = None) -> None:
        self.__dict__.update(vars(endpoint))
        self._domain = DomainOnce(domain) if domain else None
        if domain:
            self.kwargs = {**self.kwargs, "enable_selective_domain": True}
        self._open: ClientSession | None = None
        schema = RemoteAction.action_response_format_spec()
        self._answer = jsonschema.Draft202012Validator(schema)
        self._suspect_until = 0.0

    async def request(self, *args: Any, **call: Any) -> Any:
        """The action's answer. Raises only what says "ask another policy" (status 400)."""
        limit = SUSPECT_CALL_SECONDS if time.monotonic() < self._suspect_until else CALL_SECONDS
        try:
            answer = await asyncio.wait_for(self._call(call["json"]), limit)
            self._check(answer)
        except ClientResponseError as error:
            if error.status == 400 and _is_rejection(error.text):
                raise
            return self._stand_in(call["json"], f"status {error.status}")
        except (asyncio.TimeoutError, ClientError, OSError) as error:
            if isinstance(error, asyncio.TimeoutError):
                self._suspect_until = time.monotonic() + SUSPECT_SECONDS
            return self._stand_in(call["json"], type(error).__name__)
        except Exception as error:  # an answer that is not one: bad JSON, unknown events
            return self._stand_in(call["json"], type(error).__name__)
        self._suspect_until = 0.0
        return answer

    async def _call(self, call: dict[str, Any]) -> Any:
        """Raises `ClientResponseError` for a status of 400 and more."""
        if self._domain is None:
            return await self._post(json.dumps(call).encode(), {})
        call.pop("domain", None)  # with the validation of forms Rasa sends it in any case
        headers = {HEADER: self._domain.digest}
        try:
            return await self._post(json.dumps(call).encode(), headers)
        except ClientResponseError as error:
            if error.status != UNKNOWN:
                raise
            return await self._post(self._domain.with_domain(call), headers)

    async def _post(self, body: bytes, headers: Mapping[str, str]) -> Any:
        session = self._session()
        sent = {"Content-Type": "application/json", **headers, **self.headers}
        params = self.combine_parameters()
        async with session.post(self.url, data=body, headers=sent, params=params) as response:
            said = await response.read()
            if response.status >= 400:
                raise ClientResponseError(response.status, response.reason, said)
            return json.loads(said)

    def _session(self) -> ClientSession:
        """One of this event loop, open until `close`."""
        if self._open is None or self._open.closed or self._loop is not asyncio.get_running_loop():
            self._loop = asyncio.get_running_loop()
            self._open = ClientSession(connector=TCPConnector(keepalive_timeout=IDLE_SECONDS))
        return self._open

    async def close(self) -> None:
        if self._open:
            await self._open.close()

    def _check(self, answer: Any) -> None:
        """Raises on anything that Rasa could not take as events and messages."""
        events = answer.get("events")
        if isinstance(events, list) and all(map(is_usual, events)):
            answer = {**answer, "events": []}  # checked already; the schema takes its time
        self._answer.validate(answer)
        deserialise_events(answer.get("events", []))

    def _stand_in(self, call: Mapping[str, Any], why: str) -> dict[str, Any]:
        logger.error("action %s failed: %s", call.get("next_action"), why)
        return stand_in(call)


def is_usual(event: Any) -> bool:
    """Whether it is one of the events that nearly all actions return, in good form."""
    if not isinstance(event, dict) or event.get("timestamp") is not None:
        return False
    name, keys = event.get("name"), event.keys() - {"timestamp"}
    if event.get("event") == "slot":
        return isinstance(name, str) and keys == {"event", "name", "value"}
    is_name = isinstance(name, str) or (name is None and event.get("event") == "active_loop")
    return is_name and keys == {"event", "name"} and event["event"] in ("followup", "active_loop")


def stand_in(call: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a failed call: says so once in a turn, leaves nothing unchecked, listens."""
    events = call["tracker"]["events"]
    turn = events[_last_message(events) :]
    said = any((e.get("metadata") or {}).get("utter_action") == TROUBLE for e in turn)
    unchecked = {e["name"] for e in turn if e["event"] == "slot"} - {"requested_slot"}
    if not str(call.get("next_action")).startswith("validate_"):
        unchecked = set()
    return {
        "responses": [] if said else [{"response": TROUBLE}],
        "events": [
            *({"event": "slot", "name": name, "value": None} for name in sorted(unchecked)),
            {"event": "followup", "name": "action_listen"},
        ],
    }


def _last_message(events: list[Mapping[str, Any]]) -> int:
    return max((i for i, event in enumerate(events) if event["event"] == "user"), default=0)


def _is_rejection(body: Any) -> bool:
    try:
        return "action_name" in json.loads(body)
    except (TypeError, ValueError):
        return False
