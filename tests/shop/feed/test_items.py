"""What a row of a feed may say."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from shop.feed.items import BadRow, Item, item, money
from shop.feed.rows import read
from tests.shop.feed.feeds import feed, row

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)


def only(path: Path) -> Item:
    ((_, found),) = read(path)
    if isinstance(found, str):
        raise BadRow(found)
    return item(found, ("PLN", "EUR"), NOW)


BAD = {
    "title is missing": {"title": ""},
    "price is missing": {"price": ""},
    "names no currency": {"price": "399.90"},
    "is not an amount": {"price": "PLN free"},
    "the shop sells in": {"price": "399.90 USD"},
    "'0.00 PLN' is not an amount that can be paid": {"price": "0.00 PLN"},
    "'1.005,999 PLN' is not an amount that can be paid": {"price": "1.005,999 PLN"},
    "availability is missing": {"availability": ""},
    "availability 'maybe'": {"availability": "maybe"},
    "link": {"link": "javascript:alert(1)"},
    "image_link": {"image_link": "jacket.jpg"},
    "sale_price is in EUR": {"sale_price": "9.99 EUR"},
    "id is longer": {"id": "x" * 200},
    "not in UTF-8": {"title": "\ufffd"},
}


@pytest.mark.parametrize(("trouble", "changed"), BAD.items(), ids=list(BAD))
def test_a_bad_row_says_what_is_wrong(
    tmp_path: Path, trouble: str, changed: dict[str, str]
) -> None:
    with pytest.raises(BadRow, match=trouble.replace(".", r"\.")):
        only(feed(tmp_path, row("a", **changed)))


@pytest.mark.parametrize(
    ("said", "minor"),
    [
        ("129.90 PLN", 12990),
        ("129,90 PLN", 12990),
        ("1 299,00 PLN", 129900),
        ("1,299.00 PLN", 129900),
        ("1.299,00 pln", 129900),
        ("1,299 PLN", 129900),
        ("PLN 15", 1500),
        ("15PLN", 1500),
        ("0.5 PLN", 50),
    ],
)
def test_amounts_are_read_as_people_write_them(said: str, minor: int) -> None:
    assert money(said, "price") == (minor, "PLN")


@pytest.mark.parametrize(
    ("when", "sale"),
    [
        ("", 9990),
        ("2026-11-20T08:00+0100/2026-11-30T23:59+0100", 9990),
        ("2026-11-23T08:00+0100/2026-11-30T23:59+0100", None),
        ("2026-11-01/2026-11-21", None),
    ],
)
def test_a_sale_counts_while_it_runs(tmp_path: Path, when: str, sale: int | None) -> None:
    path = feed(tmp_path, row("a", sale_price="99.90 PLN", material=""))
    lines = path.read_text(encoding="utf-8").splitlines()
    lines = [f"{lines[0]}\tsale_price_effective_date", f"{lines[1]}\t{when}"]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert only(path).sale == sale


def test_a_dearer_sale_is_none(tmp_path: Path) -> None:
    assert only(feed(tmp_path, row("a", sale_price="500.00 PLN"))).sale is None
