"""What `RemoteCommerce` asks of a shop, asked of Medusa: catalogue, cart and purchase."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from shop.commerce.medusa import goods, sales
from shop.commerce.medusa.amend import Amending, method_id
from shop.commerce.medusa.api import OUT_OF_STOCK, Api, Denied
from shop.commerce.medusa.codes import refusal
from shop.commerce.remote.vendor import Goods, TheirCart, TheirOrder, Vendor, product_of
from shop.model import Checkout, Locale, NotFound, OutOfStock, Refused, Unavailable
from shop.policy import policy

PAGE = 20  # products at once: a web address can be only so long
Data = dict[str, Any]


@dataclass(frozen=True)
class Settings:
    """Medusa's regions, and its locale (BCP 47) for each of our languages that it is told in."""

    regions: tuple[Data, ...]
    locales: dict[str, str]

    def region(self, currency: str, country: str = "") -> str | None:
        """The id of one with that currency, and with the country where one is named."""
        for region in self.regions:
            countries = {one["iso_2"] for one in region["countries"] or ()}
            there = not country or country.lower() in countries
            if there and region["currency_code"] == currency.lower():
                return str(region["id"])
        return None

    def country(self, region: str | None) -> str:
        """One to whose shoppers a price is told: with the tax of there."""
        countries = next((one["countries"] for one in self.regions if one["id"] == region), ())
        return next((str(one["iso_2"]) for one in countries or ()), "")

    def looks(self) -> Iterator[tuple[str, str]]:
        """Pairs in which each of our languages and currencies is once, but for the default language
        and "" for no currency."""
        default = policy().default_language
        languages = [default, *(w for w in self.locales if w != default)]
        currencies = [money for money in policy().currencies if self.region(money)]
        if not currencies:
            raise Unavailable("medusa: no region for our currencies")
        for language, money in zip_longest(languages, currencies):
            yield language or default, money or ""


