"""What `RemoteCommerce` asks of a shop, asked of Shopify: catalogue, carts and placing orders."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

from shop.commerce.remote.vendor import Goods, TheirCart, TheirOrder, Vendor
from shop.commerce.shopify import documents, sales
from shop.commerce.shopify.amend import Amending
from shop.commerce.shopify.api import Api, gid
from shop.commerce.shopify.export import exported
from shop.commerce.shopify.goods import Settings, Shelves, stock
from shop.commerce.shopify.sales import Basket, basket
from shop.model import Checkout, Locale, Money, OutOfStock, Refused, Unavailable
from shop.policy import policy

RESERVED = timedelta(minutes=10)  # how long a draft keeps its pieces if it is never completed
READY = 8  # looks at a draft that is still being worked on, the pauses between them in seconds
PAUSE = 0.3


class Shopify(Amending, Vendor):
    def __init__(self, api: Api, lowest: str = "") -> None:
        super().__init__(api)
        self.lowest = lowest
        self._settings: Settings | None = None
        self._terms = ""

    async def products(self, ids: Collection[str] | None = None) -> Goods:
        if ids is None:
            self._settings = None
        settings = await self.settings()
        if ids is None:
            found = await exported(self.api, documents.catalogue(settings, self.lowest))
        else:
            found = await self._some(ids, settings)
        return Shelves(settings, self.lowest).goods(found)

    async def cart(self, session: str, locale: Locale) -> TheirCart:
        mine = basket(session)
        if not mine.lines:
            return TheirCart(mine.session, code=mine.code or None)
        return sales.cart(await self._calculated(mine, locale), mine)

    async def set_quantity(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        mine = basket(session)
        lines = {**mine.lines, variant_id: quantity}
        lines = {id_: count for id_, count in lines.items() if count}
        return await self.cart(replace(mine, lines=lines).session, locale)

    async def apply_code(self, session: str, code: str, locale: Locale) -> TheirCart:
        mine = replace(basket(session), code=code)
        found = await self._promotion(code) if code else {}
        if not code or not mine.lines:
            return await self.cart(mine.session, locale)
        data = await self._calculated(mine, locale)
        if code.upper() in sales.useless(data):
            raise no_use(found)
        return sales.cart(data, mine)

    async def delivery_prices(self, session: str, country: str, locale: Locale) -> dict[str, int]:
        """Before there is a cart, what the parcel of one thing costs."""
        lines = basket(session).line_items() or await self._anything()
        rates = await self._rates(lines, {"countryCode": country})
        return {
            id_: await self._price(lines, country, rate, locale.currency)
            for id_, rate in rates.items()
        }

    async def prepare(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirCart:
        """Its draft, whose id is kept before it can become an order."""
        mine = basket(cart.session)
        where = sales.from_address(checkout.address, checkout.point)
        rate = (await self._rates(mine.line_items(), where)).get(checkout.delivery)
        if rate is None:
            raise Refused("delivery_unavailable")
        wish = sales.whole_draft(mine, checkout, locale.currency, rate, await self._due())
        draft = (await self.api.ask(documents.CREATE, input=wish))["draftOrder"]
        if sales.paid_in(draft["subtotalPriceSet"]) != sales.goods(cart.lines) - cart.discount:
            await self._drop(draft["id"])
            if mine.code.upper() in sales.useless(draft):
                raise Refused("code_used")
            raise Unavailable("shopify: another price than that of the cart")
        return replace(cart, session=replace(mine, draft=draft["id"]).session)

    async def place(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirOrder:
        id_ = basket(cart.session).draft
        draft = await self.api.ask(documents.DRAFT, id=id_)
        if draft is None:
            raise Refused("cart_empty")
        if draft["order"] is None:
            draft = await self._complete(id_, cart)
        return await self.placed(draft["order"]["id"])

    async def order_of(self, cart: TheirCart) -> TheirOrder | None:
        draft = await self.api.ask(documents.DRAFT, id=basket(cart.session).draft)
        return await self.placed(draft["order"]["id"]) if draft and draft["order"] else None

    async def _complete(self, id_: str, cart: TheirCart) -> dict[str, Any]:
        until = (datetime.now(timezone.utc) + RESERVED).isoformat()
        wish = {"reserveInventoryUntil": until}
        answer = await self.api.ask(documents.RESERVE, repeatable=True, id=id_, input=wish)
        draft = await self._ready(answer["draftOrder"])
        for one in await self.stock_of({line.variant_id for line in cart.lines}):
            if stock(one) < 0:
                await self._drop(id_)
                raise short(one, cart)
        done = await self.api.ask(documents.COMPLETE, id=draft["id"])
        completed: dict[str, Any] = done["draftOrder"]
        return completed

    async def _ready(self, draft: dict[str, Any]) -> dict[str, Any]:
        for _ in range(READY):
            if draft["ready"]:
                return draft
            await asyncio.sleep(PAUSE)
            draft = await self.api.ask(documents.DRAFT, id=draft["id"])
        raise Unavailable("shopify: a draft order was not ready in time")

    async def _drop(self, id_: str) -> None:
        await self.api.ask(documents.DROP, input={"id": id_})

    async def _calculated(self, mine: Basket, locale: Locale) -> dict[str, Any]:
        wish = sales.draft(mine.line_items(), mine.code, locale.currency, country_of(locale))
        return await self._calculate(wish)

    async def _calculate(self, wish: dict[str, Any]) -> dict[str, Any]:
        answer = await self.api.ask(documents.CALCULATE, repeatable=True, input=wish)
        found: dict[str, Any] = answer["calculatedDraftOrder"]
        return found

    async def _rates(
        self, lines: list[dict[str, Any]], where: dict[str, Any]
    ) -> dict[str, dict[str, Any]]:
        """By id of the method of policy.yml."""
        country = where["countryCode"]
        wish = {"lineItems": lines, "shippingAddress": where}
        found = await self.api.ask(documents.RATES, input=wish) if lines else {}
        return {
            id_: rate
            for rate in found.get("availableShippingRates", ())
            if (id_ := sales.method_of(rate["title"], country))
        }

    async def _price(
        self, lines: list[dict[str, Any]], country: str, rate: dict[str, Any], currency: str
    ) -> int:
        """Of a rate that may be told in the shop's own currency: what an order would pay."""
        price = rate["price"]
        if price["currencyCode"] == currency:
            return sales.minor(price["amount"], currency)
        wish = sales.draft(lines, "", currency, country)
        data = await self._calculate({**wish, "shippingLine": sales.shipping(rate)})
        return sales.paid_in(data["totalShippingPriceSet"])

    async def _anything(self) -> list[dict[str, Any]]:
        found = await self.api.ask(documents.ANYTHING)
        return [{"variantId": one["id"], "quantity": 1} for one in found["nodes"]]

    async def _due(self) -> str:
        """The terms of payment of an order that is due when it is received."""
        if not self._terms:
            self._terms = (await self.api.ask(documents.TERMS))[0]["id"]
        return self._terms

    async def _promotion(self, code: str) -> dict[str, Any]:
        found = await self.api.ask(documents.CODE, code=code)
        promotion: dict[str, Any] = (found or {}).get("codeDiscount") or {}
        if promotion.get("status") == "EXPIRED":
            raise Refused("code_expired")
        if promotion.get("status") != "ACTIVE":
            raise Refused("code_unknown")
        return promotion

    async def _some(self, ids: Collection[str], settings: Settings) -> list[dict[str, Any]]:
        known = [gid("Product", id_) for id_ in sorted(ids) if id_.isdigit()]
        document = documents.some_products(settings, self.lowest)
        found: list[dict[str, Any]] = []
        for start in range(0, len(known), documents.PRODUCTS):
            page = known[start : start + documents.PRODUCTS]
            found += [one for one in await self.api.ask(document, ids=page) if one]
        for data in found:
            await self._other_variants(data, settings)
        return found

    async def _other_variants(self, data: dict[str, Any], settings: Settings) -> None:
        variants = data["variants"]
        while variants["pageInfo"]["hasNextPage"]:
            document = documents.more_variants(settings, self.lowest)
            after = variants["pageInfo"]["endCursor"]
            more = (await self.api.ask(document, id=data["id"], after=after))["variants"]
            variants["nodes"] += more["nodes"]
            variants["pageInfo"] = more["pageInfo"]

    async def settings(self) -> Settings:
        if self._settings is None:
            shop, locales = await self.api.ask(documents.SHOP), None
            if not shop["taxesIncluded"]:
                raise Unavailable("shopify: its prices do not include tax")
            locales = await self.api.ask(documents.LOCALES)
            self._settings = settings_of(shop, locales)
        return self._settings


