"""What `RemoteCommerce` asks of a shop, asked of WooCommerce."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any

from shop.commerce.remote.amounts import minor
from shop.commerce.remote.vendor import (
    Goods,
    TheirCart,
    TheirLine,
    TheirOrder,
    Vendor,
    product_of,
)
from shop.commerce.woocommerce import delivery, sales
from shop.commerce.woocommerce.amend import PLACES, STOCK, Amending
from shop.commerce.woocommerce.api import Objection
from shop.commerce.woocommerce.basket import Basket, opened
from shop.commerce.woocommerce.goods import seconds
from shop.model import (
    Checkout,
    Locale,
    Money,
    NotFound,
    OrderState,
    OutOfStock,
    Refused,
    Shopper,
    Unavailable,
)
from shop.store import now

KEPT = 60.0  # seconds for which the prices of delivery may be told
NO_COUPON = "woocommerce_rest_invalid_coupon"
EMAIL_TAKEN = "woocommerce_rest_customer_invalid_email"
PAYMENT = {"payment_method": "shopkeeper", "payment_method_title": "Shopkeeper"}


class Woo(Amending, Vendor):
    _methods: tuple[float, list[dict[str, Any]]] | None = None

    async def products(self, ids: Collection[str] | None = None) -> Goods:
        return await self.catalogue.products(ids)

    async def cart(self, session: str, locale: Locale) -> TheirCart:
        _, cart = await self._priced(opened(session), locale)
        return cart

    async def set_quantity(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        basket = opened(session).put(variant_id, quantity)
        _, cart = await self._priced(basket, locale)
        return cart

    async def apply_code(self, session: str, code: str, locale: Locale) -> TheirCart:
        basket = opened(session).with_code(code)
        if code:
            await self._check(code)
        basket, cart = await self._priced(basket, locale)
        if code and cart.lines and not cart.discount:
            raise await self._no_use(code, cart, locale)
        return cart

    async def delivery_prices(self, session: str, country: str, locale: Locale) -> dict[str, int]:
        cart = await self.cart(session, locale)
        return {id_: offer.price for id_, offer in (await self._offers(cart, locale)).items()}

    async def prepare(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirCart:
        """The order as a draft of WooCommerce's own, which says what it will cost."""
        offer = (await self._offers(cart, locale)).get(checkout.delivery)
        if offer is None:
            raise Refused("delivery_unavailable")
        pieces = {line.variant_id: line.quantity for line in cart.lines}
        wish = {**sales.people(checkout), **PAYMENT, "shipping_lines": [offer.line]}
        try:
            data = await self._draft(pieces, cart.code if cart.discount else "", locale, **wish)
        except Objection as no:
            if no.code == NO_COUPON:  # it was good until WooCommerce knew whose it is
                raise Refused("code_used") from no
            raise
        goods = sum(line.price * line.quantity for line in cart.lines)
        if minor(data["total"], locale.currency) != goods - cart.discount + offer.price:
            raise Unavailable("woocommerce: an order costs other than its parts")
        return TheirCart(cart.session, number=str(data["id"]))

    async def place(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirOrder:
        """WooCommerce takes an order on hold off its stock without asking whether it is there."""
        path = f"/orders/{cart.number}"
        async with self._turns.of(STOCK):
            try:
                data = await self.api.get(path, dp=PLACES)
            except NotFound:
                raise Refused("cart_empty") from None
            if data["status"] == "auto-draft":
                await self.api.update(path, {"status": "on-hold"})
                data = await self.api.get(path, dp=PLACES)
                lines = self._read(data).lines
                left = await self.left({line.variant_id for line in lines})
                if any(left.get(line.variant_id, 0) < 0 for line in lines):
                    await self._to(cart.number, "cancelled")
                    raise OutOfStock(0)
        if data["status"] == "cancelled":
            raise OutOfStock(0)
        return self._read(data)

    async def order_of(self, cart: TheirCart) -> TheirOrder | None:
        """One that was taken back, since a buyer on the web was quicker, is none."""
        their = await super().order_of(cart)
        return None if their and their.state is OrderState.CANCELLED else their

    async def change_customer(self, account: str, before: Shopper, after: Shopper) -> None:
        wish: dict[str, Any] = {}
        if after.email != before.email:
            wish["email"] = after.email.strip().lower()
        if after.phone and after.phone != before.phone:
            wish["billing"] = {"phone": after.phone}
        if after.address and after.address != before.address:
            wish["shipping"] = sales.from_address(after.address, None)
        try:
            if wish:
                await self.api.update(f"/customers/{account}", wish)
        except Objection as no:
            if no.code == EMAIL_TAKEN:
                raise Refused("email_taken") from no
            raise

    async def _priced(self, basket: Basket, locale: Locale) -> tuple[Basket, TheirCart]:
        """What a basket costs now, and the session that knows it."""
        seen = await self.catalogue.seen({product_of(id_) for id_ in basket.pieces})
        on_sale = {v.id: (p, v) for p in seen.values() for v in p.variants}
        lines = []
        for id_, count in basket.pieces.items():
            product, variant = on_sale.get(id_, (None, None))
            price = variant.prices.get(locale.currency) if variant else None
            if product and price:
                title = next(iter(product.texts.values()))[0]
                lines.append(TheirLine(id_, title, count, price.sale or price.regular))
        prices = {line.variant_id: line.price for line in lines}
        discount = basket.known_discount(prices, locale.currency)
        if discount is None:
            discount = await self._discount(basket, lines, locale)
            basket = basket.with_discount(discount, prices, locale.currency)
        cart = TheirCart(basket.session, tuple(lines), discount, basket.code or None)
        return basket, cart

    async def _discount(self, basket: Basket, lines: list[TheirLine], locale: Locale) -> int:
        pieces = {line.variant_id: line.quantity for line in lines}
        if not pieces:
            return 0
        try:
            data = await self._draft(pieces, basket.code, locale)
        except Objection as no:
            if no.code == NO_COUPON:
                return 0
            raise
        with suppress(Unavailable, NotFound):  # it goes by itself
            await self.api.remove(f"/orders/{data['id']}")
        return sales.amount(data, "discount_total") + sales.amount(data, "discount_tax")

    async def _draft(
        self, pieces: Mapping[str, int], code: str | None, locale: Locale, **wish: Any
    ) -> dict[str, Any]:
        wish |= {"status": "auto-draft", "currency": locale.currency}
        wish["line_items"] = sales.items(pieces)
        if code:
            wish["coupon_lines"] = [{"code": code}]
        data: dict[str, Any] = await self.api.create("/orders", wish)
        return data

    async def _offers(self, cart: TheirCart, locale: Locale) -> dict[str, delivery.Offer]:
        shop, methods = await asyncio.gather(self.catalogue.settings(), self._shipping())
        goods = sum(line.price * line.quantity for line in cart.lines) - cart.discount
        return delivery.offers(methods, self.deliveries, shop, goods, locale.currency)

    async def _shipping(self) -> list[dict[str, Any]]:
        if self._methods is None or time.monotonic() - self._methods[0] > KEPT:
            zones = await self.api.get("/shipping/zones")
            asked = [self.api.get(f"/shipping/zones/{zone['id']}/methods") for zone in zones]
            found = [method for methods in await asyncio.gather(*asked) for method in methods]
            self._methods = time.monotonic(), found
        return self._methods[1]

    async def _check(self, code: str) -> None:
        """WooCommerce has one word for all that may be wrong with a coupon. Raises Refused."""
        coupon = await self._coupon(code)
        if coupon is None:
            raise Refused("code_unknown")
        ends = coupon["date_expires_gmt"]
        if ends and seconds(ends) <= now():
            raise Refused("code_expired")
        if coupon["usage_limit"] and coupon["usage_count"] >= coupon["usage_limit"]:
            raise Refused("code_used")

    async def _no_use(self, code: str, cart: TheirCart, locale: Locale) -> Refused:
        """Why a code that there is brings nothing."""
        coupon = await self._coupon(code) or {}
        least = minor(coupon.get("minimum_amount") or "0", locale.currency)
        goods = sum(line.price * line.quantity for line in cart.lines)
        if goods < least:
            return Refused("code_minimum", minimum=Money(least, locale.currency))
        return Refused("code_not_combinable")

    async def _coupon(self, code: str) -> dict[str, Any] | None:
        found = await self.api.get("/coupons", code=code.lower())
        return next((one for one in found if one.get("status", "publish") == "publish"), None)
