"""A shop that gives away a feed: kept fresh by polling, bought on its own pages."""

from __future__ import annotations

import gzip
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from shop.commerce.feed import FeedCommerce
from shop.model import Link, Locale, NotFound, Refused, Unavailable, Wishes
from shop.store import open_store
from tests.shop.feed.feeds import HEADER, row
from tests.shop.vendor import Asked, Said, Vendor, serving

PL = Locale("pl", "PLN")
BURZA = "burza"  # the product that all rows are variants of


BROKEN = {
    "away": Said(503, b""),
    "gone": Said(404, b"gone"),
    "elsewhere": Said(301, b"", {"Location": "/other"}),
    "empty": Said(200, b""),
    "a page": Said(200, b"<html><body>Maintenance</body></html>"),
    "half": Said(200, b"<rss><channel><item><g:id>1</g:id>"),
    "no rows": Said(200, HEADER.encode()),
    "bad rows": Said(200, f"{HEADER}\n{row('1', price='free')}".encode()),
    "cut": Said(200, b"id\ttitle\n" + b"1\tx\n" * 1000, cut=90),
}


@dataclass
class Page:
    """The feed's address: a new `rows` has a new ETag."""

    rows: list[str]
    answers: list[Said] = field(default_factory=list)  # instead of what it would say
    pack: Callable[[bytes], bytes] = bytes
    headers: dict[str, str] = field(default_factory=dict)

    def answer(self, asked: Asked) -> Said:
        if self.answers:
            return self.answers.pop(0)
        text = "\n".join((HEADER, *self.rows)).encode()
        tag = f'"{hash(text)}"'
        if asked.headers.get("if-none-match") == tag:
            return Said(304, b"")
        return Said(200, self.pack(text), {"ETag": tag, **self.headers})


@pytest.fixture
def page() -> Page:
    return Page([row("1"), row("2", size="L")])


@pytest.fixture
def server(page: Page) -> Iterator[Vendor]:
    with serving(page.answer) as vendor:
        yield vendor


@dataclass
class Clock:
    """Seconds that have passed for the one who polls."""

    now: float = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("shop.feed.poll.time", clock)
    monkeypatch.setattr("shop.feed.poll.SHORT", 20.0)
    monkeypatch.setattr("shop.store.PATIENCE", 20.0)
    return clock


