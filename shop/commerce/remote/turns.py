"""One at a time: locks by name that go when nobody waits for them."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[int, str], asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        loop = id(asyncio.get_running_loop())
        return self._locks.setdefault((loop, name), asyncio.Lock())
