"""What is asked of the Admin API about orders that are placed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shop.commerce.shopify import sales
from shop.commerce.shopify.documents import LINE, MONEY, PAGE

LINES_AT_ONCE = 40
FIELDS = f"{PAGE} nodes {{ currentQuantity {LINE} }}"
ORDER = f"""query Order($id: ID!) {{ order(id: $id) {{
  id number createdAt cancelledAt email phone note presentmentCurrencyCode discountCodes
  displayFinancialStatus displayFulfillmentStatus paymentGatewayNames customer {{ id state }}
  shippingAddress {{
    name address1 address2 zip city countryCodeV2 province provinceCode phone }}
  shippingLine {{ title discountedPriceSet {MONEY} }}
  totalPriceSet {MONEY} currentSubtotalPriceSet {MONEY} totalDiscountsSet {MONEY}
  totalReceivedSet {MONEY} totalRefundedSet {MONEY} totalOutstandingSet {MONEY}
  fulfillments(first: 10) {{
    displayStatus deliveredAt updatedAt trackingInfo(first: 1) {{ company number url }} }}
  lineItems(first: {LINES_AT_ONCE}) {{ {FIELDS} }} }} }}"""
LINES = f"""query Lines($id: ID!, $after: String) {{ order(id: $id) {{
  lineItems(first: {LINES_AT_ONCE}, after: $after) {{ {FIELDS} }} }} }}"""
SEARCH = """query Search($query: String!, $first: Int!) {
  orders(first: $first, query: $query, sortKey: CREATED_AT, reverse: true) {
    nodes { id number } } }"""
MOVED = f"""query Moved($id: ID!) {{ order(id: $id) {{ transactions(first: 50) {{
  id kind status gateway amountSet {MONEY} parentTransaction {{ id }} }} }} }}"""
PAID = """mutation Paid($input: OrderMarkAsPaidInput!) {
  orderMarkAsPaid(input: $input) { order { id } userErrors { field } } }"""
UPDATE = """mutation Update($input: OrderInput!) {
  orderUpdate(input: $input) { order { id } userErrors { field } } }"""
CANCEL = """mutation Cancel($id: ID!, $note: String, $refund: OrderCancelRefundMethodInput) {
  orderCancel(orderId: $id, reason: CUSTOMER, restock: true, notifyCustomer: false,
    staffNote: $note, refundMethod: $refund) {
    job { id } orderCancelUserErrors { field code } } }"""
REFUND = """mutation Refund($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) { refund { id } userErrors { field } } }"""
LEVELS = """query Levels($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductVariant {
  id inventoryItem { id tracked inventoryLevels(first: 10) {
    nodes { id location { id } quantities(names: ["available"]) { quantity } } } } } } }"""
ADJUST = """mutation Adjust($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id } userErrors { field code } } }"""
STOCK = """query Stock($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductVariant {
  id inventoryQuantity inventoryPolicy inventoryItem { tracked } } } }"""

EDITED = f"""calculatedOrder {{ id totalPriceSet {MONEY} }} userErrors {{ field }}"""
BEGIN = """mutation Begin($id: ID!) { orderEditBegin(id: $id) {
  calculatedOrder { id lineItems(first: 100) { nodes { id quantity variant { id } } } }
  userErrors { field } } }"""
SET = f"""mutation Set($id: ID!, $line: ID!, $quantity: Int!) {{
  orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $quantity, restock: true) {{
    calculatedLineItem {{ id }} {EDITED} }} }}"""
ADD = f"""mutation Add($id: ID!, $variant: ID!, $quantity: Int!) {{
  orderEditAddVariant(id: $id, variantId: $variant, quantity: $quantity, allowDuplicates: true) {{
    calculatedLineItem {{ id }} {EDITED} }} }}"""
DISCOUNT = f"""mutation Off($id: ID!, $line: ID!, $discount: OrderEditAppliedDiscountInput!) {{
  orderEditAddLineItemDiscount(id: $id, lineItemId: $line, discount: $discount) {{
    calculatedLineItem {{ id }} {EDITED} }} }}"""
COMMIT = """mutation Commit($id: ID!) {
  orderEditCommit(id: $id, notifyCustomer: false) { order { id } userErrors { field } } }"""


def shares(moved: Iterable[dict[str, Any]], minor: int) -> list[tuple[dict[str, Any], int]]:
    """What of an amount is paid back to each of the payments that it was paid with."""
    done = [one for one in moved if one["status"] in ("SUCCESS", "PENDING")]
    back: dict[str, int] = {}
    for one in done:
        if one["kind"] == "REFUND" and one["parentTransaction"]:
            parent = one["parentTransaction"]["id"]
            back[parent] = back.get(parent, 0) + sales.paid_in(one["amountSet"])
    found = []
    for one in done:
        if one["kind"] in ("SALE", "CAPTURE"):
            part = min(minor, sales.paid_in(one["amountSet"]) - back.get(one["id"], 0))
            if part > 0:
                found.append((one, part))
                minor -= part
    return found
