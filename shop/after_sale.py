"""The part of the policy that says what may be done to an order already placed, and by whom."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from shop.model import OrderState


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(Part):
    """`code_for` names what needs the code: cancel, change_items, change_payment, change_address,
    change_profile, return, exchange, problem."""

    order_number_with_email: bool
    code_for: tuple[str, ...]
    code_minutes: int
    code_tries: int
    codes_an_hour: int


class Allowed(Part):
    """In which states of an order something may be done, and for which reasons."""

    states: tuple[OrderState, ...]
    reasons: tuple[str, ...] = ()
    refund_to: tuple[Literal["original", "gift_card"], ...] = ("original",)
    times: Literal[1] = 1  # a second change of the items is a new order


class Problem(Part):
    """What may be wrong with an order; without states, in every state."""

    states: tuple[OrderState, ...]
    remedies: tuple[Literal["replacement", "refund", "ticket"], ...]
    photo: bool = False
    send_back: bool = False


class AfterSalePolicy(Part):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    confirm_minutes: int
    ask_method: Literal["always", "where_money_moves"]
    cancel: Allowed
    change_items: Allowed
    change_payment: Allowed
    change_address: Allowed
    return_: Allowed = Field(alias="return")
    exchange: Allowed
    problems: dict[str, Problem]

    def allowed(self, what: str) -> Allowed:
        """Of cancel, change_items, change_payment, change_address, return or exchange."""
        return getattr(self, "return_" if what == "return" else what)
