"""Customers who change what is known of them."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from shop.commerce.medusa import MedusaCommerce
from tests.peers.medusa.admin import Admin
from tests.peers.room import RemoteRoom
from tests.shop.buying import HOME


def person(admin: Admin, email: str) -> dict[str, Any]:
    asked = {"email": email, "has_account": "true", "fields": "*addresses"}
    (found,) = admin.ask("GET", "/customers", **asked)["customers"]
    return dict(found)


async def test_an_account_is_changed_there_as_well(
    commerce: MedusaCommerce, elsewhere: MedusaCommerce, room: RemoteRoom, medusa: Admin
) -> None:
    """But for the e-mail that they sign in with."""
    order = await room.known(elsewhere, "Ewa Bąk", "30-001")
    email = f"{uuid.uuid4().hex[:12]}@example.org"
    who = await commerce.find_shopper(email=order.email, order_number=order.number)
    for street in ("ul. Nowa 7", "ul. Nowa 7", "ul. Inna 8"):
        home = replace(HOME, street=street, city="Kraków")
        changed = await commerce.change_profile(
            who.id, street, email=email, phone="+48600700800", address=home
        )
    assert (changed.email, changed.address) == (email, home)
    there = person(medusa, order.email)
    assert there["phone"] == "+48600700800"
    usual = [one for one in there["addresses"] if one["is_default_shipping"]]
    assert [(one["address_1"], one["city"]) for one in usual] == [("ul. Inna 8", "Kraków")]
