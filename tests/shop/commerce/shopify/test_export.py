"""The catalogue comes in one piece, or not at all."""

from __future__ import annotations

import json

import pytest

from shop.commerce.shopify import ShopifyCommerce, documents
from shop.commerce.shopify.export import gathered
from shop.commerce.shopify.goods import Settings
from shop.model import Unavailable
from tests.shop.commerce.shopify.double import Double
from tests.shop.commerce.shopify.exports import flat, wrong
from tests.shop.commerce.shopify.schema import read
from tests.shop.payments.spec import needed
from tests.shop.vendor import Said, Vendor

pytestmark = needed
SETTINGS = Settings("PLN", "en", ("pl", "es"), {"EUR": "ES"})
QUERY = documents.catalogue(SETTINGS, "shopkeeper.lowest_30d")


async def test_the_whole_is_what_its_parts_are(commerce: ShopifyCommerce, double: Double) -> None:
    """Exported together and read one by one, products are the same."""
    whole = {one.id: one for one in (await commerce.vendor.products()).products}
    on_sale = [str(p.id) for p in double.products.values() if p.status == "ACTIVE" and p.published]
    assert sorted(whole) == sorted(on_sale)
    apart = (await commerce.vendor.products(on_sale[:12])).products
    assert [whole[one.id] for one in apart] == list(apart)


@pytest.mark.parametrize("end", ["FAILED", "CANCELED", "CANCELING", "EXPIRED"])
async def test_a_part_is_not_taken_for_the_whole(
    commerce: ShopifyCommerce, double: Double, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    monkeypatch.setattr(double.exports, "end", end)
    with pytest.raises(Unavailable, match=end):
        await commerce.vendor.products()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said(403, b"<Error>expired</Error>"), "403"),
        (Said(200, b'{"id": "gid://shopify/Product/1"}\n' * 9, cut=40), "IncompleteRead|Protocol"),
        (Said(200, b"<html>"), "no sense"),
        (Said(200, b'{"id": "gid://shopify/MediaImage/1", "__parentId": "x"}'), "no sense"),
        (Said(200, b""), "not whole"),
    ],
)
async def test_a_file_that_is_away_or_cut_is_unavailable(
    commerce: ShopifyCommerce, server: Vendor, monkeypatch: pytest.MonkeyPatch, said: Said, why: str
) -> None:
    before = server.answer
    files = lambda asked: said if asked.path.startswith("/export/") else before(asked)  # noqa: E731
    monkeypatch.setattr(server, "answer", files)
    with pytest.raises(Unavailable, match=why):
        await commerce.vendor.products()


async def test_a_file_that_ends_too_early_is_unavailable(
    commerce: ShopifyCommerce, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double.exports, "lost", 1)
    with pytest.raises(Unavailable, match="not whole"):
        await commerce.vendor.products()


async def test_what_takes_too_long_is_called_off(
    commerce: ShopifyCommerce, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.commerce.shopify.export.LONGEST", 0.05)
    monkeypatch.setattr(double.exports, "looks", 1000)
    with pytest.raises(Unavailable, match="too long"):
        await commerce.vendor.products()
    assert list(double.exports.all.values())[-1]["end"] == "CANCELED"


async def test_a_shop_without_products_has_none(
    commerce: ShopifyCommerce, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double, "products", {})
    assert (await commerce.vendor.products()).products == ()


def test_lines_find_what_they_belong_to() -> None:
    """Also media that two variants share."""
    media = {"edges": [{"node": {"id": "gid://shopify/MediaImage/5"}}]}
    variants = [
        {"id": f"gid://shopify/ProductVariant/{n}", "title": str(n), "media": media} for n in (3, 4)
    ]
    facets = {"edges": [{"node": {"id": "gid://shopify/Metafield/9", "key": "material"}}]}
    held = {"edges": [{"node": one} for one in variants]}
    shirt = {"id": "gid://shopify/Product/1", "metafields": facets, "variants": held}
    hat = {"id": "gid://shopify/Product/2", "metafields": facets, "variants": {"edges": []}}
    lines = flat({"edges": [{"node": shirt}, {"node": hat}]})
    assert len(lines) == 8
    found = gathered(json.dumps(line) for line in lines)
    assert [one["title"] for one in found[0]["variants"]["nodes"]] == ["3", "4"]
    for variant in found[0]["variants"]["nodes"]:
        assert variant["media"]["nodes"] == [{"id": "gid://shopify/MediaImage/5"}]
    assert [one["key"] for one in found[1]["metafields"]["nodes"]] == ["material"]
    assert found[1]["variants"]["nodes"] == []


NODE = "{ edges { node { id } } }"
PARCELS = f"fulfillments {{ id fulfillmentLineItems {NODE} }}"
DEEP = f"inventoryLevels {{ edges {{ node {{ id location {{ inventoryLevels {NODE} }} }} }} }}"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        (QUERY, None),
        (QUERY.replace("id key", "key"), "Metafield: without its id"),
        (QUERY.replace("media {", f"metafields {NODE} media {{", 1), None),
        (QUERY.replace("media {", f"a: media {NODE} b: media {NODE} media {{", 1), "6 connections"),
        (QUERY.replace("tracked", DEEP), "inventoryLevels: too deep"),
        (f"{{ orders {{ edges {{ node {{ id {PARCELS} }} }} }} }}", "a connection in a list"),
        ("{ orders { edges { node { id localizedFields { edges { node { key } } } } } } }", "node"),
        ("{ shop { name } }", "0 connections"),
    ],
)
def test_what_shopify_does_not_export_is_noticed(query: str, why: str | None) -> None:
    parsed, invalid = read(query)
    found = wrong(parsed)
    assert invalid == ()
    assert any(why in one for one in found) if why else found == []
