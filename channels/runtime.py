"""What must be set once in Rasa's process before it may meet shoppers.

Each function says why. What it touches is not all public, so `tests/channels/test_runtime.py`
holds each of those things.
"""

from __future__ import annotations

from typing import Any

from rasa.core.actions import forms
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent
from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Sanic

from channels.actions_endpoint import PatientEndpoint
from channels.aside import beside
from channels.conversation import Conversation
from channels.logs import quiet_logs

MAX_REQUEST_BYTES = 1_000_000
"""Sanic's default is 100 MB, read into memory before any channel sees it."""


def prepare() -> None:
    """Before the agent is loaded; called by each channel's blueprint."""
    quiet_logs()


def guard(app: Sanic) -> None:
    """Before the server listens. Raises if a connector is on that anybody could speak through."""
    open_ones = [c.name() for c in app.ctx.input_channels if type(c).__module__.startswith("rasa.")]
    if open_ones:
        raise RasaException(f"credentials: Rasa's own channels are unfit: {', '.join(open_ones)}")
    app.config.REQUEST_MAX_SIZE = MAX_REQUEST_BYTES
    _leave_cors_to_channels(app)


def adopt(agent: Agent) -> None:
    """After the agent is loaded."""
    processor = agent.processor
    if processor is None:
        return
    agent.tracker_store = processor.tracker_store = _honest(agent.tracker_store)
    agent.nlg = processor.nlg = Spoken(agent.nlg)
    processor.parse_message = beside(processor.parse_message)
    processor._check_for_unseen_features = _known_by_training
    forms.DialogueStateTracker = Conversation  # a form tells its validation all that ever was said
    processor.on_circuit_break = _listen_again
    if agent.action_endpoint:
        endpoint = PatientEndpoint(agent.action_endpoint, agent.domain)
        agent.action_endpoint = processor.action_endpoint = endpoint
        # 25 ms of each action call: it checks its own schema again; the endpoint checks once.
        RemoteAction._validate_action_result = lambda self, result: True


async def warm(agent: Agent) -> None:
    """What components make at their first message is made now, not while a shopper waits."""
    if agent.is_ready():
        await agent.parse_message("hello")


async def release(agent: Agent) -> None:
    """Before the process ends."""
    if isinstance(agent.action_endpoint, PatientEndpoint):
        await agent.action_endpoint.close()


class Spoken(NaturalLanguageGenerator):
    """Marks each response with the language it is in, for the page's `lang` attribute."""

    def __init__(self, inner: NaturalLanguageGenerator) -> None:
        self._inner = inner

    async def generate(
        self,
        utter_action: str,
        tracker: DialogueStateTracker,
        output_channel: str,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        said = await self._inner.generate(utter_action, tracker, output_channel, **kwargs)
        if said and "language" in tracker.slots:
            said["lang"] = tracker.get_slot("language")
        return said


def _honest(store: Any) -> Any:
    """The store itself: Rasa's wrapper turns a database error into an empty conversation."""
    return store._tracker_store if isinstance(store, FailSafeTrackerStore) else store


def _known_by_training(_: Any) -> None:
    """Rasa makes two empty domains a message to warn of labels that its own training checked."""


def _listen_again(tracker: DialogueStateTracker, *_: Any) -> None:
    """After ten actions in one turn: without a listen the conversation stays mute for ever."""
    tracker.update(ActionExecuted(ACTION_LISTEN_NAME))


def _leave_cors_to_channels(app: Sanic) -> None:
    """Rasa answers every preflight request itself; here each channel has its own allow-list."""
    if hasattr(app.ctx, "sanic_cors"):
        app.ctx.sanic_cors.resources = []
