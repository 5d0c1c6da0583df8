"""Codes of carts, kept by us until the order, and written to the order then."""

from __future__ import annotations

from decimal import Decimal

from shop.commerce.prestashop import codes, sales
from shop.commerce.prestashop.api import Row
from shop.commerce.prestashop.records import Records
from shop.commerce.remote.amounts import minor
from shop.model import Locale, Refused


class Coupons(Records):
    async def _rule(self, code: str) -> Row | None:
        found = await self.api.find("cart_rules", code=code)
        return next((row for row in found if row["code"].casefold() == code.casefold()), None)

    async def _usable(self, code: str, email: str) -> None:
        """Raises Refused where the rule, or this person's share of it, is used up."""
        rule = codes.check(await self._rule(code), await self.shelf.facts())
        people = await self.api.find("customers", ("id",), email=email)
        ids = {row["id"] for row in people}
        orders = await self.api.find("orders", ("id", "current_state"), id_customer=ids)
        gone = {(await self.shelf.facts()).roles[role] for role in ("cancelled", "failed")}
        kept = {row["id"] for row in orders if row["current_state"] not in gone}
        uses = await self.api.find("order_cart_rules", id_order=kept, id_cart_rule=rule["id"])
        if len(uses) >= int(rule["quantity_per_user"] or 1):
            raise Refused("code_used")

    async def _take_off(self, id_: str, code: str) -> None:
        """Writes a code's discount to an order that has just been placed without it: first what it
        is, then what the order costs, so that a repeat sees what is still to be done."""
        data, facts = await self._get(sales.number_of(id_)), await self.shelf.facts()
        if sales.paid(data, facts):
            return
        locale = Locale("", facts.currency_of(data["id_currency"]).code)
        noted = await self.api.find("order_cart_rules", id_order=id_)
        share = Decimal(data["total_products"]) / (Decimal(data["total_products_wt"]) or 1)
        if not noted:
            try:
                rule = codes.check(await self._rule(code), facts)
                goods = minor(data["total_products_wt"], locale.currency)
                off = codes.discount(rule, goods, locale, facts)
            except Refused:
                return  # it ended between the check and the order, which costs what it says
            value = sales.amount(off, locale.currency)
            note = {
                "id_order": id_,
                "id_cart_rule": rule["id"],
                "name": rule["code"],
                "value": value,
                "value_tax_excl": sales.amount(off * share, locale.currency),
                "free_shipping": "0",
            }
            noted = [await self.api.add("order_cart_rules", note)]
            left = str(int(rule["quantity"]) - 1)
            name = facts.translated(rule["name"])
            await self.api.put("cart_rules", {**rule, "quantity": left, "name": name})
        off = minor(noted[0]["value"], locale.currency)
        if minor(data["total_discounts_tax_incl"], locale.currency) != off:
            await self._write(data, less(data, off, share, locale.currency))


def less(data: Row, off: int, share: Decimal, currency: str) -> dict[str, str]:
    """What an order costs without so much."""
    gross, net = Decimal(sales.amount(off, currency)), Decimal(sales.amount(off * share, currency))
    paid = str(Decimal(data["total_paid_tax_incl"]) - gross)
    return {
        "total_discounts": str(gross),
        "total_discounts_tax_incl": str(gross),
        "total_discounts_tax_excl": str(net),
        "total_paid": paid,
        "total_paid_tax_incl": paid,
        "total_paid_tax_excl": str(Decimal(data["total_paid_tax_excl"]) - net),
    }
