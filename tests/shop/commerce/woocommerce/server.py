"""A double of WooCommerce 10 with WPML: behaves as its reference says, keeps what it is told, and
notes every request that the reference does not know."""

from __future__ import annotations

import re
from base64 import b64encode
from threading import Lock
from typing import Any

from shop.catalogue import NewProduct
from shop.model import Money
from shop.policy import policy
from tests.shop.commerce.woocommerce.contract import breaches
from tests.shop.commerce.woocommerce.goods import GLOBAL, Goods
from tests.shop.commerce.woocommerce.orders import No, Orders, shown
from tests.shop.vendor import Asked, Said

ROOT = "/wp-json/wc/v3"
KEY, SECRET = "ck_test", "cs_test"
SIGNED = f"Basic {b64encode(f'{KEY}:{SECRET}'.encode()).decode()}"
COSTS = {"courier_pl": "13.00", "locker_pl": "9.75"}  # without tax: 15.99 and 11.99 with it
TAX = {"country": "PL", "state": "", "rate": "23.0000", "class": "standard", "shipping": True}
INSTANCES = {method.id: [number] for number, method in enumerate(policy().delivery, 3)}


class Shop:
    def __init__(self) -> None:
        self.goods = Goods()
        self.orders = Orders(self.goods)
        self.breaches: list[str] = []
        self.options = {"woocommerce_currency": "PLN", "woocommerce_default_country": "PL:MZ"}
        self.options |= {"woocommerce_calc_taxes": "yes", "woocommerce_prices_include_tax": "yes"}
        self._lock = Lock()

    def product(self, product: NewProduct) -> dict[str, str]:
        return self.goods.add(product)

    def ship(self, number: str, code: str = "", to: str = "Delivered") -> None:
        parcel = {"tracking_provider": "DPD", "tracking_number": code, "date_shipped": "1767225600"}
        meta = [{"key": "_wc_shipment_tracking_items", "value": [parcel]}] if code else []
        self.orders.update(int(number), {"status": "completed"})["meta_data"] += meta

    def promotion(self, code: str, percent: int, minimum: int = 0, **other: Any) -> None:
        least = Money(minimum, "PLN").decimal
        usual = {"id": 1, "code": code.lower(), "status": "publish", "amount": str(percent)}
        usual |= {"discount_type": "percent", "date_expires_gmt": None, "minimum_amount": least}
        usual |= {"usage_limit": None, "usage_limit_per_user": None, "usage_count": 0}
        self.orders.coupons[code.lower()] = {**usual, "used_by": [], **other}

    def customer(self, name: str, email: str) -> None:
        self.orders.customers[email] = 1000 + len(self.orders.customers)

    def answer(self, asked: Asked) -> Said:
        path = asked.path.removeprefix(ROOT)
        if asked.headers.get("authorization") != SIGNED:
            return no(No(401, "woocommerce_rest_cannot_view"))
        wrong = breaches(asked, path)
        if wrong:
            self.breaches += wrong
            return no(No(400, "rest_invalid_param"))
        with self._lock:
            try:
                return self._answer(asked, path)
            except No as refusal:
                return no(refusal)

    def _answer(self, asked: Asked, path: str) -> Said:
        body = asked.json if asked.body else {}
        numbers = [int(number) for number in re.findall(r"/(\d+)", path)]
        if path.startswith("/orders"):
            return self._order(asked, path, numbers, body)
        if path.startswith("/customers/"):
            return Said(200, self.orders.moved_to(numbers[0], body.get("email", "")))
        if re.fullmatch(r"/products/\d+/variations/\d+", path):
            row = self.goods.variations.get(numbers[0], {}).get(numbers[1])
            if row is None:
                raise No(404, "woocommerce_rest_product_variation_invalid_id")
            return Said(200, self._stocked(row, body))
        return self._list(asked, path, numbers)

    def _order(self, asked: Asked, path: str, numbers: list[int], body: dict[str, Any]) -> Said:
        orders, dp = self.orders, int(asked.query.get("dp", "2"))
        if path == "/orders" and asked.method == "POST":
            return Said(201, shown(orders.create(body), dp))
        if path == "/orders":
            found = [shown(order, dp) for order in orders.found(asked.query.get("search", ""))]
            return page(found, asked)
        if path.endswith("/refunds"):
            return Said(201, orders.refund(numbers[0], body))
        if path.endswith("/notes"):
            orders.get(numbers[0])
            orders.notes[numbers[0]].append(body["note"])
            return Said(201, {"id": 1, **body})
        if asked.method == "DELETE":
            return Said(200, shown(orders.all.pop(orders.get(numbers[0])["id"]), dp))
        change = asked.method == "PUT"
        order = orders.update(numbers[0], body) if change else orders.get(numbers[0])
        return Said(200, shown(order, dp))

    def _list(self, asked: Asked, path: str, numbers: list[int]) -> Said:
        if path.startswith("/products"):
            return page(self._goods(asked, path, numbers), asked)
        if path == "/coupons":
            known = self.orders.coupons.get(asked.query["code"])
            return page([known] if known else [], asked)
        if path == "/taxes":
            return page([TAX], asked)
        if path.startswith("/settings"):
            tax = path.endswith("tax")
            found = [(n, v) for n, v in self.options.items() if n.endswith("_tax") == tax]
            return Said(200, [{"id": name, "value": value} for name, value in found])
        return Said(200, zones(numbers))

    def _goods(self, asked: Asked, path: str, numbers: list[int]) -> list[dict[str, Any]]:
        goods, language = self.goods, asked.query.get("lang", "en")
        if path.endswith("/variations"):
            return list(goods.variations.get(numbers[0], {}).values())
        if path == "/products/categories":
            return goods.listed(goods.categories.values(), language)
        if path == "/products/attributes":
            named = goods.attributes.items()
            return [{"id": id_, "name": GLOBAL[a], "slug": f"pa_{a}"} for a, id_ in named]
        if path.endswith("/terms"):
            facet = next(a for a, id_ in goods.attributes.items() if id_ == numbers[0])
            terms = [term for (of, _), term in goods.terms.items() if of == facet]
            return goods.listed(terms, language)
        wanted = [int(id_) for id_ in asked.query.get("include", "").split(",") if id_]
        ids = [id_ for id_ in goods.products if not wanted or id_ in wanted]
        return goods.listed([goods.products[id_] for id_ in ids], language)

    def _stocked(self, row: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        if "stock_quantity" in body:
            self.goods.moved(row["id"], body["stock_quantity"] - row["stock_quantity"])
        row["meta_data"] = [*row["meta_data"], *body.get("meta_data", ())]
        return row


def zones(numbers: list[int]) -> list[dict[str, Any]]:
    """Poland, and the rest of the world, where nothing goes; or the methods of one of them."""
    if not numbers:
        return [{"id": 1, "name": "Poland"}, {"id": 0, "name": "Elsewhere"}]
    return methods() if numbers[0] else []


def methods() -> list[dict[str, Any]]:
    found = []
    for method in policy().delivery:
        cost = COSTS.get(method.id, f"{method.price['PLN'] / 100:.2f}")
        settings = {"cost": cost, "tax_status": "taxable", "cost_EUR": "4.00"}
        found.append(
            {
                "instance_id": INSTANCES[method.id][0],
                "method_id": "flat_rate" if method.price["PLN"] else "local_pickup",
                "title": method.id,
                "enabled": True,
                "settings": {name: {"id": name, "value": v} for name, v in settings.items()},
            }
        )
    return found


def page(rows: list[dict[str, Any]], asked: Asked) -> Said:
    size, number = int(asked.query.get("per_page", "10")), int(asked.query.get("page", "1"))
    pages = str(max(1, -(-len(rows) // size)))
    headers = {"X-WP-Total": str(len(rows)), "X-WP-TotalPages": pages}
    return Said(200, rows[(number - 1) * size : number * size], headers)


def no(refusal: No) -> Said:
    """With a message that nobody may repeat."""
    said = f"{refusal.code} of ewa@example.org"
    data = {"code": refusal.code, "message": said, "data": {"status": refusal.status}}
    return Said(refusal.status, data)