def settings_of(shop: dict[str, Any], locales: list[dict[str, Any]]) -> Settings:
    """Locales like pt-BR are not ours; they are told by language alone."""
    own = next(one["locale"] for one in locales if one["primary"]).partition("-")[0]
    known = {one["locale"] for one in locales if not one["primary"]}
    accepted = set(shop["enabledPresentmentCurrencies"]) - {shop["currencyCode"]}
    countries: dict[str, str] = {}
    for market in policy().markets:
        if market.currency in accepted:
            countries.setdefault(market.currency, market.country)
    return Settings(
        shop["currencyCode"],
        own,
        tuple(language for language in policy().languages if language in known),
        countries,
        shop["orderNumberFormatPrefix"],
        shop["orderNumberFormatSuffix"],
    )


def country_of(locale: Locale) -> str:
    """Whose prices a cart has before it has an address."""
    mine = policy().market(locale.language)
    others = (market for market in policy().markets if market.currency == locale.currency)
    return (mine if mine.currency == locale.currency else next(others, mine)).country


def short(data: dict[str, Any], cart: TheirCart) -> OutOfStock:
    """`data` is a variant of which too few are left after what the cart wants of it."""
    id_ = data["id"].rpartition("/")[2]
    line = next(one for one in cart.lines if sales.plain_variant(one.variant_id) == id_)
    return OutOfStock(max(0, data["inventoryQuantity"] + line.quantity), line.title)


def no_use(promotion: dict[str, Any]) -> Refused:
    """Why a code that exists brings nothing for this cart."""
    least = (promotion.get("minimumRequirement") or {}).get("greaterThanOrEqualToSubtotal")
    limit = promotion.get("usageLimit")
    if limit is not None and promotion["asyncUsageCount"] >= limit:
        return Refused("code_used")
    if least:
        currency = least["currencyCode"]
        minimum = Money(sales.minor(least["amount"], currency), currency)
        return Refused("code_minimum", minimum=minimum)
    return Refused("code_not_combinable")
