"""Orders of a WooCommerce shop: what it reckons, and when its stock moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal
from itertools import count
from typing import Any

from shop.text import fold
from tests.shop.commerce.woocommerce.goods import Goods

RATE = Decimal("0.23")
CENT = Decimal("0.01")
REDUCED = ("on-hold", "processing", "completed")  # for these the stock has been reduced
GIVEN_BACK = ("pending", "cancelled")  # these give it back
HIDDEN = ("auto-draft", "trash")
READY = {
    "billing",
    "shipping",
    "payment_method",
    "payment_method_title",
    "transaction_id",
}


class No(Exception):
    """An answer of WooCommerce's in its words."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class Orders:
    def __init__(self, goods: Goods) -> None:
        self.goods, self.all = goods, dict[int, dict[str, Any]]()
        self.coupons: dict[str, dict[str, Any]] = {}
        self.notes: dict[int, list[str]] = {}
        self.customers: dict[str, int] = {}
        self._ids, self._items = count(50_001), count(1)

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        id_, at = next(self._ids), stamp()
        empty: dict[str, Any] = {"id": id_, "number": str(id_), "status": "pending"}
        order = empty | {"currency": "PLN", "customer_id": 0, "date_created_gmt": at, "refunds": []}
        order |= {"date_paid_gmt": None, "date_completed_gmt": None, "payment_method": ""}
        order |= {"billing": {}, "shipping": {}, "meta_data": [], "reduced": False}
        order |= {"line_items": [], "shipping_lines": [], "coupon_lines": []}
        self._write(order, body)
        self.all[id_], self.notes[id_] = order, []
        return order

    def update(self, id_: int, body: dict[str, Any]) -> dict[str, Any]:
        order = self.get(id_)
        self._write(order, body)
        return order

    def get(self, id_: int) -> dict[str, Any]:
        if id_ not in self.all:
            raise No(404, "woocommerce_rest_shop_order_invalid_id")
        return self.all[id_]

    def found(self, words: str) -> list[dict[str, Any]]:
        """Newest first; drafts are in no list."""
        shown = [o for o in self.all.values() if o["status"] not in HIDDEN]
        return [o for o in reversed(shown) if fold(words) in fold(indexed(o))]

    def refund(self, id_: int, body: dict[str, Any]) -> dict[str, Any]:
        order, amount = self.get(id_), Decimal(body["amount"])
        left = total(order) + sum(Decimal(one["total"]) for one in order["refunds"])
        if amount <= 0 or amount > left:
            raise No(500, "woocommerce_rest_cannot_create_order_refund")
        one = {"id": next(self._items), "reason": body.get("reason", ""), "total": f"-{amount}"}
        order["refunds"].append(one)
        if amount == left:
            order["status"] = "refunded"
        return {**one, "amount": str(amount)}

    def moved_to(self, customer: int, email: str) -> dict[str, Any]:
        """A customer with another e-mail, which nobody else may have."""
        if self.customers.get(email, customer) != customer:
            raise No(400, "woocommerce_rest_customer_invalid_email")
        kept = {e: id_ for e, id_ in self.customers.items() if id_ != customer}
        self.customers = {**kept, email: customer} if email else self.customers
        return {"id": customer, "email": email}

    def _write(self, order: dict[str, Any], body: dict[str, Any]) -> None:
        order |= {name: value for name, value in body.items() if name in READY}
        order["currency"] = body.get("currency", order["currency"])
        for line in body.get("line_items", ()):
            self._line(order, line)
        for line in body.get("shipping_lines", ()):
            order["shipping_lines"].append({"id": next(self._items), **line})
        if "coupon_lines" in body:
            self._coupons(order, [line["code"].lower() for line in body["coupon_lines"]])
        if status := body.get("status"):
            self._status(order, status)

    def _line(self, order: dict[str, Any], line: dict[str, Any]) -> None:
        """A line's stock follows the next state of its order, whatever becomes of the line."""
        if "id" in line:
            if line["id"] not in {one["id"] for one in order["line_items"]}:
                raise No(400, "woocommerce_rest_invalid_item_id")
            assert line["quantity"] == 0, "only removal is asked for here"
            order["line_items"] = [o for o in order["line_items"] if o["id"] != line["id"]]
            return
        row = self.goods.variations.get(line["product_id"], {}).get(line.get("variation_id", 0))
        if row is None:
            raise No(400, "woocommerce_rest_required_product_reference")
        beside = row["multi-currency-prices"].get(order["currency"], row)
        net = Decimal(beside["price"]) * line["quantity"] / (1 + RATE)
        made = {"id": next(self._items), "name": self.goods.words[line["product_id"]]["en"]}
        made |= {"product_id": line["product_id"], "variation_id": row["id"]}
        made |= {"quantity": line["quantity"], "subtotal": Decimal(line.get("subtotal", net))}
        made["total"] = Decimal(line.get("total", made["subtotal"]))
        order["line_items"].append(made)

    def _coupons(self, order: dict[str, Any], codes: list[str]) -> None:
        for line in order["line_items"]:
            line["total"] = line["subtotal"]
        order["coupon_lines"] = []
        for code in codes:
            coupon = self.coupons.get(code)
            goods = sum(line["subtotal"] * (1 + RATE) for line in order["line_items"])
            if coupon is None or not valid(coupon, goods, order["billing"].get("email", "")):
                raise No(400, "woocommerce_rest_invalid_coupon")
            for line in order["line_items"]:
                gross = (line["subtotal"] * (1 + RATE)).quantize(CENT)
                off = (gross * Decimal(coupon["amount"]) / 100).quantize(CENT, ROUND_HALF_UP)
                line["total"] = (gross - off) / (1 + RATE)
            order["coupon_lines"].append({"id": next(self._items), "code": code})

    def _status(self, order: dict[str, Any], status: str) -> None:
        order["status"] = status
        if status in REDUCED and not order["reduced"]:
            self._move(order, -1)
        if status in GIVEN_BACK and order["reduced"]:
            self._move(order, 1)
        if status in ("processing", "completed") and not order["date_paid_gmt"]:
            order["date_paid_gmt"] = stamp()
        if status == "completed":
            order["date_completed_gmt"] = stamp()
        if status == "on-hold":
            for line in order["coupon_lines"]:
                self.coupons[line["code"]]["usage_count"] += 1
                self.coupons[line["code"]]["used_by"].append(order["billing"].get("email"))

    def _move(self, order: dict[str, Any], sign: int) -> None:
        order["reduced"] = sign < 0
        for line in order["line_items"]:
            self.goods.moved(line["variation_id"], sign * line["quantity"])


