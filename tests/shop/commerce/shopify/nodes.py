"""What the small shop has, in the shape of Shopify's schema: values, and functions for fields that
take arguments. A field that the schema does not know cannot be asked for."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

from shop.policy import policy
from tests.shop.commerce.doubles import labels
from tests.shop.commerce.shopify.exports import BULK
from tests.shop.commerce.shopify.shop import CURRENCY, Draft, Line, Order, Product, Shop, Variant

FACETS = ("material", "feature", "purpose", "audience")
AXES = {"size": ("Size", "Rozmiar", "Talla"), "colour": ("Color", "Kolor", "Color")}
LOCATION = "gid://shopify/Location/1"
Node = dict[str, Any]


@cache
def named(facet: str, id_: str) -> dict[str, str]:
    return labels(facet).get(id_) or dict.fromkeys(("en", "pl", "es"), id_.capitalize())


def money(minor: int, currency: str = CURRENCY) -> Node:
    return {"amount": f"{minor / 100:.2f}", "currencyCode": currency}


def bag(minor: int, currency: str) -> Node:
    return {"presentmentMoney": money(minor, currency), "shopMoney": money(minor * 3, "USD")}


def said(**values: dict[str, str]) -> Callable[..., Any]:
    """Translations: key -> language -> text."""

    def translations(_: Any, locale: str) -> list[Node]:
        return [{"key": key, "value": by[locale]} for key, by in values.items() if by.get(locale)]

    return translations


def page(found: list[Any]) -> Callable[..., Any]:
    def connection(info: Any, first: int = 10, after: str | None = None, **other: Any) -> Node:
        start = int(after or 0)
        end = len(found) if info.context == BULK else start + first
        page_info = {"hasNextPage": end < len(found), "endCursor": str(end)}
        shown = found[start:end]
        return {"nodes": shown, "edges": [{"node": one} for one in shown], "pageInfo": page_info}

    return connection


def picture(url: str | None) -> Node | None:
    if not url:
        return None
    id_ = f"gid://shopify/MediaImage/{zlib.crc32(url.encode())}"
    return {"__typename": "MediaImage", "id": id_, "preview": {"image": {"url": url}}}


def product(data: Product) -> Node:
    new = data.new
    own = new.category.replace("-", " ").capitalize()  # its id comes from what the shop wrote
    kind = {**named("category", new.category), "en": own}
    titles = {w: t[0] for w, t in new.texts.items()}
    texts = {w: f"<p>{t[1]}</p>" for w, t in new.texts.items()}
    return {
        "__typename": "Product",
        "id": f"gid://shopify/Product/{data.id}",
        "title": titles["en"],
        "descriptionHtml": texts["en"],
        "status": data.status,
        "createdAt": "2026-01-02T10:00:00Z",
        "publishedAt": "2026-01-02T10:00:00Z" if data.published else None,
        "onlineStoreUrl": f"https://halny.example/products/{new.id}",
        "vendor": named("brand", new.brand)["en"],
        "productType": kind["en"],
        "translations": said(title=titles, body_html=texts, product_type=kind),
        "featuredMedia": picture(f"https://halny.example/{new.picture}.jpg"),
        "metafields": page(
            [metafield(data.id, f, ids) for f, ids in new.facets.items() if f in FACETS]
        ),
        "options": options(data),
        "variants": page([variant(one) for one in data.variants]),
    }


def metafield(product: int, facet: str, ids: tuple[str, ...]) -> Node:
    names = {w: [named(facet, id_)[w] for id_ in ids] for w in ("en", "pl", "es")}
    values = {w: json.dumps(names[w], ensure_ascii=False) for w in names}
    return {
        "id": f"gid://shopify/Metafield/{product}{FACETS.index(facet)}",
        "key": facet,
        "jsonValue": names["en"],
        "translations": said(value=values),
    }


def option(axis: str, value: str) -> dict[str, str]:
    return named("colour", value) if axis == "colour" else dict.fromkeys(("en", "pl", "es"), value)


def options(data: Product) -> list[Node]:
    axes = list(data.variants[0].new.options)
    if not axes:
        bare = {"name": "Default Title", "translations": said()}
        return [{"name": "Title", "translations": said(), "optionValues": [bare]}]
    found = []
    for axis in axes:
        names = dict(zip(("en", "pl", "es"), AXES.get(axis, (axis.capitalize(),) * 3), strict=True))
        values = dict.fromkeys(one.new.options[axis] for one in data.variants)
        shown = [option(axis, one) for one in values]
        nodes = [{"name": one["en"], "translations": said(name=one)} for one in shown]
        found.append({"name": names["en"], "translations": said(name=names), "optionValues": nodes})
    return found


def variant(data: Variant) -> Node:
    chosen = [
        {"name": AXES.get(a, (a.capitalize(),))[0], "value": option(a, v)["en"]}
        for a, v in data.new.options.items()
    ]

    def before(currency: str) -> str | None:
        price = data.new.prices[currency]
        reduced = price.sale and price.regular > data.prices[currency]
        return money(price.regular)["amount"] if reduced else None

    def pricing(_: Any, context: Node) -> Node:
        mine = [m.currency for m in policy().markets if m.country == context["country"]]
        currency = (mine or [CURRENCY])[0]
        regular = before(currency)
        return {
            "price": money(data.prices[currency], currency),
            "compareAtPrice": {"amount": regular, "currencyCode": currency} if regular else None,
        }

    def lowest(_: Any, namespace: str, key: str) -> Node | None:
        known = data.new.prices[CURRENCY].lowest_30d
        if (namespace, key) != ("shopkeeper", "lowest_30d") or not known:
            return None
        return {"jsonValue": {"amount": money(known)["amount"], "currency_code": CURRENCY}}

    return {
        "__typename": "ProductVariant",
        "id": data.gid,
        "product": {"id": f"gid://shopify/Product/{data.product.id}"},
        "price": money(data.prices[CURRENCY])["amount"],
        "compareAtPrice": before(CURRENCY),
        "contextualPricing": pricing,
        "metafield": lowest,
        "inventoryQuantity": data.left,
        "inventoryPolicy": "DENY",
        "selectedOptions": chosen or [{"name": "Title", "value": "Default Title"}],
        "media": page([one for one in [picture(data.new.picture)] if one]),
        "inventoryItem": {
            "id": f"gid://shopify/InventoryItem/{data.id}",
            "tracked": True,
            "inventoryLevels": page([level(data)]),
        },
    }


def level(data: Variant) -> Node:
    def quantities(_: Any, names: list[str]) -> list[Node]:
        return [{"name": name, "quantity": data.left} for name in names]

    id_ = f"gid://shopify/InventoryLevel/{data.id}"
    return {"id": id_, "location": {"id": LOCATION}, "quantities": quantities}


def draft(data: Draft, shop: Shop) -> Node:
    priced = shop.priced(data.wish)
    data.looks = max(0, data.looks - 1)
    return {
        "id": f"gid://shopify/DraftOrder/{data.id}",
        "status": "COMPLETED" if data.order else "OPEN",
        "ready": data.looks == 0,
        "order": order(data.order, shop) if data.order else None,
        **calculated(priced),
    }


def calculated(priced: Node) -> Node:
    warnings = [
        {"__typename": "DraftOrderDiscountNotAppliedWarning", "discountCode": code}
        for code in priced["useless"]
    ]
    currency = priced["currency"]
    lines = [
        {
            "quantity": count,
            "title": one.product.new.texts["en"][0],
            "variant": variant(one),
            "originalUnitPriceSet": bag(one.prices[currency], currency),
        }
        for one, count in priced["lines"]
    ]
    subtotal = bag(priced["goods"] - priced["off"], currency)
    return {
        "lineItems": lines,
        "subtotalPriceSet": subtotal,
        "totalShippingPriceSet": bag(priced["delivery"], currency),
        "warnings": warnings,
    }


def line(data: Line, currency: str) -> Node:
    return {
        "id": f"gid://shopify/LineItem/{data.id}",
        "quantity": data.ordered,
        "currentQuantity": data.current,
        "title": data.variant.product.new.texts["en"][0],
        "variant": variant(data.variant),
        "originalUnitPriceSet": bag(data.price, currency),
    }


def order(data: Order, shop: Shop) -> Node:
    if data.looks == 0:
        shop_cancels(data, shop)
    elif data.looks:
        data.looks -= 1
    where, currency, paid = data.wish["shippingAddress"], data.currency, data.sum("SALE")
    off = sum(one.off for one in data.lines)
    bought = sum(one.price * one.ordered for one in data.lines) - off + data.delivery
    name = f"{where.get('firstName', '')} {where['lastName']}".strip()
    address = {**where, "name": name, "countryCodeV2": where["countryCode"]}
    email = data.wish["email"]
    return {
        "id": f"gid://shopify/Order/{data.id}",
        "number": data.number,
        "createdAt": data.created.isoformat(),
        "cancelledAt": data.cancelled.isoformat() if data.cancelled else None,
        "email": email,
        "note": data.note,
        "presentmentCurrencyCode": currency,
        "discountCodes": [data.code] if data.code else [],
        "displayFinancialStatus": financial(data),
        "displayFulfillmentStatus": "FULFILLED" if data.parcels else "UNFULFILLED",
        "paymentGatewayNames": ["manual"],
        "customer": {"id": data.customer, "state": "ENABLED"} if data.customer else None,
        "shippingAddress": address,
        "shippingLine": {"title": data.title, "discountedPriceSet": bag(data.delivery, currency)},
        "totalPriceSet": bag(bought, currency),
        "currentSubtotalPriceSet": bag(data.goods, currency),
        "totalDiscountsSet": bag(off, currency),
        "totalReceivedSet": bag(paid, currency),
        "totalRefundedSet": bag(data.sum("REFUND"), currency),
        "totalOutstandingSet": bag(data.total - data.kept, currency),
        "fulfillments": data.parcels,
        "transactions": [{**one, "amountSet": bag(one["amount"], currency)} for one in data.moved],
        "lineItems": page([line(one, currency) for one in data.lines]),
    }


def financial(data: Order) -> str:
    if not data.sum("SALE"):
        return "PENDING"
    if not data.kept:
        return "REFUNDED"
    return "PARTIALLY_REFUNDED" if data.sum("REFUND") else "PAID"


def shop_cancels(data: Order, shop: Shop) -> None:
    """A cancelling is done some time after it was asked for."""
    data.looks, data.cancelled = None, shop.now()
    for one in data.lines:
        one.variant.left += one.current
        one.current = 0
