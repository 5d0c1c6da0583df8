"""What all actions share: they never raise to Rasa, for that would be silence to the shopper."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from shop.model import NotFound, Refused, Unavailable
from shop.patience import within

TURN = 6.0  # seconds for all calls of an action; after 7 the assistant speaks in its place
logger = logging.getLogger(__name__)
Events = list[dict[str, Any]]


class ShopAction(Action, ABC):
    """An action that says its outcome itself, after the back end has confirmed it."""

    @abstractmethod
    async def serve(self, turn: Turn) -> Events | None: ...

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        turn = Turn(dispatcher, tracker, domain)
        try:
            with within(TURN):
                return await self.serve(turn) or []
        except Refused as refusal:
            turn.say(f"utter_refused_{refusal.reason}", **refusal.details)
        except NotFound:
            turn.say("utter_not_found")
        except Unavailable as trouble:
            logger.warning("%s: the shop is unavailable: %s", self.name(), trouble)
            turn.say("utter_shop_unavailable")
        except Exception:
            logger.exception("%s failed", self.name())
            turn.say("utter_trouble")
        return self.after_failure(turn)

    def after_failure(self, turn: Turn) -> Events:
        """What to clear when the action did not do its work."""
        return []


def resume(turn: Turn, finished: str) -> Events:
    """Reopens the form that `finished` pushed aside, so that the shopper returns to it."""
    loops = [event["name"] for event in turn.tracker.events if event["event"] == "active_loop"]
    match loops[-3:]:
        case [str(pushed), last, None] if last == finished != pushed:
            return [FollowupAction(pushed)]
    return []
