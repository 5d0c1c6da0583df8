"""Orders already placed at PrestaShop: paid, changed, cancelled. Each write looks first at what has
been done already, since an answer that was lost makes it come a second time."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from shop.commerce.prestashop import sales
from shop.commerce.prestashop.api import Row
from shop.commerce.prestashop.facts import on
from shop.commerce.prestashop.items import Items
from shop.commerce.remote.levels import undone
from shop.model import Address, PaymentMethod, Refused, Shopper

UNWRITABLE = ("secure_key", "last_passwd_gen", "associations")  # of customers


class Amending(Items):
    async def pay(self, number: str, method: PaymentMethod) -> None:
        """With this state PrestaShop notes a payment of what is left, if it makes invoices; how it
        was paid we tell."""
        data, facts = await self._get(number), await self.shelf.facts()
        if not on(facts.states[data["current_state"]], "paid"):
            await self._to(data, "paid")
        told = {"payment_method": method.kind, "transaction_id": method.id}
        for row in await self.api.find("order_payments", order_reference=data["reference"]):
            if not row["transaction_id"]:
                await self.api.put("order_payments", {**row, **told})

    async def cancel(self, number: str, reason: str) -> None:
        """PrestaShop gives the stock back itself with this state."""
        data, facts = await self._get(number), await self.shelf.facts()
        paid = sales.paid(data, facts)
        if data["current_state"] != facts.roles["cancelled"]:
            await self._to(data, "cancelled")
            await self._say(data, f"cancelled: {reason}")
        currency = facts.currency_of(data["id_currency"]).code
        slips = await self.api.find("order_slip", id_order=data["id"])
        await self._slip(data, paid - sales.refunded(slips, currency))

    async def refund(self, number: str, minor: int, reason: str) -> None:
        await self._slip(await self._get(number), minor)

    async def change_address(self, number: str, address: Address, point: str | None) -> None:
        """A new one: the old may be that of other orders, and of the invoice."""
        data, facts = await self._get(number), await self.shelf.facts()
        old = await self.api.find("addresses", id=data["id_address_delivery"])
        phone = old[0]["phone"] if old else ""
        where = sales.from_address(address, point, phone, data["id_customer"], facts)
        made = await self.api.add("addresses", where)
        await self._write(data, {"id_address_delivery": made["id"]})

    async def take_stock(self, pieces: Mapping[str, int], key: str) -> None:
        """PrestaShop has no idempotency keys: a message at the order keeps a repeat from doing it
        again (remote/levels.py)."""
        data, rows = await self._get(key.partition("/")[0]), await self._stocked(pieces)
        wanted = (level for _, level in rows.values())
        left, note = undone(wanted, await self._said(data), key)
        if note:
            await self._say(data, note)
        await self._restock(rows, left)

    async def change_customer(self, account: str, before: Shopper, after: Shopper) -> None:
        """Their e-mail; phone and address belong to addresses of theirs, which stay."""
        if before.email == after.email:
            return
        same = await self.api.find("customers", ("id", "is_guest"), email=after.email)
        if any(row["id"] != account and not on(row, "is_guest") for row in same):
            raise Refused("email_taken")
        for row in await self.api.find("customers", id=account):
            kept = {name: value for name, value in row.items() if name not in UNWRITABLE}
            await self.api.put("customers", {**kept, "email": after.email})

    async def remark(self, number: str, text: str) -> None:
        await self._say(await self._get(number), text)

    async def _to(self, data: Row, role: str) -> None:
        state = (await self.shelf.facts()).roles[role]
        wish = {"id_order": data["id"], "id_order_state": state}
        await self.api.add("order_histories", wish, sendemail="1")

    async def _slip(self, data: Row, minor_units: int) -> None:
        if minor_units <= 0:
            return
        currency = (await self.shelf.facts()).currency_of(data["id_currency"]).code
        gross = Decimal(data["total_paid_tax_incl"]) or Decimal(1)
        share = Decimal(data["total_paid_tax_excl"]) / gross
        amount = sales.amount(minor_units, currency)
        slip = {
            "id_customer": data["id_customer"],
            "id_order": data["id"],
            "conversion_rate": data["conversion_rate"],
            "total_products_tax_excl": sales.amount(minor_units * share, currency),
            "total_products_tax_incl": amount,
            "total_shipping_tax_excl": "0",
            "total_shipping_tax_incl": "0",
            "amount": amount,
            "partial": "1",
        }
        await self.api.add("order_slip", slip)
