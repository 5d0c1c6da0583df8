"""All that the adapter can ask is valid against Shopify's official schema, and cheap enough."""

from __future__ import annotations

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
)

from shop.commerce.shopify import documents, orders
from shop.commerce.shopify.goods import Settings
from tests.shop.commerce.shopify.schema import old, old_input, read
from tests.shop.payments.spec import needed

pytestmark = needed
SETTINGS = Settings("PLN", "en", ("pl", "es"), {"EUR": "ES", "CZK": "CZ"})
LOWEST = "shopkeeper.lowest_30d"
WRITTEN = {
    name: text
    for module in (documents, orders)
    for name, text in vars(module).items()
    if isinstance(text, str) and text.startswith(("query", "mutation"))
}
MADE = {
    make.__name__: make(SETTINGS, LOWEST)
    for make in (documents.catalogue, documents.some_products, documents.more_variants)
}
ALL = {**WRITTEN, **MADE, "bare": documents.some_products(Settings("PLN", "en"), "")}
ONE_QUERY = (
    600  # points, restored in 6 s on the smallest plan: https://shopify.dev/docs/api/usage/limits
)


@pytest.mark.parametrize("name", ALL)
def test_a_document_is_valid(name: str) -> None:
    assert (read(ALL[name])[1], old(ALL[name])) == ((), ())
    assert cost(ALL[name]) < ONE_QUERY


@pytest.mark.parametrize(
    ("name", "right", "wrong", "why"),
    [
        ("ORDER", "cancelledAt", "canceledAt", "Cannot query field 'canceledAt'"),
        ("CANCEL", "restock: true", "restock: 1", "Boolean cannot represent"),
        ("CANCEL", "reason: CUSTOMER", "reason: SHOPPER", "does not exist in 'OrderCancelReason'"),
        ("REFUND", "@idempotent", "@once", "Unknown directive '@once'"),
        ("PAID", "OrderMarkAsPaidInput!", "OrderInput!", "of type 'OrderInput!'"),
        ("CREATE", "draftOrderCreate", "checkoutCreate", "Cannot query field 'checkoutCreate'"),
        ("DRAFT", "draftOrder(id: $id)", "draftOrder(key: $id)", "Unknown argument 'key'"),
    ],
)
def test_a_wrong_document_is_noticed(name: str, right: str, wrong: str, why: str) -> None:
    assert right in ALL[name]
    assert any(why in message for message in read(ALL[name].replace(right, wrong, 1))[1])


def test_old_input_is_noticed() -> None:
    where = {"countryCode": "PL", "province": "X"}
    (wrong,) = old_input(documents.CREATE, {"input": {"shippingAddress": where}})
    assert "MailingAddressInput.province" in wrong
    lines = {"lineItems": [{"variantId": "gid://shopify/ProductVariant/1", "quantity": 1}]}
    assert old_input(documents.CREATE, {"input": {**lines, "email": "a@example.org"}}) == []


def test_a_cost_is_reckoned() -> None:
    assert cost("query A { shop { currencyCode } }") == 1
    assert cost("query A { orders(first: 10) { nodes { id customer { id } } } }") == 21


def cost(document: str) -> int:
    """Points: one for an object, as often as a list that it is in may be long; ten for a mutation.
    Lists whose length nobody gives count once."""
    definitions = parse(document).definitions
    fragments = {
        one.name.value: one.selection_set
        for one in definitions
        if isinstance(one, FragmentDefinitionNode)
    }

    def of(selections: SelectionSetNode) -> int:
        total = 0
        for one in selections.selections:
            if not isinstance(one, FieldNode):
                name = getattr(one, "name", None)
                total += of(fragments[name.value] if name else one.selection_set)  # type: ignore[attr-defined]
            elif one.selection_set:
                total += times(one) * of(one.selection_set) + 1
        return total

    def times(field: FieldNode) -> int:
        for argument in field.arguments or ():
            if argument.name.value == "first":
                return int(getattr(argument.value, "value", documents.PRODUCTS))
            if argument.name.value == "ids":
                return documents.PRODUCTS
        return 1

    (operation,) = (one for one in definitions if isinstance(one, OperationDefinitionNode))
    return of(operation.selection_set) + (10 if operation.operation.value == "mutation" else 0)
