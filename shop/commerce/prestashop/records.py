"""Orders read with all that belongs to them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from decimal import Decimal

from shop.commerce.prestashop import sales
from shop.commerce.prestashop.api import Api, Row
from shop.commerce.prestashop.sales import Around, grouped
from shop.commerce.prestashop.shelf import Shelf, parts
from shop.commerce.remote.levels import Level
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

    async def _say(self, data: Row, text: str) -> None:
        """A private message in the order's thread, which is shown at the order."""
        found = await self.api.find("customer_threads", ("id",), id_order=data["id"])
        thread = found[0] if found else await self._thread(data)
        message = {"id_customer_thread": thread["id"], "message": text, "private": "1"}
        await self.api.add("customer_messages", {**message, "read": "0"})

    async def _said(self, data: Row) -> list[str]:
        threads = await self.api.find("customer_threads", ("id",), id_order=data["id"])
        ids = {row["id"] for row in threads}
        found = await self.api.find("customer_messages", ("message",), id_customer_thread=ids)
        return [row["message"] for row in found]

    async def _thread(self, data: Row) -> Row:
        taken = ("id_lang", "id_shop", "id_customer")
        contact, token = (await self.shelf.facts()).contact, secrets.token_hex(6)
        thread = {"id_order": data["id"], "id_contact": contact, "token": token, "status": "open"}
        named = {name: data[name] for name in taken}
        return await self.api.add("customer_threads", {**named, **thread})

    async def _stocked(self, pieces: Mapping[str, int]) -> dict[str, tuple[Row, Level]]:
        """The rows of the stock that these pieces (by variant id) are taken off, and how."""
        products, found = {parts(id_)[0] for id_ in pieces}, {}
        for row in await self.api.find("stock_availables", id_product=products):
            taken = pieces.get(variant_id(row["id_product"], row["id_product_attribute"]), 0)
            if taken:
                now = int(row["quantity"])
                found[row["id"]] = row, Level(row["id"], now, now - taken)
        return found

    async def _restock(self, rows: Mapping[str, tuple[Row, Level]], left: list[Level]) -> None:
        for level in left:
            row, _ = rows[level.place]
            await self.api.put("stock_availables", {**row, "quantity": str(level.after)})
