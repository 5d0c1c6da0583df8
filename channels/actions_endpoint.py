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
from aiohttp import ClientError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import deserialise_events
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from channels.turn import TROUBLE

CALL_SECONDS = 7.0
"""An action gives up on a back end after 5 s; the shopper is to hear something within 10 s."""
SUSPECT_SECONDS, SUSPECT_CALL_SECONDS = 30.0, 1.5
"""After a call that got no answer the next ones wait less, so that a queue does not add up."""

logger = logging.getLogger(__name__)


class PatientEndpoint(EndpointConfig):
    """The endpoint of `endpoints.yml`, with a time limit and a checked answer."""

    def __init__(self, endpoint: EndpointConfig) -> None:
        self.__dict__.update(vars(endpoint))
        schema = RemoteAction.action_response_format_spec()
        self._answer = jsonschema.Draft202012Validator(schema)
        self._suspect_until = 0.0

    async def request(self, *args: Any, **call: Any) -> Any:
        """The action's answer. Raises only what says "ask another policy" (status 400)."""
        limit = SUSPECT_CALL_SECONDS if time.monotonic() < self._suspect_until else CALL_SECONDS
        call["timeout"] = limit
        try:
            answer = await asyncio.wait_for(super().request(*args, **call), limit)
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

    def _check(self, answer: Any) -> None:
        """Raises on anything that Rasa could not take as events and messages."""
        self._answer.validate(answer)
        deserialise_events(answer.get("events", []))

    def _stand_in(self, call: Mapping[str, Any], why: str) -> dict[str, Any]:
        logger.error("action %s failed: %s", call.get("next_action"), why)
        return stand_in(call)


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
