"""Other variants in an order that is placed: its rows, what it costs, and the stock."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shop.commerce.changes import pieces
from shop.commerce.prestashop import sales
from shop.commerce.prestashop.api import Row
from shop.commerce.prestashop.records import Records
from shop.commerce.prestashop.shelf import parts
from shop.commerce.remote.amounts import minor
from shop.commerce.remote.levels import undone
from shop.commerce.remote.vendor import variant_id
from shop.model import Order, OrderLine, OutOfStock


class Items(Records):
    async def change_items(self, before: Order, after: Order, key: str) -> None:
        """The new variants are of the same products, so the share of tax in their price is the old
        one's. Stock is moved by us: PrestaShop does so only for whole orders. It takes several
        writes, of which each may be the last that is done: what becomes of the stock is noted at
        the order before, and the repeat, whose key is the same, carries on with what is missing."""
        data = await self._get(before.number)
        details = await self.api.find("order_details", id_order=data["id"])
        was, wanted = pieces(before), pieces(after)
        moves = {id_: wanted.get(id_, 0) - was.get(id_, 0) for id_ in {*wanted, *was}}
        rows = await self._stocked(moves)
        levels = (level for _, level in rows.values())
        left, note = undone(levels, await self._said(data), key)
        if note:
            await self._require(moves)
            await self._say(data, note)
        await self._rewrite(details, after)
        await self._restock(rows, left)
        await self._settle(data, details, after)

    async def _require(self, moves: Mapping[str, int]) -> None:
        more = {id_: count for id_, count in moves.items() if count > 0}
        for id_, left in (await self.shelf.left(more)).items():
            if left < more[id_]:
                raise OutOfStock(max(0, left))

    async def _rewrite(self, details: list[Row], after: Order) -> None:
        """Rows that still hold what they shall stay; the others become what is missing."""
        missing, free = list(after.lines), []
        for row in details:
            same = next((line for line in missing if holds(row, line)), None)
            missing.remove(same) if same else free.append(row)
        for line in missing:
            old = next((row for row in free if row["product_id"] == line.product_id), None)
            if old is not None:
                free.remove(old)
                await self.api.put("order_details", bought(old, line))
            else:
                row = next(row for row in details if row["product_id"] == line.product_id)
                new = {name: value for name, value in row.items() if name != "id"}
                await self.api.add("order_details", bought(new, line))
        for row in free:
            await self.api.drop("order_details", row["id"])

    async def _settle(self, data: Row, details: list[Row], after: Order) -> None:
        """What the order costs now; the difference is noted as paid, or paid back, if it was."""
        currency, taxed = after.total.currency, untaxed(details)
        goods = sum(line.total.minor for line in after.lines)
        off, total = after.discount.minor, after.total.minor
        payments = await self.api.find("order_payments", order_reference=data["reference"])
        difference = total - sum(minor(row["amount"], currency) for row in payments)
        if payments and difference:
            await self.api.add("order_payments", paying(data, difference, currency))
        for row in await self.api.find("order_cart_rules", id_order=data["id"]):
            net = sales.amount(off * taxed, currency)
            left = {"value": sales.amount(off, currency), "value_tax_excl": net}
            await self.api.put("order_cart_rules", {**row, **left})
        delivery = Decimal(data["total_shipping_tax_excl"])
        amounts: dict[str, int | Decimal] = {
            "total_products": goods * taxed,
            "total_products_wt": goods,
            "total_discounts": off,
            "total_discounts_tax_incl": off,
            "total_discounts_tax_excl": off * taxed,
            "total_paid": total,
            "total_paid_tax_incl": total,
        }
        values = {name: sales.amount(value, currency) for name, value in amounts.items()}
        net = sales.amount((goods - off) * taxed, currency)
        values["total_paid_tax_excl"] = str(Decimal(net) + delivery)
        if payments:
            values["total_paid_real"] = values["total_paid"]
        await self._write(data, values)


def holds(row: Row, line: OrderLine) -> bool:
    id_ = variant_id(row["product_id"], row["product_attribute_id"] or "0")
    return (id_, int(row["product_quantity"])) == (line.variant_id, line.quantity)


def untaxed(details: list[Row]) -> Decimal:
    """Which part of the price of the goods is not tax."""
    gross = sum((Decimal(row["total_price_tax_incl"]) for row in details), Decimal(0))
    net = sum((Decimal(row["total_price_tax_excl"]) for row in details), Decimal(0))
    return net / (gross or 1)


def bought(row: Row, line: OrderLine) -> dict[str, Any]:
    gross = Decimal(row["unit_price_tax_incl"])
    share = Decimal(row["unit_price_tax_excl"]) / (gross or 1)
    price = Decimal(line.price.decimal)
    net = (price * share).quantize(Decimal("0.000001"))
    labels = ", ".join(line.labels.values())
    name = f"{line.title} ({labels})" if labels else line.title
    return {
        **{field: value for field, value in row.items() if field != "associations"},
        "product_attribute_id": parts(line.variant_id)[1],
        "product_name": name,
        "product_quantity": str(line.quantity),
        "product_price": str(net),
        "unit_price_tax_excl": str(net),
        "unit_price_tax_incl": str(price),
        "total_price_tax_excl": str(net * line.quantity),
        "total_price_tax_incl": str(price * line.quantity),
    }


def paying(data: Row, minor_units: int, currency: str) -> dict[str, str]:
    return {
        "order_reference": data["reference"],
        "id_currency": data["id_currency"],
        "amount": sales.amount(minor_units, currency),
        "payment_method": data["payment"],
        "conversion_rate": data["conversion_rate"],
    }
