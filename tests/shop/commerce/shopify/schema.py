"""Shopify's official schema, and whether a document may be asked of it."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLSchema,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    build_client_schema,
    get_named_type,
    parse,
    type_from_ast,
    validate,
)

from tests.shop.payments.spec import SPECS

FILE = SPECS / "shopify" / "admin_2026-10.json.gz"


@cache
def schema() -> GraphQLSchema:
    with gzip.open(FILE) as file:
        found = json.load(file)
    return build_client_schema(found.get("data", found), assume_valid=True)


@cache
def read(document: str) -> tuple[DocumentNode, tuple[str, ...]]:
    """The document parsed, and what is wrong with it."""
    parsed = parse(document)
    return parsed, tuple(error.message for error in validate(schema(), parsed))


@cache
def old(document: str) -> tuple[str, ...]:
    """What the document asks for and Shopify wants to do away with."""
    found = validate(schema(), parse(document), [NoDeprecatedCustomRule])
    return tuple(error.message for error in found)


def old_input(document: str, variables: dict[str, Any]) -> list[str]:
    """The same of the values that come with it."""
    (operation,) = (
        one for one in parse(document).definitions if isinstance(one, OperationDefinitionNode)
    )
    return [
        wrong
        for one in operation.variable_definitions or ()
        for wrong in deprecated(
            type_from_ast(schema(), one.type), variables.get(one.variable.name.value)
        )
    ]


def deprecated(kind: Any, value: Any) -> list[str]:
    kind = get_named_type(kind)
    if isinstance(value, list):
        return [wrong for one in value for wrong in deprecated(kind, one)]
    if not isinstance(kind, GraphQLInputObjectType) or not isinstance(value, dict):
        return []
    found = []
    for name, inner in value.items():
        known = kind.fields.get(name)
        if known and known.deprecation_reason:
            found.append(f"{kind}.{name} is deprecated: {known.deprecation_reason}")
        found += deprecated(known.type, inner) if known else []
    return found