@pytest.fixture(scope="session")
def empty(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with nothing in it, made once."""
    file = tmp_path_factory.mktemp("empty") / "shop.db"
    open_store(f"sqlite:///{file}").prepare()
    return file


@pytest.fixture
def url(empty: Path, tmp_path: Path) -> str:
    return f"sqlite:///{shutil.copy(empty, tmp_path / 'shop.db')}"


@pytest.fixture
def shop(server: Vendor, clock: Clock, url: str) -> FeedCommerce:
    return FeedCommerce(f"{server.url}/feed.tsv", poll=60, oldest=600, url=url)


async def sizes(shop: FeedCommerce) -> list[str]:
    product = await shop.product(BURZA, PL)
    return [variant.options["size"] for variant in product.variants]


async def test_a_feed_is_read_and_searched(shop: FeedCommerce, server: Vendor) -> None:
    found = await shop.search(Wishes(facets={"category": ("rain-jackets",)}), PL)
    assert [product.id for product in found.products] == [BURZA]
    assert found.products[0].price.amount.minor == 39990
    assert len(server.asked) == 1


async def test_what_has_not_changed_is_not_sent_again(
    shop: FeedCommerce, server: Vendor, clock: Clock
) -> None:
    await sizes(shop)
    clock.now += 59
    await sizes(shop)
    assert len(server.asked) == 1
    clock.now += 1
    assert await sizes(shop) == ["M", "L"]
    assert len(server.asked) == 2
    assert server.asked[1].headers["if-none-match"]


async def test_a_new_feed_replaces_the_old_one(
    shop: FeedCommerce, page: Page, clock: Clock
) -> None:
    await sizes(shop)
    page.rows = [row("2", size="L"), row("3", size="XL")]
    assert await sizes(shop) == ["M", "L"]
    clock.now += 61
    assert await sizes(shop) == ["L", "XL"]
    page.rows = [row("9", item_group_id="other")]
    clock.now += 61
    with pytest.raises(NotFound):
        await shop.product(BURZA, PL)


async def test_a_broken_feed_keeps_the_old_catalogue(
    shop: FeedCommerce, page: Page, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    await sizes(shop)
    for name, broken in BROKEN.items():
        page.answers = [broken]
        clock.now += 61
        caplog.clear()
        with caplog.at_level(logging.WARNING, logger="shop.feed.poll"):
            assert await sizes(shop) == ["M", "L"], name
        assert "not taken over" in caplog.text, name
        assert "127.0.0.1" not in caplog.text
        clock.now += 61
        assert await sizes(shop) == ["M", "L"]
    page.rows = [row("3", size="XL")]
    clock.now += 61
    assert await sizes(shop) == ["XL"]


async def test_what_is_too_old_is_not_told(shop: FeedCommerce, page: Page, clock: Clock) -> None:
    await sizes(shop)
    for _ in range(10):
        page.answers = [Said(503, b"")]
        clock.now += 60
        await sizes(shop)
    page.answers = [Said(503, b"")]
    clock.now += 60
    with pytest.raises(Unavailable):
        await sizes(shop)
    clock.now += 60
    assert await sizes(shop) == ["M", "L"]


async def test_without_any_feed_the_shop_is_unavailable(
    shop: FeedCommerce, page: Page, clock: Clock
) -> None:
    page.answers = [Said(503, b"")]
    with pytest.raises(Unavailable):
        await shop.search(Wishes(), PL)
    assert await sizes(shop) == ["M", "L"]


async def test_a_feed_without_end_is_not_read_to_it(
    shop: FeedCommerce, page: Page, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sizes(shop)
    monkeypatch.setattr("shop.feed.source.LARGEST", 2000)
    page.rows = [row(str(n), size=str(n)) for n in range(20)]
    clock.now += 61
    assert await sizes(shop) == ["M", "L"]


async def test_a_packed_feed_is_unpacked(
    shop: FeedCommerce, page: Page, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    page.pack = gzip.compress
    assert await sizes(shop) == ["M", "L"]
    monkeypatch.setattr("shop.feed.source.LARGEST", 2000)
    page.rows = [row(str(n), size=str(n)) for n in range(20)]  # small, until it is unpacked
    clock.now += 61
    assert await sizes(shop) == ["M", "L"]


async def test_a_file_is_polled_too(tmp_path: Path, clock: Clock, url: str) -> None:
    file = tmp_path / "feed.tsv"
    file.write_text("\n".join((HEADER, row("1"))), encoding="utf-8")
    shop = FeedCommerce(str(file), url=url)
    assert await sizes(shop) == ["M"]
    file.write_text("\n".join((HEADER, row("1", size="XXL"))), encoding="utf-8")
    clock.now += 61
    assert await sizes(shop) == ["XXL"]


async def test_the_cart_is_bought_on_the_shops_own_pages(shop: FeedCommerce) -> None:
    assert await shop.handover("me", PL) == ()
    await shop.set_quantity("me", "1", 2, PL)
    await shop.set_quantity("me", "2", 1, PL)
    for checkout, item, between, links in (
        ("https://x.test/cart/{items}", "{id}:{quantity}", ",", ["https://x.test/cart/1:2,2:1"]),
        ("https://x.test/add?{items}", "{id}={quantity}", "&", ["https://x.test/add?1=2&2=1"]),
        ("https://x.test/{id}/{quantity}", "", "", ["https://x.test/1/2", "https://x.test/2/1"]),
        ("", "", "", ["https://shop.example/1", "https://shop.example/1"]),
    ):
        shop._checkout, shop._item, shop._between = checkout, item, between
        found = await shop.handover("me", PL)
        assert [link.url for link in found] == links
        title = "" if "{items}" in checkout else "Kurtka przeciwdeszczowa Burza"
        assert found[0] == Link(links[0], title)


async def test_ids_are_no_part_of_an_address(shop: FeedCommerce, page: Page) -> None:
    page.rows = [row("a/b?c&d=1+2")]
    shop._checkout = "https://x.test/{id}"
    await shop.set_quantity("me", "a/b?c&d=1+2", 1, PL)
    (link,) = await shop.handover("me", PL)
    assert link.url == "https://x.test/a%2Fb%3Fc%26d%3D1%2B2"


async def test_what_only_the_shop_knows_is_said_so(shop: FeedCommerce) -> None:
    with pytest.raises(Refused) as code:
        await shop.apply_code("me", "SUMMER", PL)
    assert code.value.reason == "code_elsewhere"
    for unknown in (
        shop.placed_in("me", PL),
        shop.find_shopper(email="ewa@example.org", order_number="1"),
    ):
        with pytest.raises(Refused) as refusal:
            await unknown
        assert refusal.value.reason == "orders_elsewhere"
    with pytest.raises(NotFound):
        await shop.order("1", PL)
