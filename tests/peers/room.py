"""The back room of a shop elsewhere: what happens to goods and orders there, happens there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

from shop.commerce.remote.commerce import RemoteCommerce
from tests.shop.commerce.doubles import FarRoom


@dataclass(frozen=True)
class There:
    """An order as the vendor's people see it. `state` is waiting, paid or cancelled; `kept` is
    what was paid and not paid back; `pieces` are by our ids of variants."""

    state: str
    total: int
    kept: int
    email: str
    name: str
    point: str
    pieces: dict[str, int]
    notes: tuple[str, ...]


class RemoteRoom(FarRoom, ABC):
    """`admin` does what a vendor's people do: product, promotion, customer, ship, price, stock."""

    def __init__(self, admin: Any, commerce: RemoteCommerce) -> None:
        super().__init__(admin, commerce)
        self.admin = admin

    @abstractmethod
    def there(self, number: str) -> There: ...
