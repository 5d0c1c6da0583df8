"""Tells the open streams of a conversation that something happened. In memory only.

What must not be lost is in the log; a stream reads it there when it hears `log`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

MAX_STREAMS = 6
"""Open streams of one conversation (tabs); the oldest gives way."""
MAX_BEHIND = 100


@dataclass(frozen=True)
class Signal:
    kind: Literal["log", "typing", "done", "error", "close"]
    data: Mapping[str, Any] = field(default_factory=dict)


class Hub:
    """The listeners of every conversation in this process."""

    def __init__(self) -> None:
        self._listeners: dict[str, list[asyncio.Queue[Signal]]] = {}

    @contextmanager
    def listen(self, conversation: str) -> Iterator[asyncio.Queue[Signal]]:
        """Signals from now on; one listener more than allowed closes the oldest."""
        queue: asyncio.Queue[Signal] = asyncio.Queue()
        listeners = self._listeners.setdefault(conversation, [])
        for oldest in listeners[: max(0, len(listeners) + 1 - MAX_STREAMS)]:
            _close(oldest)
            listeners.remove(oldest)
        listeners.append(queue)
        try:
            yield queue
        finally:
            if queue in listeners:
                listeners.remove(queue)
            if not listeners and self._listeners.get(conversation) is listeners:
                del self._listeners[conversation]

    def tell(self, conversation: str, signal: Signal) -> None:
        """A listener that does not keep up is closed; it comes back and reads the log."""
        for queue in self._listeners.get(conversation, []):
            if queue.qsize() < MAX_BEHIND:
                queue.put_nowait(signal)
            else:
                _close(queue)

    def conversations(self) -> list[str]:
        """Those that somebody listens to."""
        return list(self._listeners)

    def close(self) -> None:
        for listeners in self._listeners.values():
            for queue in listeners:
                _close(queue)


def _close(queue: asyncio.Queue[Signal]) -> None:
    while not queue.empty():
        queue.get_nowait()
    queue.put_nowait(Signal("close"))
