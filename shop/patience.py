"""How long a shopper waits: calls to back ends that are made for one answer share its time."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_until: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Calls in this block end, all together, within so many seconds."""
    token = _until.set(min(_until.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


def deadline(seconds: float) -> float:
    """The moment of time.monotonic() by which a call that may take so long has to end."""
    return min(_until.get(), time.monotonic() + seconds)
