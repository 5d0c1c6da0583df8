"""What the people of a Medusa shop do in its dashboard."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import requests

from shop.catalogue import NewProduct, NewVariant
from shop.commerce.remote.vendor import variant_id
from tests.peers.medusa.filling import LOCALES, Filling

DEFAULT, DEFAULT_VALUE = "default option", "Default option value"


class Admin(Filling):
    EMAIL, PASSWORD = "owner@example.org", "supersecret"

    def __init__(self, server: str) -> None:
        self.server, self._session = server, requests.Session()
        self.publishable = self.secret = ""

    def ready(self) -> bool:
        try:
            return self._session.get(f"{self.server}/health", timeout=2).ok
        except requests.RequestException:
            return False

    def log_in(self) -> None:
        who = {"email": self.EMAIL, "password": self.PASSWORD}
        token = self.call("POST", "/auth/user/emailpass", who)["token"]
        self._session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        answer = self._session.request(
            method, f"{self.server}{path}", json=body, params=query, timeout=60
        )
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        return self.call(method, f"/admin{path}", body, **query)

    def take_keys(self) -> None:
        """A new secret key, as it is shown once alone, and the publishable one."""
        self.log_in()
        self._recall()
        keys = self.ask("GET", "/api-keys", type="publishable")["api_keys"]
        self.publishable = next(one["token"] for one in keys if one["title"] == "assistant")
        made = self.ask("POST", "/api-keys", {"title": uuid.uuid4().hex, "type": "secret"})
        self.secret = made["api_key"]["token"]

    def product(self, product: NewProduct) -> dict[str, str]:
        """Puts it on sale; returns our ids of its variants by the ids that they had."""
        texts = product.texts
        options = options_of(product)
        tags = [f"brand:{product.brand}"] if product.brand else []
        for facet, ids in product.facets.items():
            tags += [f"{facet}:{id_}" for id_ in ids if facet != "material"]
        materials = product.facets.get("material", ())
        data = {
            "title": texts["en"][0],
            "description": texts["en"][1],
            "handle": f"{product.id}-{uuid.uuid4().hex[:6]}",
            "status": "published",
            "categories": [{"id": self.category(product.category)}],
            "tags": [{"id": self.tag(tag)} for tag in tags],
            "material": next(iter(materials), None),
            "options": [
                {"title": title(axis), "values": [self.spoken(axis, v, "en") for v in values]}
                for axis, values in options.items()
            ],
            "variants": [self._variant(v) for v in product.variants],
            "sales_channels": [{"id": self.channel}],
            "shipping_profile_id": self.profile,
        }
        fields = "*variants,*variants.inventory_items,*options,*options.values"
        made = self.ask("POST", "/products", data, fields=fields)["product"]
        self._translate_product(made, product)
        self._stock_up(made, product)
        self._reduce(made, product)
        return {one["sku"]: variant_id(made["id"], one["id"]) for one in made["variants"]}

    def _variant(self, variant: NewVariant) -> dict[str, Any]:
        lowest = {
            f"lowest_30d_{money.lower()}": str(decimal(price.lowest_30d))
            for money, price in variant.prices.items()
            if price.lowest_30d
        }
        return {
            "title": variant.id,
            "sku": variant.id,
            "options": {
                title(axis): self.spoken(axis, value, "en")
                for axis, value in (variant.options or {DEFAULT: DEFAULT_VALUE}).items()
            },
            "prices": prices({c: price.regular for c, price in variant.prices.items()}),
            "metadata": lowest,
        }

    def _translate_product(self, made: dict[str, Any], product: NewProduct) -> None:
        rows = []
        for language in LOCALES:
            title, description, _ = product.texts[language]
            rows.append(
                ("product", made["id"], language, {"title": title, "description": description})
            )
            for option in made["options"]:
                axis = option["title"].lower()
                said = {"title": self.named("axis", axis, language)}
                rows.append(("product_option", option["id"], language, said))
                if axis == "colour":
                    for one in option["values"]:
                        named = self.colour_in(one["value"], language)
                        rows.append(("product_option_value", one["id"], language, {"value": named}))
        self.translate(rows)

    def _stock_up(self, made: dict[str, Any], product: NewProduct) -> None:
        pieces = {variant.id: variant.stock for variant in product.variants}
        levels = [
            {
                "inventory_item_id": one["inventory_items"][0]["inventory_item_id"],
                "location_id": self.location,
                "stocked_quantity": pieces[one["sku"]],
            }
            for one in made["variants"]
        ]
        self.ask("POST", "/inventory-items/location-levels/batch", {"create": levels})

    def _reduce(self, made: dict[str, Any], product: NewProduct) -> None:
        ids = {one["sku"]: one["id"] for one in made["variants"]}
        reduced = [
            {**price, "variant_id": ids[variant.id]}
            for variant in product.variants
            for price in prices({c: p.sale for c, p in variant.prices.items() if p.sale})
        ]
        if reduced:
            data = {"title": product.id, "description": "sale", "type": "sale", "status": "active"}
            self.ask("POST", "/price-lists", {**data, "prices": reduced})

    def promotion(self, code: str, percent: int, minimum: int = 0) -> None:
        least = {"attribute": "item_total", "operator": "gte", "values": [str(minimum // 100)]}
        data = {
            "code": code,
            "type": "standard",
            "status": "active",
            "is_tax_inclusive": True,
            "application_method": {
                "type": "percentage",
                "target_type": "items",
                "allocation": "across",
                "value": percent,
            },
            "rules": [least] if minimum else [],
        }
        self.ask("POST", "/promotions", data)

    def customer(self, name: str, email: str) -> None:
        """Registers, as a shopper does in the web shop."""
        first, _, last = name.rpartition(" ")
        known = {"email": email, "password": "secret"}
        token = self.call("POST", "/auth/customer/emailpass/register", known)["token"]
        headers = {
            "Authorization": f"Bearer {token}",
            "x-publishable-api-key": self.publishable,
        }
        who = {"email": email, "first_name": first, "last_name": last}
        url = f"{self.server}/store/customers"
        assert requests.post(url, json=who, headers=headers, timeout=30).ok

    def order(self, number: str) -> dict[str, Any]:
        fields = (
            "+email,+payment_status,+fulfillment_status,+metadata,*shipping_address,*items,"
            "+items.total,*shipping_methods,+shipping_methods.total,*payment_collections.payments,"
            "*payment_collections.payments.captures,*payment_collections.payments.refunds,+total"
        )
        found = self.ask("GET", "/orders", q=number, fields=fields)["orders"]
        return dict(next(one for one in found if str(one["display_id"]) == number))

    def ship(self, number: str, code: str = "", to: str = "Delivered") -> None:
        """Packs all of an order and sends it on its way, or to its end."""
        order = self.order(number)
        items = [{"id": o["id"], "quantity": o["quantity"]} for o in order["items"]]
        path = f"/orders/{order['id']}/fulfillments"
        made = self.ask("POST", path, {"items": items}, fields="*fulfillments")["order"]
        one = f"{path}/{made['fulfillments'][0]['id']}"
        label = {"tracking_number": code, "tracking_url": "#", "label_url": "#"}
        self.ask("POST", f"{one}/shipments", {"items": items, "labels": [label] if code else []})
        if to == "Delivered":
            self.ask("POST", f"{one}/mark-as-delivered", {})

    def price(self, variant: str, minor: int) -> None:
        product, _, id_ = variant.rpartition("-")
        path = f"/products/{product}/variants/{id_}"
        self.ask("POST", path, {"prices": prices({"PLN": minor})})

    def stock(self, variant: str, count: int) -> None:
        product, _, id_ = variant.rpartition("-")
        path = f"/products/{product}/variants/{id_}"
        found = self.ask("GET", path, fields="*inventory_items")["variant"]["inventory_items"]
        item = found[0]["inventory_item_id"]
        level = f"/inventory-items/{item}/location-levels/{self.location}"
        self.ask("POST", level, {"stocked_quantity": count})


def options_of(product: NewProduct) -> dict[str, list[str]]:
    """Medusa wants one at least, and its dashboard gives this one to what has none."""
    return {
        axis: list(dict.fromkeys(v.options[axis] for v in product.variants))
        for axis in product.variants[0].options
    } or {DEFAULT: [DEFAULT_VALUE]}


def title(axis: str) -> str:
    return axis.capitalize()


def decimal(minor: int | None) -> Decimal:
    return Decimal(minor or 0).scaleb(-2)


def prices(amounts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"currency_code": money.lower(), "amount": float(decimal(minor))}
        for money, minor in amounts.items()
    ]
