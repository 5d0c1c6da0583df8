"""Invoice and label: opened by their signed address alone, in the order's language."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import httpx
import pytest
import yaml
from sqlalchemy import update

import shop
from shop import links
from shop.commerce.demo import DemoCommerce
from shop.front import create_app
from shop.model import Locale, Order, ReturnKind
from shop.policy import policy
from shop.store import Store, now
from shop.tables import orders
from tests.shop.backroom import PL, Backroom

EN = Locale("en", "EUR")
TEXTS = Path("web/shop/texts")


@pytest.fixture
def commerce(connected: Store) -> DemoCommerce:
    return shop.connect("commerce")  # type: ignore[return-value]


@pytest.fixture
def room(connected: Store, commerce: DemoCommerce) -> Backroom:
    return Backroom(connected, commerce)


@pytest.fixture
async def web(commerce: DemoCommerce) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


async def bought(room: Backroom, language: str = "pl") -> Order:
    thing = await room.thing()
    order = await room.paid((thing.variant("a"), 2), (thing.variant("c"), 1))
    order = await room.delivered(await room.discounted(order, 1000))
    mine = update(orders).where(orders.c.number == order.number).values(language=language)
    await room.store.write(lambda connection: connection.execute(mine))
    return order


def words(page: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split()).replace("\xa0", " ")


async def test_an_invoice_shows_what_was_bought_and_paid(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom
) -> None:
    order = await bought(room)
    await commerce.settle_problem(order.number, ReturnKind.REFUND, {"1": 1}, "damaged", PL, "k")
    page = await web.get(await commerce.invoice(order.number, EN))
    assert page.status_code == 200
    text = words(page)
    contact = policy().contact
    for shown in (
        f"Rachunek do zamówienia {order.number}",
        contact.company,
        contact.tax_id,
        order.address.name,
        order.address.street,
        order.email,
        "200,00 zł",  # two pieces
        "80,00 zł",
        "−10,00 zł",
        "270,00 zł",  # delivery is free from 249 zł on
        "−77,15 zł",  # 80 less its share of the discount
        "doręczone",
    ):
        assert shown in text, shown
    assert '<html lang="pl">' in page.text


@pytest.mark.parametrize("language", ["en", "pl", "es"])
async def test_papers_speak_the_orders_language(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom, language: str
) -> None:
    said = yaml.safe_load((TEXTS / f"{language}.yml").read_text(encoding="utf-8"))["papers"]
    order = await bought(room, language)
    back = await commerce.request_return(order.number, {"0": 1}, "other", None, PL, "k")
    assert back.label is not None
    invoice = await web.get(await commerce.invoice(order.number, PL))
    label = await web.get(back.label)
    assert said["invoice"].format(number=order.number) in words(invoice)
    assert said["label"].format(id=back.id) in words(label)
    for page in (invoice, label):
        assert f'<html lang="{language}">' in page.text
        assert "{" not in words(page)


async def test_a_label_says_what_to_send_where_and_until_when(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom
) -> None:
    order = await bought(room, "en")
    back = await commerce.request_return(order.number, {"0": 1}, "other", None, PL, "k")
    assert back.label is not None
    assert back.send_by is not None
    text = words(await web.get(back.label))
    title = order.lines[0].title
    for shown in (back.id, policy().contact.company, order.address.street, "DPD", f"1 × {title}"):
        assert shown in text, shown
    day = policy().local(back.send_by)
    assert f"{day:%B} {day.day}, {day.year}" in text
    assert "black, a" in text
    assert "black, c" not in text


async def test_a_label_of_what_was_taken_back_is_gone(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom
) -> None:
    order = await bought(room)
    back = await commerce.request_return(order.number, {"0": 1}, "other", None, PL, "k")
    assert back.label is not None
    assert (await web.get(back.label)).status_code == 200
    await commerce.withdraw(back.id, PL, "k")
    assert (await web.get(back.label)).status_code == 404


async def test_only_a_signed_address_opens(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom
) -> None:
    order, other = await bought(room), await bought(room)
    address = await commerce.invoice(order.number, PL)
    path, _, query = address.partition("?")
    forged = [
        path,
        f"{path}?until=99999999999&signature=",
        f"{path}?until=99999999999&{query.partition('&')[2]}",
        f"{path}?{query[:-1]}{'0' if query[-1] != '0' else '1'}",
        f"{path}?{query.replace('until=', 'until=1')}",
        f"{path}?until=x&{query.partition('&')[2]}",
        f"{path}?until=²&{query.partition('&')[2]}",
        address.replace(order.number, other.number),
        address.replace("/pl/", "/en/"),
    ]
    assert (await web.get(address)).status_code == 200
    for wrong in forged:
        page = await web.get(wrong)
        assert page.status_code == 404, wrong
        assert order.address.street not in page.text


async def test_numbers_may_have_signs_that_addresses_use(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefixed = policy().model_copy(update={"order_prefix": "#W"})
    monkeypatch.setattr("shop.commerce.orders.policy", lambda: prefixed)
    order = await bought(room)
    assert order.number.startswith("#W")
    page = await web.get(await commerce.invoice(order.number, PL))
    assert f"Rachunek do zamówienia {order.number}" in words(page)


async def test_an_address_holds_for_its_time(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await bought(room)
    address = await commerce.invoice(order.number, PL)
    day = 24 * 3600
    for after, status in ((day - 60, 200), (day + 60, 404)):
        monkeypatch.setattr(links, "now", lambda after=after: now() + after)
        assert (await web.get(address)).status_code == status


async def test_a_paper_is_not_kept_and_runs_nothing(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom
) -> None:
    order = await bought(room)
    page = await web.get(await commerce.invoice(order.number, PL))
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert "style=" not in page.text
    sheet = await web.get("/static/paper.css")
    assert "@media print" in sheet.text


async def test_what_shoppers_write_is_only_text(
    web: httpx.AsyncClient, commerce: DemoCommerce, room: Backroom
) -> None:
    order = await room.paid(((await room.thing()).variant("a"), 1))
    evil = f"<script>{order.number}</script>"
    home = {**vars(order.address), "street": evil}
    mine = update(orders).where(orders.c.number == order.number).values(address=home)
    await room.store.write(lambda connection: connection.execute(mine))
    page = await web.get(await commerce.invoice(order.number, PL))
    assert evil not in page.text
    assert evil in unescape(page.text)


def test_texts_have_the_same_keys_and_places_in_every_language() -> None:
    found = [
        yaml.safe_load((TEXTS / f"{language}.yml").read_text(encoding="utf-8"))["papers"]
        for language in policy().languages
    ]
    for other in found[1:]:
        assert shape(other) == shape(found[0])


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return sorted(re.findall(r"{\w+}", str(value)))
