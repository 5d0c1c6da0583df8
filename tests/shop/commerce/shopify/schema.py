"""Shopify's official schema, and whether a document may be asked of it."""

from __future__ import annotations

import gzip
import json
from functools import cache

from graphql import (
    DocumentNode,
    GraphQLSchema,
    build_client_schema,
    parse,
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
