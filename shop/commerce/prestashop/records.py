"""Orders read with all that belongs to them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal

from shop.commerce.prestashop import sales
from shop.commerce.prestashop.api import Api, Row
from shop.commerce.prestashop.sales import Around, grouped
from shop.commerce.prestashop.shelf import Shelf, parts
from shop.commerce.remote.vendor import TheirOrder, variant_id
from shop.model import NotFound

MOST = 20  # orders of one person that are looked at, the newest
PEOPLE = 100  # customers of one e-mail or name: every order of a guest makes one


class Records:
    def __init__(self, shelf: Shelf, module: str, payment: str) -> None:
        self.shelf, self.module, self.payment = shelf, module, payment

    @property
    def api(self) -> Api:
        return self.shelf.api

    async def order(self, number: str) -> TheirOrder | None:
        found = await self._find(number)
        return (await self._read([found]))[0] if found else None

    async def orders(self, *, email: str = "", name: str = "") -> tuple[TheirOrder, ...]:
        people: set[str] = set()
        if email:
            same = await self.api.find("customers", ("id",), newest=PEOPLE, email=email)
            people |= {row["id"] for row in same}
        # Shoppers say "Bąk Ewa" as well as "Ewa Bąk": any word may be the family name.
        for word in name.split():
            alike = await self.api.containing("customers", "lastname", word, PEOPLE)
            people |= {row["id"] for row in alike}
        found = await self.api.find("orders", newest=MOST, id_customer=people)
        return tuple(await self._read(found))

    async def _find(self, number: str) -> Row | None:
        id_ = sales.id_of(number)
        found = await self.api.find("orders", id=id_) if id_ else []
        return found[0] if found else None

    async def _get(self, number: str) -> Row:
        data = await self._find(number)
        if data is None:
            raise NotFound(f"order {number}")
        return data

    async def _read(self, found: list[Row]) -> list[TheirOrder]:
        """Nothing is asked for that an order cannot have yet."""
        facts = await self.shelf.facts()
        people = {row["id_customer"] for row in found}
        places = {row["id_address_delivery"] for row in found}
        sent = [row["id"] for row in found if sales.sent(row, facts)]
        paid = [row["id"] for row in found if sales.paid(row, facts)]
        less = [row["id"] for row in found if Decimal(row["total_discounts_tax_incl"])]
        customers, addresses, slips, rules, history = await asyncio.gather(
            self.api.find("customers", ("id", "email", "is_guest"), id=people),
            self.api.find("addresses", id=places),
            self.api.find("order_slip", id_order=paid),
            self.api.find("order_cart_rules", id_order=less),
            self.api.find("order_histories", id_order=sent),
        )
        around = Around(
            facts,
            {row["id"]: row for row in customers},
            {row["id"]: row for row in addresses},
            *(grouped(rows) for rows in (slips, rules, history)),
        )
        return [sales.order(row, around) for row in found]

    async def _write(self, data: Row, values: Mapping[str, str]) -> None:
        """All fields are sent: PrestaShop empties those that are not."""
        row = {name: value for name, value in data.items() if name != "associations"}
        await self.api.put("orders", {**row, **values})

    async def _move(self, pieces: Mapping[str, int]) -> None:
        """Takes pieces (by variant id) off the stock."""
        products = {parts(id_)[0] for id_ in pieces}
        for row in await self.api.find("stock_availables", id_product=products):
            taken = pieces.get(variant_id(row["id_product"], row["id_product_attribute"]), 0)
            if taken:
                left = int(row["quantity"]) - taken
                await self.api.put("stock_availables", {**row, "quantity": str(left)})
