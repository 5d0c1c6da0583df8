"""One message in, one turn of Rasa's dialogue, its replies out: the same for every channel."""

from __future__ import annotations

import asyncio
import copy
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.inbox.model import Inbound, Outcome, Row
from channels.render import Reply, replies

if TYPE_CHECKING:
    from rasa.core.agent import Agent

ATTEMPTS = 3
"""Runs of one message that fail; then it is a dead letter."""
CRASHES = 6
"""Runs that the end of the process cut short. More than of the others: it may have ended for
another reason than this message."""
PATIENCE_SECONDS = 5.0
"""After this long no further attempt begins: the shopper hears within 10 s that it failed."""
TURN_SECONDS = 9.0
"""All attempts together; then the turn is cut off, wherever it hangs."""
PHOTO = "utter_which_photo"
RECENT = 4
"""Lines of the bot's, the last of which asked for a photo: it may have said more since."""
TROUBLE = "utter_trouble"
"""The response for a turn that failed: nothing was done, try again or ask for a person."""

logger = logging.getLogger(__name__)
Said = list[dict[str, Any]]


class Collector(OutputChannel):
    """Keeps a turn's messages whole, as the dialogue said them, and never raises.

    An output channel that sends by itself, and fails, would undo the turn: Rasa saves the
    conversation after the sending.
    """

    def __init__(self, channel: str) -> None:
        self.said: Said = []
        self._channel = channel

    def name(self) -> str:  # type: ignore[override]  # one class serves every channel
        return self._channel

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        if message.get("custom"):
            logger.warning("a custom payload was left out: channels have no form for it")
        self.said.append(copy.deepcopy(message))


class Voice:
    """Answers a row of the inbox: by a turn of the dialogue, or with a response of its own."""

    def __init__(self, agent: Agent, language: Callable[[str], Awaitable[str | None]]) -> None:
        self._agent = agent
        self._language = language

    async def answer(self, row: Row) -> Outcome:
        """Never raises, and leaves no message without an outcome."""
        message = row.message
        if message.say and not await self._wanted(message):
            said = await self._say(message.say, message)
            return Outcome("done", said, None if said else f"{message.say} cannot be said")
        error = await self._try(row)
        if isinstance(error, list):
            made = tuple(replies(error))
            if made or message.shown is None:  # a notice may be taken in silence
                return Outcome("done", made)
            return Outcome("done", await self._say(TROUBLE, message), "no reply")
        return Outcome("dead", await self._say(TROUBLE, message), error)

    async def _wanted(self, message: Inbound) -> bool:
        """Whether it is the photo that the dialogue asked for a moment ago."""
        if not message.text:
            return False
        try:
            tracker = await self._agent.tracker_store.retrieve(message.conversation)
        except Exception:
            logger.exception("whether a photo is wanted cannot be read")
            return False
        events = list(tracker.events) if tracker else []
        asked = [e.metadata.get("utter_action") for e in events if isinstance(e, BotUttered)]
        return PHOTO in asked[-RECENT:]

    async def _try(self, row: Row) -> Said | str:
        """What was said, or the name of the error that is left after all attempts."""
        begun, error = time.monotonic(), "crashed"
        for attempt in range(ATTEMPTS if row.attempts < CRASHES else 0):
            try:
                again = bool(attempt or row.attempts)
                said = await self._said_before(row.message) if again else None
                if said is None:
                    left = TURN_SECONDS - (time.monotonic() - begun)
                    said = await asyncio.wait_for(self._turn(row.message), left)
                return said
            except asyncio.TimeoutError:
                return "the turn took too long"
            except Exception as problem:
                logger.exception("inbox: row %s failed", row.id)
                error = type(problem).__name__
            if time.monotonic() - begun > PATIENCE_SECONDS:
                break
            await asyncio.sleep(0.2)
        return error

    async def _turn(self, message: Inbound) -> Said:
        collector = Collector(speaking_on(message.conversation))
        await self._agent.handle_message(
            UserMessage(
                message.text,
                collector,
                message.conversation,
                input_channel=collector.name(),
                message_id=message.message_id,
                metadata=dict(message.metadata),
            )
        )
        return collector.said

    async def _said_before(self, message: Inbound) -> Said | None:
        """The answers of a turn that was saved just before the process ended, else None."""
        tracker = await self._agent.tracker_store.retrieve(message.conversation)
        events = list(tracker.events) if tracker else []
        for place in reversed(range(len(events))):
            if isinstance(events[place], UserUttered):
                if events[place].message_id != message.message_id:
                    return None
                after = events[place:]
                return [event.message() for event in after if isinstance(event, BotUttered)]
        return None

    async def _say(self, response: str, message: Inbound) -> tuple[Reply, ...]:
        """A response of the domain in the language of the conversation; () if there is none."""
        try:
            tracker = DialogueStateTracker(message.conversation, self._agent.domain.slots)
            if language := await self._spoken(message):
                tracker.update(SlotSet("language", language))
            channel = speaking_on(message.conversation)
            said = await self._agent.nlg.generate(response, tracker, channel)
        except Exception:
            logger.exception("%s could not be said", response)
            return ()
        return tuple(replies([said] if said else []))

    async def _spoken(self, message: Inbound) -> str | None:
        if not any(slot.name == "language" for slot in self._agent.domain.slots):
            return None
        try:
            spoken = await self._language(message.conversation)
        except Exception:  # the log cannot be read: the sentence is wanted all the more
            spoken = None
        return spoken or message.metadata.get("locale")


def speaking_on(conversation: str) -> str:
    """The channel on which a conversation is held: `web` for `web:...`."""
    return conversation.partition(":")[0]
