"""Importing feeds, over both kinds of database."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from shop import import_feed, tables
from shop.catalogue import save_products, save_terms
from shop.commerce import snapshot
from shop.commerce.demo import DemoCommerce
from shop.demo import catalogue
from shop.demo.seed import open_shop
from shop.feed.load import Report, load
from shop.feed.rows import FeedError
from shop.model import Locale, Money, NotFound, Wishes
from shop.store import Store
from tests.shop.feed.feeds import feed, row


def prepare(url: str) -> None:
    """A store with the demo shop's terms and three of its products."""
    store = Store(url)
    store.prepare()
    with store.begin() as connection:
        save_terms(connection, catalogue.terms())
        save_products(connection, islice(catalogue.products(), 3))
        snapshot.changed(connection)
    store.engine.dispose()


@pytest.fixture(scope="module")
def small(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("small") / "shop.db"
    prepare(f"sqlite:///{path}")
    return path


@pytest.fixture
def shop(small: Path, tmp_path: Path) -> Iterator[Store]:
    shutil.copy(small, tmp_path / "shop.db")
    store = Store(f"sqlite:///{tmp_path / 'shop.db'}")
    yield store
    store.engine.dispose()


async def imported(shop: Store, path: Path, **options: object) -> tuple[Report, DemoCommerce]:
    report = load(shop, path, **options)  # type: ignore[arg-type]
    snapshot.refresh(shop)
    commerce = DemoCommerce(shop.url)
    commerce.store = shop
    return report, commerce


async def test_rows_of_a_group_become_one_product(shop: Store, tmp_path: Path, pl: Locale) -> None:
    path = feed(tmp_path, row("a", "czarny", "M"), row("b", "czarny", "L"), row("c", "Red", "M"))
    report, commerce = await imported(shop, path)
    product = await commerce.product("burza", pl)
    assert (report.products, report.variants, report.bad) == (1, 3, [])
    assert report.language == "pl"
    assert product.category == "rain-jackets"
    assert product.description == "Lekka kurtka na deszcz & wiatr."
    assert product.price.amount == Money(39990, "PLN")
    assert [v.id for v in product.variants] == ["a", "b", "c"]
    assert product.variants[2].labels == {"colour": "czerwony", "size": "M"}
    assert list(product.axes) == ["colour", "size"]
    assert product.facts["audience"] == ("damskie",)
    assert product.image == "https://shop.example/a.jpg"


async def test_imported_goods_are_found_in_other_languages(
    shop: Store, tmp_path: Path, pl: Locale
) -> None:
    _, commerce = await imported(shop, feed(tmp_path, row("a")))
    for text in ("Burza", "kurtka na deszcz", "waterproof jacket", "chaqueta impermeable"):
        found = await commerce.search(Wishes(text), pl, limit=1)
        assert found.products[0].id == "burza", text


async def test_new_words_get_into_the_vocabulary(shop: Store, tmp_path: Path) -> None:
    path = feed(tmp_path, row("a", colour="Fuksja", brand="Wichura", product_type="Dom > Świece"))
    await imported(shop, path)
    vocabulary = json.loads(snapshot.vocabulary_path().read_text(encoding="utf-8"))
    facets = vocabulary["facets"]
    assert facets["colour"]["fuksja"]["en"] == ["Fuksja"]
    assert facets["brand"]["Wichura"]["pl"] == ["Wichura"]
    assert facets["category"]["swiece"]["es"] == ["Świece"]
    assert facets["colour"]["black"]["pl"][0] == "czarny"
    assert vocabulary["products"]["burza"]["pl"] == "Kurtka przeciwdeszczowa Burza"


async def test_ids_and_options_stand_once(shop: Store, tmp_path: Path) -> None:
    path = feed(tmp_path, row("a"), row("a", size="L"), row("b"), row("c", size="S"))
    report = load(shop, path)
    assert report.bad == [
        (3, "id a stands in line 2 already"),
        (4, "cannot be told apart from line 2"),
    ]
    assert report.variants == 2


async def test_the_good_rows_are_loaded(shop: Store, tmp_path: Path) -> None:
    path = feed(tmp_path, row("a"), row("b", size="L", price="free"), row("c", size="S"))
    report = load(shop, path)
    assert [line for line, _ in report.bad] == [3]
    assert (report.products, report.variants) == (1, 2)


async def test_too_many_values_are_a_bad_row(shop: Store, tmp_path: Path) -> None:
    report = load(shop, feed(tmp_path, row("a"), row("b", size="L") + "\tx\ty"))
    assert report.bad == [(3, "18 values for 16 columns")]


async def test_nothing_is_written_of_a_feed_without_a_good_row(shop: Store, tmp_path: Path) -> None:
    before = snapshot_of(shop)
    report = load(shop, feed(tmp_path, row("a", price="x"), row("b", title="")), replace=True)
    assert report.products == 0
    assert snapshot_of(shop) == before


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel>
<title>Shop</title><link>https://shop.example</link>
<item>
  <g:id>t1</g:id><title>Namiot Halny Duo</title><g:price>1 299.00 PLN</g:price>
  <g:availability>in stock</g:availability><g:quantity>4</g:quantity>
  <description><![CDATA[Namiot dla <i>dwojga</i> na lato]]></description>
  <g:shipping><g:price>10.00 PLN</g:price><g:country>PL</g:country></g:shipping>
</item>
<item><g:id>t2</g:id><title>Bez ceny</title></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><g:id>t1</g:id><title>Namiot Duo</title><link href="https://shop.example/t1"/>
<g:price>1299.00 PLN</g:price><g:sale_price>999.00 PLN</g:sale_price>
<g:availability>out_of_stock</g:availability></entry></feed>"""


async def test_rss_is_read(shop: Store, tmp_path: Path, pl: Locale) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(RSS, encoding="utf-8")
    report, commerce = await imported(shop, path)
    tent = await commerce.product("t1", pl)
    assert report.bad == [(10, "price is missing")]
    assert (tent.category, tent.price.amount.minor) == ("tents", 129900)
    assert tent.variants[0].stock == 4
    assert tent.description == "Namiot dla dwojga na lato"


async def test_atom_is_read_and_a_sale_without_a_lowest_price_is_not_shown_as_one(
    shop: Store, tmp_path: Path, pl: Locale
) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(ATOM, encoding="utf-8")
    _, commerce = await imported(shop, path)
    tent = await commerce.product("t1", pl)
    assert tent.price.amount.minor == 99900
    assert tent.price.regular is None
    assert tent.url == "https://shop.example/t1"
    assert not tent.in_stock


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (RSS[: RSS.index("</channel>")], 11),
        (RSS.replace("</title><g:price>", "<g:price>"), 9),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><rss><item><id>&a;</id></item></rss>', 1),
    ],
    ids=["cut off", "not well-formed", "document type"],
)
async def test_a_broken_file_changes_nothing(
    shop: Store, tmp_path: Path, content: str, line: int
) -> None:
    path, before = tmp_path / "feed.xml", snapshot_of(shop)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FeedError, match=f"line {line}:"):
        load(shop, path)
    assert snapshot_of(shop) == before


def snapshot_of(shop: Store) -> list[object]:
    with shop.begin(write=False) as connection:
        return [connection.execute(select(t)).all() for t in (tables.variants, tables.prices)]


async def test_semicolons_and_a_byte_order_mark_are_read(shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(
        'id;title;price;availability\n1;"Kubek; duży";"39,90 PLN";in_stock\n', "utf-8-sig"
    )
    report, commerce = await imported(shop, path)
    assert report.bad == []
    assert (await commerce.product("1", Locale("pl", "PLN"))).title == "Kubek; duży"


async def test_a_second_feed_adds_its_language_and_currency(
    shop: Store, tmp_path: Path, pl: Locale, en: Locale
) -> None:
    load(shop, feed(tmp_path, row("a")))
    english = row("a", title="Storm rain jacket for the hills", price="89.90 EUR")
    _, commerce = await imported(shop, feed(tmp_path, english), language="en")
    assert (await commerce.product("burza", pl)).title == "Kurtka przeciwdeszczowa Burza"
    assert (await commerce.product("burza", en)).price.amount == Money(8990, "EUR")


async def test_replacing_removes_the_other_products(
    shop: Store, tmp_path: Path, pl: Locale
) -> None:
    report, commerce = await imported(shop, feed(tmp_path, row("a")), replace=True)
    assert report.removed == 3
    assert (await commerce.search(Wishes(), pl, limit=10)).total == 1
    with pytest.raises(NotFound):
        await commerce.product("halny-storm-jacket", pl)


async def test_ten_thousand_rows_are_loaded_in_seconds(empty_url: str, tmp_path: Path) -> None:
    prepare(empty_url)
    rows = [
        row(f"v{n}", size=str(n % 4), item_group_id=f"g{n // 4}", title=f"Kurtka numer {n // 4}")
        for n in range(10_000)
    ]
    rows[5000] = row("bad", price="-1 PLN")
    store, started = Store(empty_url), time.monotonic()
    report = load(store, feed(tmp_path, *rows), replace=True)
    seconds = time.monotonic() - started
    print(f"10,000 rows into {store.engine.dialect.name} in {seconds:.1f} s")
    with store.begin(write=False) as connection:
        count = connection.scalar(select(func.count()).select_from(tables.variants))
    assert (report.products, report.variants, report.removed) == (2500, 9999, 3)
    assert [line for line, _ in report.bad] == [5002]
    assert count == 9999
    assert seconds < 60
    store.engine.dispose()


@pytest.fixture
def catalogue_kept(connected: Store) -> Iterator[Store]:
    """The command's own store: what it adds is taken away again."""
    yield open_shop()
    with open_shop().begin() as connection:
        connection.execute(delete(tables.products).where(tables.products.c.id == "z"))
        snapshot.changed(connection)


def test_the_command_tells_what_it_did(
    connected: Store, catalogue_kept: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        import_feed.main([str(tmp_path / "nothing.tsv")])
    path = feed(tmp_path, row("z1", item_group_id="z"), row("z2", size="L", price=""))
    assert import_feed.main([str(path), "--language", "pl"]) == 0
    out, err = capsys.readouterr()
    assert "1 products with 1 variants loaded (pl), 1 rows left out" in out
    assert f"{path}:3: price is missing" in err


def test_the_command_explains_itself() -> None:
    command = [sys.executable, "-m", "shop.import_feed", "--help"]
    assert "Google Merchant" in subprocess.check_output(command, text=True)
