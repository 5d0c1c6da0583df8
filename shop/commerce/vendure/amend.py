"""Orders already placed at Vendure: read, paid, changed, cancelled. Each write looks first at what
has been done already, since an answer that was lost makes it come a second time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shop.commerce.remote.levels import Level, undone
from shop.commerce.remote.vendor import TheirOrder
from shop.commerce.vendure import sales
from shop.commerce.vendure.api import Api
from shop.model import Address, NotFound, Order, OutOfStock, PaymentMethod, Refused, Unavailable

MOST = 20  # orders of one person that are looked at, the newest
NOTHING = {"lines": [], "shipping": 0, "adjustment": 0}  # obsolete, yet 3.7.3 fails without it
ERROR = "... on ErrorResult { errorCode }"
ORDERS_OF = f"""query OrdersOf($email: String!, $options: OrderListOptions!) {{
  answer: customers(options: {{filter: {{emailAddress: {{eq: $email}}}}}}) {{
    items {{ orders(options: $options) {{ items {{ {sales.ORDER} }} }} }} }} }}"""
ORDERS = f"""query Orders($options: OrderListOptions!) {{
  answer: orders(options: $options) {{ items {{ {sales.ORDER} }} }} }}"""
SETTLE = f"""mutation Settle($id: ID!) {{
  answer: settlePayment(id: $id) {{ __typename ... on Payment {{ state }} {ERROR} }} }}"""
CANCEL = f"""mutation Cancel($input: CancelOrderInput!) {{
  answer: cancelOrder(input: $input) {{ __typename ... on Order {{ state }} {ERROR} }} }}"""
REFUND = f"""mutation Refund($input: RefundOrderInput!) {{
  answer: refundOrder(input: $input) {{ __typename ... on Refund {{ id state }} {ERROR} }} }}"""
SETTLE_REFUND = f"""mutation SettleRefund($input: SettleRefundInput!) {{
  answer: settleRefund(input: $input) {{ __typename ... on Refund {{ id state }} {ERROR} }} }}"""
STATE = f"""mutation State($id: ID!, $state: String!) {{
  answer: transitionOrderToState(id: $id, state: $state) {{
    __typename ... on Order {{ state }} {ERROR} }} }}"""
MODIFY = f"""mutation Modify($input: ModifyOrderInput!) {{
  answer: modifyOrder(input: $input) {{
    __typename ... on Order {{ {sales.ORDER} }} {ERROR}
    ... on InsufficientStockError {{ quantityAvailable }} }} }}"""
MANUAL = f"""mutation Manual($input: ManualPaymentInput!) {{
  answer: addManualPaymentToOrder(input: $input) {{
    __typename ... on Order {{ state }} {ERROR} }} }}"""
NOTE = (
    "mutation Note($input: AddNoteToOrderInput!) { answer: addNoteToOrder(input: $input) { id } }"
)
NEWEST_NOTES = {
    "filter": {"type": {"eq": "ORDER_NOTE"}},
    "sort": {"createdAt": "DESC"},
    "take": 100,
}
NOTES = """query Notes($id: ID!, $options: HistoryEntryListOptions!) {
  answer: order(id: $id) { history(options: $options) { items { data } } } }"""
STOCK = """query Stock($options: ProductVariantListOptions) {
  answer: productVariants(options: $options) {
    items { id stockLevels { stockLocationId stockOnHand } } } }"""
RESTOCK = """mutation Restock($input: [UpdateProductVariantInput!]!) {
  answer: updateProductVariants(input: $input) { id } }"""
CUSTOMER = """query Customer($email: String!) {
  answer: customers(options: {filter: {emailAddress: {eq: $email}}}) { items { id } } }"""
ASSIGN = """mutation Assign($input: SetOrderCustomerInput!) {
  answer: setOrderCustomer(input: $input) { id } }"""


class Amending:
    def __init__(self, api: Api, payment_method: str) -> None:
        self.api, self.payment_method = api, payment_method

    async def order(self, number: str) -> TheirOrder | None:
        data = await self._find(number)
        return sales.order(data, self.payment_method) if data else None

    async def orders(self, *, email: str = "", name: str = "") -> tuple[TheirOrder, ...]:
        newest = {"take": MOST, "sort": {"orderPlacedAt": "DESC"}}
        found: list[dict[str, Any]] = []
        if email:
            people = await self.api.admin(ORDERS_OF, email=email, options=newest)
            found = [data for person in people["items"] for data in person["orders"]["items"]]
        # Shoppers say "Bąk Ewa" as well as "Ewa Bąk": any word may be the family name.
        for word in name.split():
            options = {**newest, "filter": {"customerLastName": {"contains": word}}}
            found += (await self.api.admin(ORDERS, options=options))["items"]
        placed = {data["code"]: data for data in found if data["orderPlacedAt"]}
        return tuple(sales.order(data, self.payment_method) for data in placed.values())

    async def pay(self, number: str, method: PaymentMethod) -> None:
        data = await self._get(number)
        for payment in data["payments"]:
            if payment["state"] == "Authorized":
                await self._do(SETTLE, id=payment["id"])
        await self.remark(number, f"paid: {method.kind} {method.id}")

    async def cancel(self, number: str, reason: str) -> None:
        data = await self._get(number)
        if data["state"] != "Cancelled":
            wish = {"orderId": data["id"], "reason": reason, "cancelShipping": True}
            await self._do(CANCEL, input=wish)
        await self._refund(data, sales.paid(data) - sales.refunded(data), reason)

    async def refund(self, number: str, minor: int, reason: str) -> None:
        await self._refund(await self._get(number), minor, reason)

    async def change_items(self, before: Order, after: Order, key: str) -> None:
        data = await self._get(before.number)
        wish = sales.new_lines(data, after)
        if wish:
            async with Modifying(self, data) as modifying:
                await modifying.change(wish)

    async def change_address(self, number: str, address: Address, point: str | None) -> None:
        data = await self._get(number)
        wish = {"updateShippingAddress": sales.from_address(address, point)}
        async with Modifying(self, data) as modifying:
            await modifying.change(wish)

    async def take_stock(self, pieces: Mapping[str, int], key: str) -> None:
        """Vendure has no idempotency keys: a note at the order keeps a repeat from doing it again
        (remote/levels.py)."""
        number = key.partition("/")[0]
        left, note = undone(await self._levels(pieces), await self._notes(number), key)
        if note:
            await self.remark(number, note)
        changes = []
        for level in left:
            variant, _, location = level.place.partition("@")
            here = {"stockLocationId": location, "stockOnHand": level.after}
            changes.append({"id": variant, "stockLevels": [here]})
        if changes:
            await self.api.admin(RESTOCK, input=changes)

    async def remark(self, number: str, text: str) -> None:
        data = await self._get(number)
        await self.api.admin(NOTE, input={"id": data["id"], "note": text, "isPublic": False})

    async def _levels(self, pieces: Mapping[str, int]) -> list[Level]:
        """Where most of a variant lies."""
        taken = {id_.rpartition("-")[2]: count for id_, count in pieces.items()}
        options = {"filter": {"id": {"in": sorted(taken)}}}
        wanted = []
        for variant in (await self.api.admin(STOCK, options=options))["items"]:
            here = max(variant["stockLevels"], key=lambda level: int(level["stockOnHand"]))
            place, now = f"{variant['id']}@{here['stockLocationId']}", int(here["stockOnHand"])
            wanted.append(Level(place, now, now - taken[variant["id"]]))
        return wanted

    async def _notes(self, number: str) -> list[str]:
        id_ = (await self._get(number))["id"]
        found = await self.api.admin(NOTES, id=id_, options=NEWEST_NOTES)
        return [str(one["data"].get("note")) for one in found["history"]["items"]]

    async def assign(self, order_id: str, email: str) -> None:
        """Makes the cart that of the customer with this e-mail."""
        known = (await self.api.admin(CUSTOMER, email=email.lower()))["items"]
        if not known:
            raise Unavailable("vendure: no customer of a known e-mail")
        await self.api.admin(ASSIGN, input={"orderId": order_id, "customerId": known[0]["id"]})

    async def _find(self, number: str) -> dict[str, Any] | None:
        options = {"filter": {"code": {"eq": number}}}
        found = (await self.api.admin(ORDERS, options=options))["items"]
        return next((data for data in found if data["orderPlacedAt"]), None)

    async def _get(self, number: str) -> dict[str, Any]:
        data = await self._find(number)
        if data is None:
            raise NotFound(f"order {number}")
        return data

    async def _refund(self, data: dict[str, Any], minor: int, reason: str) -> None:
        for payment in data["payments"]:
            left = payment["amount"] - sales.refunds(payment)
            part = min(minor, left) if payment["state"] == "Settled" else 0
            if part > 0:
                wish = {**NOTHING, "paymentId": payment["id"], "amount": part, "reason": reason}
                await self._settle_refund(await self._do(REFUND, input=wish))
                minor -= part

    async def _settle_refund(self, refund: dict[str, Any]) -> None:
        if refund["state"] == "Pending":
            settled = {"id": refund["id"], "transactionId": "shopkeeper"}
            await self._do(SETTLE_REFUND, input=settled)

    async def _do(self, document: str, currency: str = "", **variables: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self.api.admin(document, currency, **variables)
        if code := answer.get("errorCode"):
            raise Unavailable(f"vendure: {code}")
        return answer


class Modifying:
    """An order in Vendure's state Modifying, and out of it again whatever happens.
    https://docs.vendure.io/guides/core-concepts/orders/#order-modification"""

    def __init__(self, shop: Amending, data: dict[str, Any]) -> None:
        self.shop, self.data, self.state = shop, data, data["state"]

    async def __aenter__(self) -> Modifying:
        if self.state == "Modifying":  # an earlier attempt broke off
            settled = all(p["state"] == "Settled" for p in self.data["payments"])
            self.state = "PaymentSettled" if settled else "PaymentAuthorized"
        else:
            await self._to("Modifying")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._to(self.state)

    async def change(self, wish: dict[str, Any]) -> None:
        currency, old = self.data["currencyCode"], self.data["totalWithTax"]
        wish = {"orderId": self.data["id"], **wish}
        trial = await self._modify({**wish, "dryRun": True}, currency)
        difference = trial["totalWithTax"] - old
        payment = self.data["payments"][0]
        if difference > 0 and payment["state"] != "Settled":
            raise Refused("cannot_change_items", number=self.data["code"], state="awaiting_payment")
        if difference < 0:
            wish["refund"] = {"paymentId": payment["id"], "amount": -difference, "reason": ""}
        done = await self._modify({**wish, "dryRun": False}, currency)
        if difference > 0:
            await self._pay()
        for one in done["payments"]:
            for refund in one["refunds"]:
                await self.shop._settle_refund(refund)

    async def _pay(self) -> None:
        """Our ledger has it already; Vendure wants it noted before the order goes on."""
        await self._to("ArrangingAdditionalPayment")
        paid = {"orderId": self.data["id"], "method": self.shop.payment_method}
        note = {**paid, "transactionId": "shopkeeper", "metadata": {}}
        await self.shop._do(MANUAL, self.data["currencyCode"], input=note)

    async def _modify(self, wish: dict[str, Any], currency: str) -> dict[str, Any]:
        answer: dict[str, Any] = await self.shop.api.admin(MODIFY, currency, input=wish)
        if answer.get("errorCode") == "INSUFFICIENT_STOCK_ERROR":
            raise OutOfStock(answer["quantityAvailable"])
        if code := answer.get("errorCode"):
            raise Unavailable(f"vendure: {code}")
        return answer

    async def _to(self, state: str) -> None:
        await self.shop._do(STATE, id=self.data["id"], state=state)
