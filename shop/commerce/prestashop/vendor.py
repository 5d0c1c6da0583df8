"""What `RemoteCommerce` asks of a shop, asked of PrestaShop's webservice. A session is the id of a
cart, and after a blank the code that shall be used with it: the webservice keeps no codes."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Collection
from decimal import Decimal

from babel.numbers import get_currency_precision

from shop.commerce.prestashop import codes, delivery, sales
from shop.commerce.prestashop.amend import Amending
from shop.commerce.prestashop.api import Row
from shop.commerce.prestashop.coupons import Coupons
from shop.commerce.prestashop.goods import members
from shop.commerce.prestashop.shelf import Weighed, parts
from shop.commerce.remote.vendor import Goods, TheirCart, TheirOrder, Vendor
from shop.model import Checkout, Locale, OutOfStock, Refused, Unavailable

NONE = "0"


class PrestaShop(Amending, Coupons, Vendor):
    async def products(self, ids: Collection[str] | None = None) -> Goods:
        return await self.shelf.products(ids)

    async def cart(self, session: str, locale: Locale) -> TheirCart:
        id_, code = parsed(session)
        data = await self._open(id_)
        if data is None:
            return TheirCart(named(NONE, code))
        return await self._told(data, code, locale)

    async def set_quantity(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        """The webservice puts any number into a cart: the caller has just read what is left."""
        id_, code = parsed(session)
        data = await self._open(id_)
        rows = members(data, "cart_rows") if data else []
        product, combination = parts(variant_id)
        mine = [
            r for r in rows if (r["id_product"], r["id_product_attribute"]) == parts(variant_id)
        ]
        if mine:
            mine[0]["quantity"] = str(quantity)
        else:
            rows.append(
                {
                    "id_product": product,
                    "id_product_attribute": combination,
                    "id_address_delivery": (data or {}).get("id_address_delivery") or NONE,
                    "quantity": str(quantity),
                }
            )
        rows = [row for row in rows if int(row["quantity"]) > 0]
        if rows:
            data = await self._save(data, rows, locale)
            return await self._told(data, code, locale)
        if data is not None:
            # PrestaShop fails over an empty list of rows.
            await self.api.drop("carts", data["id"])
        return TheirCart(named(NONE, code))

    async def apply_code(self, session: str, code: str, locale: Locale) -> TheirCart:
        id_, _ = parsed(session)
        data = await self._open(id_)
        rule = codes.check(await self._rule(code), await self.shelf.facts()) if code else None
        if data is None:
            return TheirCart(named(NONE, code))
        weighed = await self.shelf.weighed(members(data, "cart_rows"), locale)
        if rule is not None:
            codes.discount(rule, worth(weighed), locale, await self.shelf.facts())
        return await self._told(data, code, locale)

    async def delivery_prices(self, session: str, country: str, locale: Locale) -> dict[str, int]:
        id_, code = parsed(session)
        data = await self._open(id_)
        weighed = await self.shelf.weighed(members(data or {}, "cart_rows"), locale)
        total = worth(weighed) - await self._discount(code, weighed, locale)
        return await self._delivery(weighed, total, country, locale)

    async def place(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirOrder:
        id_, code = parsed(cart.session)
        data, known = await self._look(id_)
        if known is None:
            known = await self._order_now(data, code, checkout, locale)
        placed = await self._finished(known, code)
        if placed is None:
            raise Unavailable("prestashop: the order was not placed")
        return placed

    async def order_of(self, cart: TheirCart) -> TheirOrder | None:
        id_, code = parsed(cart.session)
        _, known = await self._look(id_)
        return await self._finished(known, code) if known else None

    async def _finished(self, id_: str, code: str) -> TheirOrder | None:
        if code:
            await self._take_off(id_, code)
        return await self.order(sales.number_of(id_))

    async def _order_now(
        self, data: Row | None, code: str, checkout: Checkout, locale: Locale
    ) -> str:
        if data is None:
            raise Refused("cart_empty")
        weighed = await self.shelf.weighed(members(data, "cart_rows"), locale)
        # PrestaShop itself takes an order for more than there is.
        left = await self.shelf.left(one.line.variant_id for one in weighed)
        for one in weighed:
            if one.line.quantity > left[one.line.variant_id]:
                raise OutOfStock(max(0, left[one.line.variant_id]), one.line.title)
        total = worth(weighed)
        if code:
            await self._usable(code, checkout.email)
            total -= await self._discount(code, weighed, locale)
        country = checkout.address.country.upper()
        prices = await self._delivery(weighed, total, country, locale)
        carrier = (await self.shelf.facts()).carrier_of(checkout.delivery)
        if carrier is None or checkout.delivery not in prices:
            raise Refused("delivery_unavailable")
        data = await self._addressed(data, carrier["id"], checkout, locale)
        await self._post(data, worth(weighed), prices[checkout.delivery], locale)
        _, ordered = await self._look(data["id"])
        if ordered is None:
            raise Unavailable("prestashop: the order was not placed")
        return ordered

    async def _addressed(self, data: Row, carrier: str, checkout: Checkout, locale: Locale) -> Row:
        """The cart with its guest, who is nobody's account, their address and the carrier."""
        facts = await self.shelf.facts()
        first, last = sales.names(checkout.address.name)
        language = facts.language(checkout.language)
        guest = await self.api.add(
            "customers",
            {
                "passwd": secrets.token_urlsafe(24),
                "lastname": last,
                "firstname": first,
                "email": checkout.email,
                "id_lang": language,
                "is_guest": "1",
                "id_default_group": facts.settings["PS_GUEST_GROUP"],
                "active": "1",
            },
        )
        where = sales.from_address(
            checkout.address, checkout.point, checkout.phone, guest["id"], facts
        )
        address = (await self.api.add("addresses", where))["id"]
        data |= {
            "id_customer": guest["id"],
            "secure_key": guest["secure_key"],
            "id_address_delivery": address,
            "id_address_invoice": address,
            "id_carrier": carrier,
            "delivery_option": json.dumps({address: f"{carrier},"}),
            "id_lang": language,
            "allow_seperated_package": "0",
        }
        rows = [{**row, "id_address_delivery": address} for row in members(data, "cart_rows")]
        return await self._save(data, rows, locale, language)

    async def _post(self, data: Row, goods: int, price: int, locale: Locale) -> None:
        """PrestaShop reckons the order from the cart: the amounts here are only for its form."""
        facts = await self.shelf.facts()
        currency = facts.currency(locale.currency)
        taken = ("id_address_delivery", "id_address_invoice", "id_currency", "id_lang")
        worth_it = sales.amount(goods, currency.code)
        await self.api.add(
            "orders",
            {
                **{name: data[name] for name in (*taken, "id_customer", "id_carrier")},
                "id_cart": data["id"],
                "module": self.module,
                "payment": self.payment,
                "total_paid": sales.amount(goods + price, currency.code),
                "total_paid_real": "0",
                "total_products": worth_it,
                "total_products_wt": worth_it,
                "conversion_rate": str(currency.rate),
            },
        )

    async def _open(self, id_: str) -> Row | None:
        """The cart, unless it has become an order."""
        data, ordered = await self._look(id_)
        return None if ordered else data

    async def _look(self, id_: str) -> tuple[Row | None, str | None]:
        """The cart, and the id of its order."""
        if id_ == NONE:
            return None, None
        found, ordered = await asyncio.gather(
            self.api.find("carts", id=id_), self.api.find("orders", ("id",), id_cart=id_)
        )
        if len(ordered) > 1:
            raise Unavailable("prestashop: the cart became several orders")
        return found[0] if found else None, str(ordered[0]["id"]) if ordered else None

    async def _save(
        self, data: Row | None, rows: list[Row], locale: Locale, language: str = ""
    ) -> Row:
        facts = await self.shelf.facts()
        row = {
            **{name: value for name, value in (data or {}).items() if name != "associations"},
            "id_currency": facts.currency(locale.currency).id,
            "id_lang": language or facts.language(locale.language),
            "associations": {"cart_rows": rows},
        }
        if data is None:
            return await self.api.add("carts", row)
        await self.api.put("carts", row)
        return row

    async def _told(self, data: Row, code: str, locale: Locale) -> TheirCart:
        weighed = await self.shelf.weighed(members(data, "cart_rows"), locale)
        off = await self._discount(code, weighed, locale)
        lines = tuple(one.line for one in weighed)
        return TheirCart(named(data["id"], code), lines, off, code or None)

    async def _discount(self, code: str, weighed: list[Weighed], locale: Locale) -> int:
        """Nothing where the code cannot be used any more."""
        if not code or not weighed:
            return 0
        try:
            facts = await self.shelf.facts()
            rule = codes.check(await self._rule(code), facts)
            return codes.discount(rule, worth(weighed), locale, facts)
        except Refused:
            return 0

    async def _delivery(
        self, weighed: list[Weighed], total: int, country: str, locale: Locale
    ) -> dict[str, int]:
        facts = await self.shelf.facts()
        offered = {
            method: carrier
            for method in self.shelf.setup.methods
            if (carrier := facts.carrier_of(method)) is not None
        }
        tariff = await self.shelf.tariff(country, list(offered.values()))
        load = delivery.Load(
            Decimal(total).scaleb(-get_currency_precision(locale.currency)),
            facts.currency(locale.currency),
            sum((one.weight for one in weighed), Decimal(0)),
            sum((one.extra for one in weighed), Decimal(0)),
        )
        prices = {method: tariff.price(carrier, load) for method, carrier in offered.items()}
        return {method: price for method, price in prices.items() if price is not None}


def worth(weighed: list[Weighed]) -> int:
    return sum(one.line.price * one.line.quantity for one in weighed)


def parsed(session: str) -> tuple[str, str]:
    """Cart and code."""
    id_, _, code = session.partition(" ")
    return id_ or NONE, code


def named(id_: str, code: str) -> str:
    if code:
        return f"{id_} {code}"
    return "" if id_ == NONE else id_
