"""Customers who change what is known of them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from shop.commerce.vendure import VendureCommerce
from shop.model import Refused
from tests.peers.room import There
from tests.peers.vendure.admin import Admin
from tests.shop.buying import HOME

PERSON = """query($e: String!) { a: customers(options: {filter: {emailAddress: {eq: $e}}}) {
  items { id phoneNumber addresses { streetLine1 city defaultShippingAddress } } } }"""


def person(admin: Admin, email: str) -> dict[str, Any]:
    (found,) = admin.ask(PERSON, e=email)["items"]
    return dict(found)


def new_email() -> str:
    return f"{uuid.uuid4().hex[:12]}@example.org"


async def test_an_account_is_changed_there_as_well(
    commerce: VendureCommerce, elsewhere: VendureCommerce, room: There, vendure: Admin
) -> None:
    email, taken = new_email(), new_email()
    vendure.customer("Ewa Bąk", taken)
    order = await room.known(elsewhere, "Ewa Bąk", "30-001")
    account = person(vendure, order.email)["id"]
    who = await commerce.find_shopper(email=order.email, order_number=order.number)
    home = replace(HOME, street="ul. Nowa 7", city="Kraków")
    for _ in range(2):
        changed = await commerce.change_profile(
            who.id, "k", email=email, phone="+48600700800", address=home
        )
    assert (changed.email, changed.address) == (email, home)
    there = person(vendure, email)
    assert (there["id"], there["phoneNumber"]) == (account, "+48600700800")
    usual = [one for one in there["addresses"] if one["defaultShippingAddress"]]
    assert [(one["streetLine1"], one["city"]) for one in usual] == [("ul. Nowa 7", "Kraków")]
    with pytest.raises(Refused) as refusal:
        await commerce.change_profile(who.id, "k2", email=taken)
    assert refusal.value.reason == "email_taken"
    assert person(vendure, email)["id"] == account
