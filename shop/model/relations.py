"""What a CRM keeps of shoppers: what they wished, what they bought, and what was said."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from shop.model.goods import Money
from shop.model.sales import Order, OrderState


@dataclass(frozen=True)
class Note:
    """What came of a conversation ("order_placed", "ticket_opened" ...). `who` is the shopper's
    e-mail or phone, empty for nobody; `transcript` holds (who, text) pairs, oldest first; `at` is
    in UTC seconds."""

    conversation: str
    outcome: str
    reference: str
    who: str
    at: int
    details: dict[str, str] = field(default_factory=dict)
    transcript: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Lead:
    """Somebody who asked for a person. `reference` is the ticket's number."""

    reference: str
    who: str
    question: str
    language: str


class DealStage(str, Enum):
    """In this order: a deal only moves on."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"

    def may_become(self, other: DealStage) -> bool:
        order = list(DealStage)
        return order.index(other) >= order.index(self)


@dataclass(frozen=True)
class Bought:
    product_id: str
    variant_id: str
    title: str
    quantity: int


@dataclass(frozen=True)
class Deal:
    """An order as a CRM sees it. `number` is the order's, `placed` in UTC seconds."""

    number: str
    who: str
    amount: Money
    stage: DealStage
    items: tuple[Bought, ...]
    placed: int


def deal_of(order: Order) -> Deal:
    open_ = (OrderState.AWAITING_PAYMENT, OrderState.PAYMENT_FAILED)
    stage = DealStage.OPEN if order.state in open_ else DealStage.WON
    if order.state is OrderState.CANCELLED:
        stage = DealStage.LOST
    items = tuple(
        Bought(line.product_id, line.variant_id, line.title, line.quantity) for line in order.lines
    )
    placed = int(order.placed.timestamp())
    return Deal(order.number, order.email, order.total, stage, items, placed)