def valid(coupon: dict[str, Any], goods: Decimal, email: str) -> bool:
    ends, limit = coupon["date_expires_gmt"], coupon["usage_limit_per_user"]
    late = bool(ends) and ends <= stamp()
    used = bool(limit) and coupon["used_by"].count(email) >= limit
    return not late and not used and goods >= Decimal(coupon["minimum_amount"])


def shown(order: dict[str, Any], dp: int) -> dict[str, Any]:
    """As the API tells it: amounts are strings without tax, and taxes."""

    def told(amount: Decimal) -> str:
        return str(amount.quantize(Decimal(1).scaleb(-dp), ROUND_HALF_UP))

    def line(row: dict[str, Any]) -> dict[str, Any]:
        taxes = {f"{name}_tax": told(taxed(row[name])) for name in ("subtotal", "total")}
        amounts = {name: told(row[name]) for name in ("subtotal", "total")}
        return {**row, **amounts, **taxes, "parent_name": row["name"], "meta_data": []}

    lines = order["line_items"]
    shipping = sum((Decimal(one["total"]) for one in order["shipping_lines"]), Decimal(0))
    off = sum((one["subtotal"] - one["total"] for one in lines), Decimal(0))
    return {
        **{name: value for name, value in order.items() if name != "reduced"},
        "line_items": [line(one) for one in lines],
        "discount_total": told(off),
        "discount_tax": told(off * RATE),
        "shipping_total": told(shipping),
        "shipping_tax": told(tax_of(shipping)),
        "total": told(total(order)),
        "prices_include_tax": True,
    }


def total(order: dict[str, Any]) -> Decimal:
    nets = [one["total"] for one in order["line_items"]]
    nets += [Decimal(one["total"]) for one in order["shipping_lines"]]
    return sum((net.quantize(CENT, ROUND_HALF_UP) + tax_of(net) for net in nets), Decimal(0))


taxed: Callable[[Decimal], Decimal] = RATE.__mul__


def tax_of(net: Decimal) -> Decimal:
    return (net * RATE).quantize(CENT, ROUND_HALF_DOWN)


def indexed(order: dict[str, Any]) -> str:
    """What a search looks through."""
    said = [str(value) for part in ("billing", "shipping") for value in order[part].values()]
    return " ".join([order["number"], *said])


def stamp() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
