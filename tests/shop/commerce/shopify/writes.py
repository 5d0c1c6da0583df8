"""The mutations of the small shop: what they do, and what they refuse."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError, execute_sync, get_directive_values

from tests.shop.commerce.shopify import nodes
from tests.shop.commerce.shopify.edits import Edits
from tests.shop.commerce.shopify.exports import BULK, wrong
from tests.shop.commerce.shopify.nodes import Node
from tests.shop.commerce.shopify.schema import old, read, schema
from tests.shop.commerce.shopify.shop import Draft, Line, Order, Shop


class Writes(Edits):
    """Each method is a field of Mutation, with its arguments."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.keys: dict[str, tuple[str, Node]] = {}

    def bulkOperationRunQuery(self, info: Any, query: str, groupObjects: bool) -> Node:
        parsed, problems = read(query)
        if problems := (*problems, *wrong(parsed), *old(query)):
            raise GraphQLError("; ".join(problems))
        result = execute_sync(schema(), parsed, info.root_value, context_value=BULK)
        if result.errors:
            raise result.errors[0]
        return {"bulkOperation": self.small.exports.begin(result.data), "userErrors": []}

    def bulkOperationCancel(self, _: Any, id: str) -> Node:
        found = self.small.exports.all[id]
        found |= {"status": "CANCELING", "end": "CANCELED"}
        return {"bulkOperation": found, "userErrors": []}

    def draftOrderCalculate(self, _: Any, input: Node) -> Node:
        found = nodes.calculated(self.small.priced(input))
        return {"calculatedDraftOrder": found, "userErrors": []}

    def draftOrderCreate(self, _: Any, input: Node) -> Node:
        known = self.small.rates(input["shippingAddress"]["countryCode"])
        title = input["shippingLine"]["title"]
        if input["shippingLine"]["shippingRateHandle"] != f"rate-{title}-{known.get(title)}":
            return refused("draftOrder", "shippingLine")
        made = Draft(next(self.small.numbers), input)
        self.small.drafts[f"gid://shopify/DraftOrder/{made.id}"] = made
        return {"draftOrder": nodes.draft(made, self.small), "userErrors": []}

    def draftOrderUpdate(self, _: Any, id: str, input: Node) -> Node:
        draft = self.small.drafts.get(id)
        if draft is None or draft.order:
            return refused("draftOrder", "id")
        assert set(input) == {"reserveInventoryUntil"}
        draft.looks = 2  # it is being worked on
        self._reserve(draft, True)
        return {"draftOrder": nodes.draft(draft, self.small), "userErrors": []}

    def draftOrderDelete(self, _: Any, input: Node) -> Node:
        draft = self.small.drafts.pop(input["id"])
        self._reserve(draft, False)
        return {"deletedId": input["id"], "userErrors": []}

    def _reserve(self, draft: Draft, wanted: bool) -> None:
        if draft.reserved != wanted:
            draft.reserved = wanted
            for one in draft.wish["lineItems"]:
                taken = one["quantity"] if wanted else -one["quantity"]
                self.small.variants[one["variantId"]].left -= taken

    def draftOrderComplete(self, _: Any, id: str, paymentPending: bool) -> Node:
        draft = self.small.drafts.get(id)
        if draft is None or draft.order or draft.looks or paymentPending:
            return refused("draftOrder", "id")
        self._reserve(draft, True)
        draft.order = self._ordered(draft)
        self.small.orders[f"gid://shopify/Order/{draft.order.id}"] = draft.order
        return {"draftOrder": nodes.draft(draft, self.small), "userErrors": []}

    def _ordered(self, draft: Draft) -> Order:
        priced, wish = self.small.priced(draft.wish), draft.wish
        assert wish["paymentTerms"]["paymentTermsTemplateId"].endswith("/RECEIPT")
        currency, taken = priced["currency"], priced["promotion"]
        lines = [
            Line(next(self.small.numbers), one, one.prices[currency], count, count)
            for one, count in priced["lines"]
        ]
        left, goods = priced["off"], priced["goods"]
        for one in lines:
            one.off = round(left * one.price * one.ordered / goods) if goods else 0
            left, goods = left - one.off, goods - one.price * one.ordered
        if taken:
            taken.used += 1
        return Order(
            id=next(self.small.numbers),
            number=next(self.small.numbers),
            wish=wish,
            currency=currency,
            lines=lines,
            title=wish["shippingLine"]["title"],
            delivery=priced["delivery"],
            code=taken.code if taken else None,
            created=self.small.now(),
            customer=self.small.accounts.get(wish["email"].lower()),
        )

    def orderMarkAsPaid(self, _: Any, input: Node) -> Node:
        order = self.small.orders[input["id"]]
        due = order.total - order.kept
        if due <= 0:
            return refused("order", "id")
        self._move(order, "SALE", due)
        return {"order": nodes.order(order, self.small), "userErrors": []}

    def _move(self, order: Order, kind: str, amount: int, parent: str | None = None) -> None:
        moved = {"kind": kind, "amount": amount, "gateway": "manual", "status": "SUCCESS"}
        id_ = f"gid://shopify/OrderTransaction/{next(self.small.numbers)}"
        order.moved.append({**moved, "id": id_, "parentTransaction": parent and {"id": parent}})

    def orderUpdate(self, _: Any, input: Node) -> Node:
        order = self.small.orders[input["id"]]
        order.note = input.get("note", order.note)
        if "shippingAddress" in input:
            order.wish = {**order.wish, "shippingAddress": input["shippingAddress"]}
        return {"order": nodes.order(order, self.small), "userErrors": []}

    def orderCancel(
        self,
        _: Any,
        orderId: str,
        restock: bool,
        reason: str,
        notifyCustomer: bool,
        staffNote: str | None = None,
        refundMethod: Node | None = None,
    ) -> Node:
        """Money that came by hand is not paid back by itself."""
        order = self.small.orders[orderId]
        if order.cancelled or order.looks or order.parcels or not restock:
            error = {"field": ["orderId"], "code": "INVALID"}
            return {"job": None, "orderCancelUserErrors": [error]}
        order.looks = 2
        return {"job": {"id": "gid://shopify/Job/1"}, "orderCancelUserErrors": []}

    def refundCreate(self, info: Any, input: Node) -> Node:
        return self._once(info, input, self._refund, [])

    def _refund(self, wish: Node) -> Node:
        order = self.small.orders[wish["orderId"]]
        for one in wish["transactions"]:
            parent = next(m for m in order.moved if m["id"] == one["parentId"])
            back = [
                m["amount"] for m in order.moved if m["parentTransaction"] == {"id": parent["id"]}
            ]
            amount = round(float(one["amount"]) * 100)
            if one["kind"] != "REFUND" or amount > parent["amount"] - sum(back):
                return refused("refund", "transactions")
            self._move(order, "REFUND", amount, parent["id"])
        return {"refund": {"id": "gid://shopify/Refund/1"}, "userErrors": []}

    def inventoryAdjustQuantities(self, info: Any, input: Node) -> Node:
        return self._once(
            info,
            input,
            self._adjust,
            [{"field": ["input"], "code": "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"}],
        )

    def _adjust(self, wish: Node) -> Node:
        for one in wish["changes"]:
            if "changeFromQuantity" not in one:
                raise GraphQLError("changeFromQuantity must be given")
            assert one["locationId"] == nodes.LOCATION
            item = one["inventoryItemId"].rpartition("/")[2]
            self.small.variants[f"gid://shopify/ProductVariant/{item}"].left += one["delta"]
        group = {"id": "gid://shopify/InventoryAdjustmentGroup/1"}
        return {"inventoryAdjustmentGroup": group, "userErrors": []}

    def _once(self, info: Any, wish: Node, work: Any, mismatch: list[Node]) -> Node:
        """https://shopify.dev/docs/api/usage/idempotent-requests"""
        directive = info.schema.get_directive("idempotent")
        said = get_directive_values(directive, info.field_nodes[0], info.variable_values)
        if said is None:
            raise GraphQLError("an idempotency key must be given")
        key = said["key"]
        if key not in self.keys:
            self.keys[key] = (repr(wish), work(wish))
        before, answer = self.keys[key]
        if before != repr(wish):
            return {"userErrors": mismatch or [{"field": ["input"]}]}
        return answer


def refused(name: str, field: str) -> Node:
    return {name: None, "userErrors": [{"field": [field], "message": "no"}]}
