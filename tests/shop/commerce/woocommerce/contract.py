"""What WooCommerce's REST API v3 takes, from its reference: a field or parameter that is not here
fails the test. https://developer.woocommerce.com/docs/apis/rest-api/v3/"""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft202012Validator

from tests.shop.vendor import Asked

TEXT, WHOLE, FLAG = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}
AMOUNT = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}
STATUSES = ["auto-draft", "pending", "on-hold", "processing", "completed"]
STATUSES += ["cancelled", "refunded", "failed"]


def thing(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def many(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


META = many(thing(("key", "value"), key=TEXT, value=TEXT))
NAMES = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state")
SHIPPING = thing(**dict.fromkeys((*NAMES, "postcode", "country"), TEXT))
BILLING = thing(**SHIPPING["properties"], email={**TEXT, "pattern": "@"}, phone=TEXT)
LINE = thing(
    id=WHOLE,
    product_id=WHOLE,
    variation_id=WHOLE,
    quantity=WHOLE,
    subtotal=AMOUNT,
    total=AMOUNT,
    meta_data=META,
)
CARRIED = thing(("method_id",), method_id=TEXT, method_title=TEXT, instance_id=TEXT, total=AMOUNT)
ORDER = thing(
    status={"enum": STATUSES},
    currency={**TEXT, "pattern": "^[A-Z]{3}$"},
    customer_id=WHOLE,
    customer_note=TEXT,
    billing=BILLING,
    shipping=SHIPPING,
    payment_method=TEXT,
    payment_method_title=TEXT,
    transaction_id=TEXT,
    set_paid=FLAG,
    meta_data=META,
    line_items=many(LINE),
    shipping_lines=many(CARRIED),
    coupon_lines=many(thing(("code",), code=TEXT)),
)
CUSTOMER = thing(email={**TEXT, "pattern": "@"}, billing=BILLING, shipping=SHIPPING)
REFUND = thing(("amount",), amount=AMOUNT, reason=TEXT, api_refund=FLAG, api_restock=FLAG)
NOTE = thing(("note",), note=TEXT, customer_note=FLAG)
STOCKED = thing(stock_quantity=WHOLE, meta_data=META)

LIST = {"page", "per_page", "search", "order", "orderby", "include", "exclude", "offset"}
LANGUAGE = {"lang"}  # WPML's
# Method and path; the parameters; the body.
TABLE: tuple[tuple[str, str, set[str], dict[str, Any] | None], ...] = (
    ("GET", "/products", LIST | LANGUAGE | {"status", "type", "sku", "category"}, None),
    ("GET", r"/products/\d+", set(), None),
    ("PUT", r"/products/\d+", set(), STOCKED),
    ("GET", r"/products/\d+/variations", LIST | LANGUAGE | {"sku"}, None),
    ("GET", r"/products/\d+/variations/\d+", set(), None),
    ("PUT", r"/products/\d+/variations/\d+", set(), STOCKED),
    ("GET", "/products/categories", LIST | LANGUAGE | {"hide_empty", "parent"}, None),
    ("GET", "/products/attributes", {"context"}, None),
    ("GET", r"/products/attributes/\d+/terms", LIST | LANGUAGE | {"hide_empty"}, None),
    ("GET", "/settings/(general|tax)", set(), None),
    ("GET", "/taxes", LIST | {"class"}, None),
    ("GET", "/shipping/zones", set(), None),
    ("GET", r"/shipping/zones/\d+/methods", set(), None),
    ("GET", "/coupons", LIST | {"code"}, None),
    ("PUT", r"/customers/\d+", set(), CUSTOMER),
    ("GET", "/orders", LIST | {"status", "customer", "product", "dp", "after", "before"}, None),
    ("POST", "/orders", set(), ORDER),
    ("GET", r"/orders/\d+", {"dp"}, None),
    ("PUT", r"/orders/\d+", set(), ORDER),
    ("DELETE", r"/orders/\d+", {"force"}, None),
    ("POST", r"/orders/\d+/refunds", set(), REFUND),
    ("POST", r"/orders/\d+/notes", set(), NOTE),
)
ORDERBY = {
    "/orders": {"date", "id", "include", "title", "slug"},
    "/products": {"date", "id", "include", "title", "slug", "price", "popularity", "menu_order"},
}


def breaches(asked: Asked, path: str) -> list[str]:
    """What is wrong with a request, in words for the reader of a failed test."""
    for method, pattern, parameters, schema in TABLE:
        if method == asked.method and re.fullmatch(pattern, path):
            return [*wrong_query(asked, path, parameters), *wrong_body(asked, schema)]
    return [f"{asked.method} {path} is not in the reference"]


def wrong_query(asked: Asked, path: str, parameters: set[str]) -> list[str]:
    found = [f"{path}: unknown parameter {name}" for name in set(asked.query) - parameters]
    if not 1 <= int(asked.query.get("per_page", "10")) <= 100:
        found.append(f"{path}: per_page is from 1 to 100")
    if asked.query.get("orderby", "id") not in ORDERBY.get(
        path, {"date", "id", "include", "title", "slug"}
    ):
        found.append(f"{path}: unknown orderby")
    if asked.method == "DELETE" and asked.query.get("force") != "true":
        found.append(f"{path}: nothing is kept in a trash here")
    return found


def wrong_body(asked: Asked, schema: dict[str, Any] | None) -> list[str]:
    if schema is None:
        return ["a body where there is none"] if asked.body else []
    if asked.headers.get("content-type") != "application/json":
        return ["a body that is not called JSON"]
    return [error.message for error in Draft202012Validator(schema).iter_errors(asked.json)]
