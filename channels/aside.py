"""Long messages are understood beside the event loop, so that nobody else waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rasa.core.channels.channel import UserMessage
from rasa.shared.core.trackers import DialogueStateTracker

LONG = 200
"""Characters. A shorter message takes some milliseconds, about as long as the way to a thread."""

Parse = Callable[..., Awaitable[dict[str, Any]]]


def beside(parse: Parse) -> Parse:
    """`MessageProcessor.parse_message`, in a thread of its own for long texts, one at a time."""
    thread = ThreadPoolExecutor(1, "long-messages")

    async def parse_message(
        message: UserMessage,
        tracker: DialogueStateTracker | None = None,
        only_output_properties: bool = True,
    ) -> dict[str, Any]:
        parsed = parse(message, tracker, only_output_properties)
        if len(message.text or "") < LONG:
            return await parsed
        return await asyncio.get_running_loop().run_in_executor(thread, run_alone, parsed)

    return parse_message


def run_alone(parsed: Any) -> dict[str, Any]:
    """Rasa declares the understanding asynchronous, and awaits nothing in it."""
    return asyncio.run(parsed)
