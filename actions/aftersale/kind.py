"""What can be wished for: its questions, the rule it is under, how it is read back and done."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from actions.aftersale.context import Context
from actions.aftersale.lines import line_words
from actions.aftersale.model import Request
from actions.aftersale.question import Question
from actions.turn import choice, said
from shop import rules
from shop.crm import telling
from shop.crm.words import mark_of
from shop.model import Deal, Note, NotFound, Order, Refused
from shop.store import now

Entry = dict[str, Any]


class Kind(ABC):
    """`what` is its rule in shop/rules.py. Only a `writes` kind is read back and needs a yes."""

    name: str
    intents: frozenset[str]
    what: str | None = None
    questions: tuple[Question, ...] = ()
    writes = True
    personal = False  # about the shopper, not about an order placed in the conversation

    def rule(self, request: Request) -> str | None:
        return self.what

    def refusal(self, context: Context, request: Request) -> Refused | None:
        order, what = context.order(request), self.rule(request)
        return rules.refusal(order, what, context.at) if order and what else None

    def instead(self, context: Context, order: Order) -> str | None:
        """The kind that does the same for an order in another state."""
        return None

    async def check(self, context: Context, request: Request) -> Refused | None:
        """What only the whole request shows, before it is read back."""
        return None

    async def read_back(self, context: Context, request: Request, values: Entry) -> None:
        context.turn.say(f"utter_confirm_{self.name}", **values, choices=answers(self.name))

    async def values(self, context: Context, request: Request) -> Entry:
        """What the read-back and the outcome say; also what a yes is bound to."""
        return {}

    def before(self, context: Context, request: Request) -> Entry:
        """What an undo needs to know of how it was."""
        return {}

    @abstractmethod
    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        """Does it and says so, in the values that were read back. Gives what an undo needs to know
        of what was done."""


def answers(name: str) -> list[Entry]:
    return [
        choice(said(f"utter_name_do_{name}"), "affirm"),
        choice(said("utter_name_change"), "deny"),
        choice(said("utter_name_leave"), "stop"),
    ]


def order_of(context: Context, request: Request) -> Order:
    order = context.order(request)
    if order is None:
        raise NotFound(f"order {request.order}")
    return order


def items_words(order: Order, items: dict[str, int] | None) -> list[dict[str, object]]:
    """The lines meant, as many pieces as meant."""
    return [
        {**line_words(line), "quantity": items[line.id]}
        for line in order.lines
        if items and line.id in items
    ]


async def log(context: Context, outcome: str, reference: str, *facts: Deal, **details: Any) -> None:
    """The CRM hears of it, and of what it changes for an order."""
    who = context.shopper.email if context.shopper else next((o.email for o in context.orders), "")
    told = {name: str(value) for name, value in details.items() if value is not None}
    note = Note(context.turn.conversation, outcome, reference, who, now(), told)
    await telling.mention(mark_of(note), *facts, note)
