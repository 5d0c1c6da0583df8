"""What comes back: returns, exchanges, replacements and refunds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from shop.model.goods import Money
from shop.model.sales import PaymentMethod


class ReturnKind(str, Enum):
    RETURN = "return"
    EXCHANGE = "exchange"
    REPLACEMENT = "replacement"
    REFUND = "refund"


class ReturnState(str, Enum):
    REQUESTED = "requested"
    RECEIVED = "received"
    DONE = "done"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Return:
    """Something given back, exchanged, sent again or refunded. `quantities` are by line id,
    `changes` (exchange) line id to new variant id. `amount` is what goes to `method`; of an
    exchange the difference to pay when positive. `label` is the address of a prepaid label."""

    id: str
    kind: ReturnKind
    state: ReturnState
    order_number: str
    quantities: dict[str, int]
    reason: str
    amount: Money
    requested: datetime
    method: PaymentMethod | None = None
    changes: dict[str, str] = field(default_factory=dict)
    label: str | None = None
    send_by: datetime | None = None
    refund_by: datetime | None = None
