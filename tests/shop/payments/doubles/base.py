"""A provider's double: takes requests as the vendor's documents say and refuses others, keeps
payments, and counts the money that it took. What shoppers do on its page is `pay`, `fail`, `end`.
"""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

from shop.payments.hosted import HostedPayments
from tests.shop.payments import spec
from tests.shop.vendor import Asked, Said

Call = tuple[dict[str, str], bytes]


@dataclass
class Taken:
    """A payment at the provider: `asked` is the request that opened it."""

    id: str
    reference: str
    asked: dict[str, Any]
    state: str
    amount: int
    currency: str
    captured: int = 0  # times that the money was taken
    refunds: dict[str, int] = field(default_factory=dict)

    @property
    def left(self) -> int:
        return self.amount * min(self.captured, 1) - sum(self.refunds.values())


class Double(ABC):
    webhooks = True
    accepted = b""
    specs: tuple[str, ...] = ()

    def __init__(self) -> None:
        for name in () if spec.MISSING else self.specs:
            spec.spec(name)  # takes seconds the first time, which no request should wait for
        self.payments: dict[str, Taken] = {}
        self.problems: list[str] = []  # of requests, against the specification
        self._numbers = itertools.count(1)

    @abstractmethod
    def answer(self, asked: Asked) -> Said: ...

    @abstractmethod
    def adapter(self, api: str, store: str) -> HostedPayments: ...

    @abstractmethod
    def call(self, payment_id: str, event: str = "paid") -> Call:
        """A signed webhook: event is "paid", "failed", "pending", "other" (of no payment) or, where
        the provider tells of it, "returned" or "unreturned", of a refund that it took before."""

    @abstractmethod
    def pay(self, payment_id: str) -> None: ...

    @abstractmethod
    def fail(self, payment_id: str) -> None:
        """The payment ends without money, as far as this provider tells."""

    def number(self) -> int:
        return next(self._numbers)

    def check(self, name: str, asked: Asked, path: str, body: Any) -> Said | None:
        """The refusal of a request that the specification does not allow."""
        found = spec.request_faults(name, asked.method, path, body)
        self.problems += [f"{path} {fault}" for fault in found]
        return Said(400, {"error": {"code": "invalid", "message": found[0]}}) if found else None

    def of(self, reference: str) -> Taken | None:
        return next((p for p in self.payments.values() if p.reference == reference), None)
