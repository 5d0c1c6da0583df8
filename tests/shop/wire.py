"""An adapter at the other end of a real connection, which can fail in every way that they do."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from shop.http import BackEnd
from tests.shop.vendor import Asked, Said, serving

SLOW = 1.0  # seconds: the tests that use it wait less
HTML = {"Content-Type": "text/html"}
FAULTS = {
    "slow": Said(wait=SLOW),
    "down": Said(cut=0),
    "429": Said(429, headers={"Retry-After": "60"}),
    "500": Said(500),
    "html": Said(200, b"<html>Bad gateway</html>", HTML),
    "cut": Said(200, {"ticket": "x" * 50}, cut=20),
}
LOST = "lost"  # done, but the answer is cut off


class Wire:
    """Counts the requests; from the `first` one on they fail in a way of FAULTS, until it is
    mended. `lost` is that of one answer only."""

    def __init__(self, answer: Callable[[Asked], Said]) -> None:
        self._answer, self.count = answer, 0
        self.first: int | None = None
        self.fault = ""

    def breaks(self, first: int, fault: str) -> None:
        self.count, self.first, self.fault = 0, first, fault

    def mend(self) -> None:
        self.first = None

    def answer(self, asked: Asked) -> Said:
        now, self.count = self.count, self.count + 1
        if self.first is None or now < self.first:
            return self._answer(asked)
        if self.fault == LOST:
            self.mend()
            return Said(200, self._answer(asked).bytes, cut=0)
        return FAULTS[self.fault]


class Far:
    """Stands for an adapter: what its methods are asked goes over the wire as a ticket, arguments
    and results stay in this process."""

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter
        self._asked: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {}
        self._done: dict[str, Any] = {}
        self._back_end: BackEnd | None = None
        self.url = ""

    def connect(self, url: str) -> None:
        self.url = url
        self._back_end = BackEnd(type(self._adapter).__name__, url)

    def answer(self, asked: Asked) -> Said:
        ticket = asked.json["ticket"]
        values, named = self._asked[ticket]
        work = getattr(self._adapter, asked.path.strip("/"))
        try:
            self._done[ticket] = asyncio.run(work(*values, **named))
        except Exception as refusal:
            self._done[ticket] = refusal
        return Said(200, {"ticket": ticket})

    def __getattr__(self, method: str) -> Callable[..., Any]:
        async def call(*values: Any, **named: Any) -> Any:
            assert self._back_end
            ticket = uuid.uuid4().hex
            self._asked[ticket] = values, named
            answer = await self._back_end.call("POST", f"/{method}", json={"ticket": ticket})
            result = self._done[answer.content["ticket"]]
            if isinstance(result, Exception):
                raise result
            return result

        return call


@contextmanager
def far(adapter: Any) -> Iterator[tuple[Any, Wire]]:
    there = Far(adapter)
    wire = Wire(there.answer)
    with serving(wire.answer) as server:
        there.connect(server.url)
        yield there, wire
