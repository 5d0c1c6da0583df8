"""What `RemoteCommerce` asks of a shop, asked of Vendure. Results are unions: a refusal comes as
an ErrorResult with an errorCode, not as an error."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from shop.commerce.remote.vendor import Goods, TheirCart, TheirOrder, Vendor
from shop.commerce.vendure import sales
from shop.commerce.vendure.amend import Amending
from shop.commerce.vendure.api import Api
from shop.commerce.vendure.goods import Settings, Shelves
from shop.commerce.vendure.people import People
from shop.model import Checkout, Locale, Money, OutOfStock, Refused, Shopper, Unavailable

PAGE = 10  # products at once: with all their variants Vendure takes a while for them
ERROR = "... on ErrorResult { errorCode }"
UNION = f"{{ __typename ... on Order {{ {sales.CART} }} {ERROR} }}"
ACTIVE = f"query Active {{ answer: activeOrder {{ {sales.CART} }} }}"
ADD = f"""mutation Add($id: ID!, $n: Int!) {{
  answer: addItemToOrder(productVariantId: $id, quantity: $n) {UNION} }}"""
ADJUST = f"""mutation Adjust($id: ID!, $n: Int!) {{
  answer: adjustOrderLine(orderLineId: $id, quantity: $n) {UNION} }}"""
CURRENCY = f"""mutation Currency($code: CurrencyCode!) {{
  answer: setCurrencyCodeForOrder(currencyCode: $code) {UNION} }}"""
CODE = f"""mutation Code($code: String!) {{ answer: applyCouponCode(couponCode: $code) {UNION} }}"""
NO_CODE = f"""mutation NoCode($code: String!) {{
  answer: removeCouponCode(couponCode: $code) {{ {sales.CART} }} }}"""
STATE = f"""mutation State($state: String!) {{
  answer: transitionOrderToState(state: $state) {UNION} }}"""
CUSTOMER = f"""mutation Customer($input: CreateCustomerInput!) {{
  answer: setCustomerForOrder(input: $input) {UNION} }}"""
ADDRESS = f"""mutation Address($input: CreateAddressInput!) {{
  answer: setOrderShippingAddress(input: $input) {UNION} }}"""
METHODS = "query Methods { answer: eligibleShippingMethods { id code priceWithTax } }"
ALL_METHODS = """query All { answer: shippingMethods(options: {take: 100}) {
  items { code calculator { args { name value } } } } }"""
METHOD = f"""mutation Method($ids: [ID!]!) {{
  answer: setOrderShippingMethod(shippingMethodId: $ids) {UNION} }}"""
PAYMENT = f"""mutation Pay($input: PaymentInput!) {{
  answer: addPaymentToOrder(input: $input) {UNION} }}"""
SETTINGS = "query Settings { answer: globalSettings { trackInventory outOfStockThreshold } }"
CHANNEL = "query Channel { answer: activeChannel { pricesIncludeTax defaultCurrencyCode } }"
PROMOTION = """query Promotion($code: String!) {
  answer: promotions(options: {filter: {couponCode: {eq: $code}}}) {
    items { conditions { code args { name value } } } } }"""
REFUSED_CODES = {
    "COUPON_CODE_INVALID_ERROR": "code_unknown",
    "COUPON_CODE_EXPIRED_ERROR": "code_expired",
    "COUPON_CODE_LIMIT_ERROR": "code_used",
    "COUPON_REMOVED_DURING_CHECKOUT_ERROR": "code_used",
    "INELIGIBLE_SHIPPING_METHOD_ERROR": "delivery_unavailable",
    "NO_ACTIVE_ORDER_ERROR": "cart_empty",
}


class Vendure(Amending, Vendor):
    def __init__(self, api: Api, shelves: Shelves, payment_method: str) -> None:
        super().__init__(api, payment_method)
        self.shelves = shelves
        self._settings: Settings | None = None

    async def products(self, ids: Collection[str] | None = None) -> Goods:
        if ids is None or self._settings is None:
            self._settings = await self._set()
        found: list[dict[str, Any]] = []
        while True:
            options: dict[str, Any] = {"take": PAGE, "skip": len(found), "sort": {"id": "ASC"}}
            if ids is not None:
                options["filter"] = {"id": {"in": sorted(ids)}}
            page = await self.api.admin(self.shelves.document, options=options)
            found += page["items"]
            if not page["items"] or len(found) >= page["totalItems"]:
                return self.shelves.goods(found, self._settings)

    async def cart(self, session: str, locale: Locale) -> TheirCart:
        data, session = await self._active(session, locale)
        return sales.cart(data, session)

    async def set_quantity(
        self, session: str, variant_id: str, quantity: int, locale: Locale
    ) -> TheirCart:
        data, session = await self._active(session, locale, open_again=True)
        variant = variant_id.rpartition("-")[2]
        line = next(
            (
                one
                for one in (data or {}).get("lines", ())
                if one["productVariant"]["id"] == variant
            ),
            None,
        )
        if line is None and quantity == 0:
            return sales.cart(data, session)
        document, id_ = (ADJUST, line["id"]) if line else (ADD, variant)
        answer, session = await self.api.shop(
            session, document, locale.currency, id=id_, n=quantity
        )
        if answer.get("errorCode") == "INSUFFICIENT_STOCK_ERROR":
            # Vendure has put in what there is: the cart shall stay what it was.
            left = await self._undo(session, variant, line["quantity"] if line else 0, locale)
            raise OutOfStock(left)
        return sales.cart(accepted(answer), session)

    async def apply_code(self, session: str, code: str, locale: Locale) -> TheirCart:
        data, session = await self._active(session, locale, open_again=True)
        before = list((data or {}).get("couponCodes", ()))
        if code:
            answer, session = await self.api.shop(session, CODE, locale.currency, code=code)
            data = accepted(answer)
            before = [old for old in before if old.upper() != code.upper()]
        for old in before:
            data, session = await self.api.shop(session, NO_CODE, locale.currency, code=old)
        their = sales.cart(data, session)
        if code and their.lines and not their.discount:
            _, session = await self.api.shop(session, NO_CODE, locale.currency, code=code)
            raise await self._no_use(code, locale)
        return their

    async def delivery_prices(self, session: str, country: str, locale: Locale) -> dict[str, int]:
        """Vendure prices a cart; before there is one, a method costs its calculator's rate."""
        cart = await self.cart(session, locale) if session else TheirCart("")
        if not cart.lines:
            return list_prices(await self.api.admin(ALL_METHODS))
        found, _ = await self.api.shop(session, METHODS, locale.currency)
        return {sales.method_id(one["code"]): one["priceWithTax"] for one in found}

    async def place(self, cart: TheirCart, checkout: Checkout, locale: Locale) -> TheirOrder:
        active, session = await self._active(cart.session, locale)
        if active is None or active["code"] != cart.number:
            known = await self.order(cart.number)
            if known is None:
                raise Refused("cart_empty")
            return known
        if active["state"] == "AddingItems":
            await self._check_out(session, checkout, locale)
        payment = {"method": self.payment_method, "metadata": {}}
        answer, _ = await self.api.shop(session, PAYMENT, locale.currency, input=payment)
        accepted(answer)
        placed = await self.order(cart.number)
        if placed is None:
            raise Unavailable("vendure: the order was not placed")
        return placed

    async def change_customer(self, account: str, before: Shopper, after: Shopper) -> None:
        await People(self.api).change(account, before, after)

    async def _set(self) -> Settings:
        whole, channel = await self.api.admin(SETTINGS), await self.api.admin(CHANNEL)
        return Settings(
            whole["trackInventory"],
            whole["outOfStockThreshold"],
            channel["pricesIncludeTax"],
            channel["defaultCurrencyCode"],
        )

    async def _check_out(self, session: str, checkout: Checkout, locale: Locale) -> None:
        async def say(document: str, **variables: Any) -> Any:
            return (await self.api.shop(session, document, locale.currency, **variables))[0]

        given, _, family = checkout.address.name.strip().rpartition(" ")
        person = {"firstName": given or family, "lastName": family, "emailAddress": checkout.email}
        if checkout.phone:
            person["phoneNumber"] = checkout.phone
        answer = await say(CUSTOMER, input=person)
        if answer.get("errorCode") == "EMAIL_ADDRESS_CONFLICT_ERROR":
            # Somebody with an account buys as a guest, which Vendure lets only us arrange.
            order = await say("query Id { answer: activeOrder { id } }")
            await self.assign(order["id"], checkout.email)
        elif answer.get("errorCode") != "ALREADY_LOGGED_IN_ERROR":
            accepted(answer)
        where = sales.from_address(checkout.address, checkout.point, checkout.phone)
        accepted(await say(ADDRESS, input=where))
        offered = {sales.method_id(one["code"]): one["id"] for one in await say(METHODS)}
        if checkout.delivery not in offered:
            raise Refused("delivery_unavailable")
        accepted(await say(METHOD, ids=[offered[checkout.delivery]]))
        answer = await say(STATE, state="ArrangingPayment")
        if answer.get("errorCode") == "ORDER_STATE_TRANSITION_ERROR":
            # Everything else was seen to: the last piece has just gone.
            raise OutOfStock(0)
        accepted(answer)

    async def _active(
        self, session: str, locale: Locale, open_again: bool = False
    ) -> tuple[dict[str, Any] | None, str]:
        """The session's cart, in the shopper's currency; one that broke off on its way to an order
        is opened again for changes."""
        if not session:
            return None, ""
        data, session = await self.api.shop(session, ACTIVE, locale.currency)
        if data and open_again and data["state"] != "AddingItems":
            data, session = await self.api.shop(
                session, STATE, locale.currency, state="AddingItems"
            )
            data = accepted(data)
        if data and data["currencyCode"] != locale.currency:
            data, session = await self.api.shop(
                session, CURRENCY, locale.currency, code=locale.currency
            )
            data = accepted(data)
        return data, session

    async def _undo(self, session: str, variant: str, quantity: int, locale: Locale) -> int:
        """Puts the old quantity back; returns how many Vendure would have sold."""
        data, session = await self._active(session, locale)
        for one in (data or {}).get("lines", ()):
            if one["productVariant"]["id"] == variant:
                await self.api.shop(session, ADJUST, locale.currency, id=one["id"], n=quantity)
                return int(one["quantity"])
        return 0

    async def _no_use(self, code: str, locale: Locale) -> Refused:
        """Why a code that Vendure takes brings nothing."""
        found = await self.api.admin(PROMOTION, code=code)
        for promotion in found["items"]:
            for condition in promotion["conditions"]:
                amounts = {arg["name"]: arg["value"] for arg in condition["args"]}
                if condition["code"] == "minimum_order_amount":
                    least = Money(int(amounts["amount"]), locale.currency)
                    return Refused("code_minimum", minimum=least)
        return Refused("code_not_combinable")


def accepted(answer: dict[str, Any]) -> dict[str, Any]:
    """Raises Refused where Vendure says no for a reason that we have words for."""
    code = answer.get("errorCode")
    if code is None:
        return answer
    if code in REFUSED_CODES:
        raise Refused(REFUSED_CODES[code])
    raise Unavailable(f"vendure: {code}")


def list_prices(data: dict[str, Any]) -> dict[str, int]:
    prices = {}
    for method in data["items"]:
        args = {arg["name"]: arg["value"] for arg in method["calculator"]["args"]}
        if "rate" in args:
            prices[sales.method_id(method["code"])] = int(args["rate"])
    return prices
