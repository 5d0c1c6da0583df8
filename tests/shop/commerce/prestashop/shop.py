"""What PrestaShop does behind its webservice: prices, orders out of carts, states, stock. As in its
Order::addWs, PaymentModule::validateOrder and OrderHistory::changeIdOrderState.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
import string
import uuid
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.shop.commerce.prestashop.fields import Resource
from tests.shop.commerce.prestashop.server import Row, Webservice, Wrong

ZONE = "Europe/Warsaw"
WAITING, PAID, PREPARATION, SHIPPED, DELIVERED, CANCELLED = 20, 2, 3, 4, 5, 6
REMOTE = 11  # "Remote payment accepted", where orders of the webservice begin if nobody cares
MODULES = {"ps_wirepayment": "Bank transfer", "ps_checkpayment": "Payments by check"}
CENT = Decimal("0.01")
ALIAS = re.compile(r"price\[(\w+)\]\[(\w+)\]")
DIED = Wrong(500, 0, "")  # die() leaves nothing


class PrestaShop(Webservice):
    """`nets` are prices without tax and reduced ones, by product, combination and currency."""

    def __init__(self) -> None:
        super().__init__()
        self.nets: dict[tuple[int, int, str], tuple[Decimal, Decimal | None]] = {}
        self.mails: list[tuple[int, int]] = []  # order and state

    def setting(self, name: str) -> str:
        return str(self.where("configurations", name=name)[0]["value"])

    def tax(self, country: Any) -> Decimal:
        (rule,) = self.where("tax_rules", id_country=country)
        return 1 + Decimal(self.tables["taxes"][int(rule["id_tax"])]["rate"]) / 100

    def price(
        self, product: int, combination: int, currency: str, country: Any, reduced: bool = True
    ) -> Decimal:
        regular, sale = self.nets[product, combination, currency]
        net = sale if reduced and sale is not None else regular
        return (net * self.tax(country)).quantize(CENT, ROUND_HALF_UP)

    def priced(self, resource: Resource, row: Row, query: dict[str, str]) -> Row:
        asked: dict[str, dict[str, str]] = {}
        for name, value in query.items():
            if shape := ALIAS.fullmatch(name):
                asked.setdefault(shape[1], {})[shape[2]] = value
        combined = resource.name == "combinations"
        product, other = (int(row["id_product"]), row["id"]) if combined else (row["id"], 0)
        found = {}
        for alias, wish in asked.items():
            assert wish["use_tax"] == "1"
            assert (wish["decimals"], wish["group"]) == ("2", "2")
            if (product, other, wish["currency"]) in self.nets:
                reduced = wish["use_reduction"] == "1"
                price = self.price(product, other, wish["currency"], wish["country"], reduced)
                found[alias.lower()] = f"{price:.6f}"
            else:
                found[alias.lower()] = "0.000000"
        return found

    def shown(self, resource: Resource, row: Row, query: dict[str, str]) -> Row:
        """The number of its parcel is the carrier's record of the order's."""
        if resource.name == "orders":
            parcels = self.where("order_carriers", id_order=row["id"])
            row = {**row, "shipping_number": "".join(p["tracking_number"] for p in parcels)}
        return super().shown(resource, row, query)

    def associations(self, resource: Resource, row: Row) -> Row:
        if resource.name != "orders":
            return super().associations(resource, row)
        names = ("product_id", "product_attribute_id", "product_quantity", "product_name")
        prices = ("unit_price_tax_incl", "unit_price_tax_excl", "product_price")
        details = self.where("order_details", id_order=row["id"])
        rows = [{name: one[name] for name in ("id", *names, *prices)} for one in details]
        return {"order_rows": rows}

    def post(self, resource: Resource, row: Row, query: dict[str, str]) -> Row:
        if resource.name == "orders":
            return self.validate_order(row)
        made = super().post(resource, row, query)
        if "date_add" in resource.fields and not made.get("date_add"):
            made["date_add"] = moment()
        if resource.name == "customers":
            made["secure_key"] = hashlib.md5(uuid.uuid4().bytes).hexdigest()
            made["passwd"] = f"$2y$10${uuid.uuid4().hex}"
        if resource.name == "order_histories":
            order = self.tables["orders"][int(row["id_order"])]
            self.change_state(order, int(row["id_order_state"]), query.get("sendemail") == "1")
        return made

    def put(self, resource: Resource, id_: int, row: Row) -> None:
        before = self.tables[resource.name][id_]
        wanted = row.get("current_state")
        super().put(resource, id_, row)
        if resource.name == "orders" and wanted != before["current_state"]:
            after = self.tables["orders"][id_]
            after["current_state"] = before["current_state"]
            if wanted:
                self.change_state(after, int(wanted), True)

    def delete(self, resource: Resource, id_: int) -> None:
        if resource.name == "carts" and self.where("orders", id_cart=id_):
            raise Wrong(500, 0, "a cart with an order")
        super().delete(resource, id_)

    def validate_order(self, wish: Row) -> Row:
        cart = self.tables["carts"].get(int(wish["id_cart"]))
        customer = self.tables["customers"].get(int(wish["id_customer"]))
        if cart is None or customer is None or wish["module"] not in MODULES:
            raise DIED
        if self.where("orders", id_cart=cart["id"]):
            raise DIED
        if cart["secure_key"] not in ("", customer["secure_key"]):
            raise DIED
        address = self.tables["addresses"][int(cart["id_address_delivery"])]
        chosen = json.loads(cart["delivery_option"] or "{}").get(str(address["id"]), "")
        carrier = self.tables["carriers"][int(chosen.strip(",") or cart["id_carrier"])]
        country, currency = address["id_country"], cart["id_currency"]
        rows = [
            (r, self.row_price(r, currency, country)) for r in cart["associations"]["cart_rows"]
        ]
        goods = sum((price * int(r["quantity"]) for r, price in rows), Decimal(0))
        sent = self.delivery(carrier, country, goods, currency)
        order = self.insert("orders", self.order_row(wish, cart, carrier, goods, sent, country))
        for row, price in rows:
            self.add_detail(order, row, price, country)
        parcel = {"id_order": order["id"], "id_carrier": carrier["id"], "tracking_number": ""}
        self.insert("order_carriers", {**parcel, "date_add": moment()})
        self.change_state(order, int(self.setting("PS_OS_WS_PAYMENT")), True)
        self.insert("order_histories", history(order, order["current_state"]))
        return order

    def row_price(self, row: Row, currency: str, country: Any) -> Decimal:
        product, combination = int(row["id_product"]), int(row["id_product_attribute"])
        return self.price(product, combination, currency, country)

    def order_row(
        self, wish: Row, cart: Row, carrier: Row, goods: Decimal, sent: Decimal, country: Any
    ) -> Row:
        share = 1 / self.tax(country)
        letters = "".join(random.choices(string.ascii_uppercase, k=9))
        gross = {"total_products_wt": goods, "total_shipping": sent, "total_paid": goods + sent}
        gross |= {"total_shipping_tax_incl": sent, "total_paid_tax_incl": goods + sent}
        net = {"total_products": goods, "total_shipping_tax_excl": sent}
        net |= {"total_paid_tax_excl": goods + sent}
        zero = ("total_discounts", "total_discounts_tax_incl", "total_discounts_tax_excl")
        return {
            **dict.fromkeys(("shipping_number", "note", "gift_message"), ""),
            **{name: f"{value:.6f}" for name, value in gross.items()},
            **{name: f"{value * share:.6f}" for name, value in net.items()},
            **dict.fromkeys((*zero, "total_paid_real"), "0.000000"),
            **{n: cart[n] for n in ("id_address_delivery", "id_address_invoice", "id_lang")},
            "id_cart": str(cart["id"]),
            "id_currency": cart["id_currency"],
            "id_customer": cart["id_customer"],
            "id_carrier": str(carrier["id"]),
            "current_state": "",
            "module": wish["module"],
            "payment": wish["payment"],
            "conversion_rate": wish["conversion_rate"],
            "reference": letters,
            "date_add": moment(),
            "id_shop": "1",
        }

    def delivery(self, carrier: Row, country: Any, goods: Decimal, currency: str) -> Decimal:
        """All carriers here go by price, in ranges of the default currency."""
        rate = Decimal(self.tables["currencies"][int(currency)]["conversion_rate"])
        zone = self.tables["countries"][int(country)]["id_zone"]
        for row in self.where("deliveries", id_carrier=carrier["id"], id_zone=zone):
            step = self.tables["price_ranges"][int(row["id_range_price"])]
            if Decimal(step["delimiter1"]) <= goods / rate < Decimal(step["delimiter2"]):
                price = Decimal(row["price"]) * rate * self.tax(country)
                return price.quantize(CENT, ROUND_HALF_UP)
        raise DIED

    def add_detail(self, order: Row, row: Row, price: Decimal, country: Any) -> None:
        product, combination = int(row["id_product"]), int(row["id_product_attribute"])
        count, net = int(row["quantity"]), price / self.tax(country)
        detail = {
            "id_order": str(order["id"]),
            "product_id": str(product),
            "product_attribute_id": str(combination),
            "id_order_invoice": "0",
            "id_warehouse": "0",
            "id_shop": "1",
            "product_name": self.tables["products"][product]["name"]["1"],
            "product_quantity": str(count),
            "product_price": f"{net:.6f}",
            "unit_price_tax_incl": f"{price:.6f}",
            "unit_price_tax_excl": f"{net:.6f}",
            "total_price_tax_incl": f"{price * count:.6f}",
            "total_price_tax_excl": f"{net * count:.6f}",
        }
        self.insert("order_details", detail)
        self.restock(product, combination, -count)

    def restock(self, product: int, combination: int, count: int) -> None:
        """May go below nothing."""
        (row,) = self.where(
            "stock_availables", id_product=product, id_product_attribute=combination
        )
        row["quantity"] = str(int(row["quantity"]) + count)

    def change_state(self, order: Row, state: int, mail: bool) -> None:
        new, old = self.tables["order_states"][state], order["current_state"]
        if state == CANCELLED and old and int(old) != CANCELLED:
            for row in self.where("order_details", id_order=order["id"]):
                left = int(row["product_quantity"])
                self.restock(int(row["product_id"]), int(row["product_attribute_id"]), left)
        order["current_state"] = str(state)
        if new["paid"] == "1":
            self.take_payment(order)
        if mail:
            self.mails.append((order["id"], state))

    def take_payment(self, order: Row) -> None:
        """The invoice's rest is noted as paid."""
        known = self.where("order_payments", order_reference=order["reference"])
        paid = sum((Decimal(one["amount"]) for one in known), Decimal(0))
        rest = Decimal(order["total_paid_tax_incl"]) - paid
        if rest > 0:
            names = ("id_currency", "conversion_rate")
            payment = {"order_reference": order["reference"], **{n: order[n] for n in names}}
            self.insert("order_payments", {**payment, "amount": f"{rest:.6f}"})
            order["total_paid_real"] = f"{Decimal(order['total_paid_real']) + rest:.6f}"


def moment() -> str:
    return datetime.now(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M:%S")


def history(order: Row, state: str) -> Row:
    return {"id_order": str(order["id"]), "id_order_state": state, "date_add": moment()}