class Medusa(Amending, Vendor):
    def __init__(self, api: Api, storefront: str = "") -> None:
        super().__init__(api)
        self.storefront = storefront
        self._known: Settings | None = None

    async def products(self, ids: Collection[str] | None = None) -> Goods:
        settings = await self._settings(anew=ids is None)
        pairs = settings.looks()
        looks = await asyncio.gather(*(self._look(settings, *pair, ids) for pair in pairs))
        return goods.goods(looks, self.storefront)

    async def cart(self, session: str, locale: Locale) -> TheirCart:
        data = await self._open(session, locale)
        return sales.cart(data) if data else TheirCart(session)

    async def set_quantity(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        data = await self._open(session, locale)
        if data is None and quantity == 0:
            return TheirCart(session)
        data = data or await self._begin(locale)
        variant = variant_id.rpartition("-")[2]
        line = next((one for one in data["items"] or () if one["variant_id"] == variant), None)
        path = f"/carts/{data['id']}/line-items"
        wish = {"quantity": quantity}
        try:
            if line:
                data = await self._cart("POST", f"{path}/{line['id']}", wish, again=True)
            elif quantity:
                data = await self._cart("POST", path, {"variant_id": variant, **wish})
        except Denied as denied:
            if denied.kind != OUT_OF_STOCK:
                raise
            raise OutOfStock(await self._left(variant_id)) from None
        return sales.cart(data)

    async def apply_code(self, session: str, code: str, locale: Locale) -> TheirCart:
        data = await self._open(session, locale) or await self._begin(locale)
        path, before = f"/carts/{data['id']}/promotions", sales.codes(data)
        code = await self._spelled(code) if code else ""
        old = [one for one in before if one != code]
        if code and code not in before:
            try:
                data = await self._cart("POST", path, {"promo_codes": [code]}, again=True)
            except Denied:
                raise await refusal(self.api, code, locale) from None
        if old:
            data = await self._cart("DELETE", path, {"promo_codes": old}, again=True)
        their = sales.cart(data)
        if code and their.lines and not their.discount:
            await self._cart("DELETE", path, {"promo_codes": [code]}, again=True)
            raise await refusal(self.api, code, locale)
        return their

    async def delivery_prices(self, session: str, country: str, locale: Locale) -> dict[str, int]:
        """Medusa prices a cart on its way somewhere; before there is one, what is on the list."""
        data = await self._open(session, locale)
        if data is None or not data["items"]:
            return await self._list_prices(locale.currency)
        with suppress(Refused):
            await self._towards(data, {"country_code": country.lower()}, locale)
            found = await self._options(data["id"])
            return {
                method_id(one): goods.minor(one["amount"], locale.currency)
                for one in found
                if one.get("amount") is not None
            }
        return {}

    async def place(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirOrder:
        try:
            data = await self._cart("GET", f"/carts/{cart.session}")
        except NotFound:
            raise Refused("cart_empty") from None
        if not data["completed_at"]:
            await self._check_out(data, checkout, locale)
        return await self._complete(cart.session)

    async def order_of(self, cart: TheirCart) -> TheirOrder | None:
        """Completing what is complete tells what it has become."""
        with suppress(NotFound):
            data = await self._cart("GET", f"/carts/{cart.session}")
            if data["completed_at"]:
                return await self._complete(cart.session)
        return None

    async def _complete(self, session: str) -> TheirOrder:
        try:
            done = await self.api.store("POST", f"/carts/{session}/complete", {}, again=True)
        except Denied as denied:
            if denied.kind == OUT_OF_STOCK:
                raise OutOfStock(0) from None
            raise
        if done["type"] != "order":
            raise Unavailable("medusa: the order was not placed")
        return await self.placed(done["order"]["id"])

    async def _check_out(self, data: Data, checkout: Checkout, locale: Locale) -> None:
        session = data["id"]
        home = sales.from_address(checkout.address, checkout.point, checkout.phone)
        who = {"email": checkout.email, "billing_address": home}
        data = await self._towards(data, home, locale, who)
        offered = {method_id(one): one["id"] for one in await self._options(session)}
        if checkout.delivery not in offered:
            raise Refused("delivery_unavailable")
        way = {"option_id": offered[checkout.delivery]}
        data = await self._cart("POST", f"/carts/{session}/shipping-methods", way, again=True)
        money = data.get("payment_collection")
        if not money:
            made = await self.api.store("POST", "/payment-collections", {"cart_id": session})
            money = made["payment_collection"]
        path = f"/payment-collections/{money['id']}/payment-sessions"
        await self.api.store("POST", path, {"provider_id": sales.SYSTEM}, again=True)

    async def _towards(
        self, data: Data, address: Data, locale: Locale, more: Data | None = None
    ) -> Data:
        """The cart in a region that sells there, with that address. Raises Refused."""
        path = f"/carts/{data['id']}"
        known = (data.get("shipping_address") or {}).get("country_code")
        if known == address["country_code"] and not more:
            return data
        settings = await self._settings()
        region = settings.region(locale.currency, address["country_code"])
        if region is None:
            raise Refused("delivery_unavailable")
        if region != data["region_id"]:
            await self._cart("POST", path, {"region_id": region}, again=True)
        wish = {"shipping_address": address, **(more or {})}
        return await self._cart("POST", path, wish, again=True)

    async def _options(self, session: str) -> list[Data]:
        found = await self.api.store("GET", "/shipping-options", cart_id=session)
        return list(found["shipping_options"])

    async def _list_prices(self, currency: str) -> dict[str, int]:
        found = await self.shipping_options()
        prices: dict[str, int] = {}
        for option in found:
            for price in option.get("prices") or ():
                if price["currency_code"] == currency.lower() and not price.get("price_rules"):
                    prices[method_id(option)] = goods.minor(price["amount"], currency)
        return prices

    async def _spelled(self, code: str) -> str:
        """As Medusa has it, which takes "spring" for another code than "SPRING"."""
        for one in (code, code.upper()):
            if (await self.api.admin("GET", "/promotions", code=one, fields="id"))["promotions"]:
                return one
        raise Refused("code_unknown")

    async def _left(self, variant_id: str) -> int:
        found = await self.products({product_of(variant_id)})
        return next((v.stock for p in found.products for v in p.variants if v.id == variant_id), 0)

    async def _open(self, session: str, locale: Locale) -> Data | None:
        """The session's cart in the shopper's currency, if it is none of an order yet."""
        if not session:
            return None
        try:
            data = await self._cart("GET", f"/carts/{session}")
        except NotFound:
            return None
        if data["completed_at"]:
            return None
        if data["currency_code"] != locale.currency.lower():
            region = {"region_id": await self._region(locale)}
            data = await self._cart("POST", f"/carts/{session}", region, again=True)
        return data

    async def _begin(self, locale: Locale) -> Data:
        return await self._cart("POST", "/carts", {"region_id": await self._region(locale)})

    async def _cart(self, method: str, path: str, body: Any = None, again: bool = False) -> Data:
        answer = await self.api.store(method, path, body, again, fields=sales.CART)
        data: Data = answer["cart"]
        return data

    async def _region(self, locale: Locale) -> str:
        region = (await self._settings()).region(locale.currency)
        if region is None:
            raise Unavailable(f"medusa: no region for {locale.currency}")
        return region

    async def _settings(self, anew: bool = False) -> Settings:
        if anew or self._known is None:
            found = await self.api.store("GET", "/regions", limit=100, fields="*countries")
            self._known = Settings(tuple(found["regions"]), await self._locales())
        return self._known

    async def _locales(self) -> dict[str, str]:
        """Empty where Medusa's translations are not switched on."""
        try:
            found = await self.api.store("GET", "/locales")
        except (Denied, NotFound):
            return {}
        codes = [one["code"] for one in found.get("locales") or ()]
        spoken = {code.lower().partition("-")[0]: code for code in reversed(codes)}
        return {w: spoken[w] for w in policy().languages if w in spoken}

    async def _look(
        self, settings: Settings, language: str, currency: str, ids: Collection[str] | None
    ) -> goods.Look:
        query: Data = {"limit": PAGE, "order": "id"}
        query["fields"] = goods.FIELDS if currency else goods.TEXTS
        if currency:
            query["region_id"] = region = settings.region(currency)
            if country := settings.country(region):
                query["country_code"] = country
        if language != policy().default_language:
            query["locale"] = settings.locales[language]
        found: list[Data] = []
        if ids is not None:
            wanted = sorted(ids)
            for start in range(0, len(wanted), PAGE):
                part = wanted[start : start + PAGE]
                found += (await self.api.store("GET", "/products", id=part, **query))["products"]
            return goods.Look(language, currency, found)
        while True:
            page = await self.api.store("GET", "/products", offset=len(found), **query)
            found += page["products"]
            if not page["products"] or len(found) >= page["count"]:
                return goods.Look(language, currency, found)
