"""The demo shop's pages, from the real catalogue."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import shop
from shop.front import create_app
from shop.front.payment import way_back
from shop.front.site import WEB, preferred
from shop.model import Address, Checkout, Locale, Payment, PaymentState, Wishes
from tests.web.conftest import serve

PLN = Locale("pl", "PLN")
LANGUAGES = ("pl", "es", "en")
TEXTS = {
    language: yaml.safe_load((WEB / "shop" / "texts" / f"{language}.yml").read_text("utf-8"))
    for language in LANGUAGES
}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The real front on a shop of its own."""
    patch = pytest.MonkeyPatch()
    patch.setenv("SHOPKEEPER_DB", f"sqlite:///{tmp_path_factory.mktemp('shop')}/shop.db")
    patch.setenv("PUBLIC_URL", "")
    shop.connect.cache_clear()
    server = serve(create_app())
    address = next(server)
    patch.setenv("PUBLIC_URL", address)
    yield address
    next(server, None)
    shop.connect.cache_clear()
    patch.undo()


@pytest.fixture
def client(front: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=front, timeout=30) as client:
        yield client


def finished(work: Coroutine[Any, Any, Payment]) -> Payment:
    """In a thread of its own: Playwright's loop occupies this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def new_payment(language: str, return_url: str) -> Payment:
    commerce = shop.connect("commerce")
    found = await commerce.search(Wishes(in_stock=True), PLN, limit=1)
    variant = next(one for one in found.products[0].variants if one.stock)
    await commerce.set_quantity("talk", variant.id, 1, PLN)
    address = Address("Anna Nowak", "Długa 1", "00-238", "Warszawa", "PL")
    (delivery, *_) = await commerce.delivery_methods("talk", "PL", PLN)
    checkout = Checkout("anna@example.com", None, address, delivery.id, "WAW01", language)
    order = await commerce.place_order("talk", checkout, PLN, key=return_url)
    return await shop.connect("payments").start(order, language, return_url, key=return_url)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es-ES,es;q=0.9,en;q=0.8", "es"),
        ("de,pl;q=0.7,en;q=0.3", "pl"),
        ("fr", "en"),
        ("", "en"),
        ("x;q=oops", "en"),
    ],
)
def test_first_address_leads_to_the_browsers_language(
    client: httpx.Client, header: str, language: str
) -> None:
    answer = client.get("/", headers={"Accept-Language": header})
    assert (answer.status_code, answer.headers["location"]) == (302, f"/{language}/")


def test_accept_language_is_read_by_weight() -> None:
    assert preferred("en;q=0.1, pl, es;q=0.5") == ["pl", "es", "en"]


@pytest.mark.parametrize("path", ["/privacy", "/products/halny-storm-jacket"])
def test_address_without_a_language_keeps_that_of_the_page_before(
    client: httpx.Client, path: str
) -> None:
    answer = client.get(
        path, headers={"Referer": "https://shop.example/pl/", "Accept-Language": "es"}
    )
    assert answer.headers["location"].startswith("/pl/")
    assert client.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_language_opens(client: httpx.Client, language: str) -> None:
    paths = [f"category/{name}" for name in TEXTS[language]["category_names"]]
    paths += [f"legal/{page}" for page in TEXTS[language]["pages"]]
    for path in ["", "search?q=kurtka", "search?sale", *paths]:
        answer = client.get(f"/{language}/{path}")
        assert answer.status_code == 200, path
        assert f'<html lang="{language}">' in answer.text


def test_policy_forbids_everything_inline(client: httpx.Client) -> None:
    for path in ("/pl/", "/en/product/halny-storm-jacket", "/widget/shopkeeper.js", "/nowhere"):
        policy = client.get(path).headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy


@pytest.mark.parametrize(
    "path",
    ["/nowhere", "/de/", "/pl/product/none", "/pl/category/none", "/pl/legal/none", "/pay/none"],
)
def test_unknown_address_is_a_page_of_the_shop(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "halny" in answer.text


@pytest.mark.parametrize(
    "path", ["/pictures/none/red.svg", "/pictures/..%2F..%2Fshop%2Fshop/red.svg", "/widget/../x"]
)
def test_files_outside_are_not_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_picture_is_drawn_in_the_colour_asked_for(client: httpx.Client) -> None:
    answer = client.get("/pictures/jacket-hooded/navy.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "#25355a" in answer.text
    assert "{{" not in answer.text


@pytest.mark.parametrize(
    "query", ["<script>alert(1)</script>", "%", "' or 1=1", "x" * 5000, "\x00"]
)
def test_search_takes_any_text(client: httpx.Client, query: str) -> None:
    answer = client.get("/en/search", params={"q": query})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_reduced_price_names_the_lowest_of_thirty_days(client: httpx.Client) -> None:
    page = client.get("/pl/product/halny-storm-jacket").text
    assert "429,00\xa0zł" in page
    assert "-8%" in page
    assert re.search(r"Najniższa cena z 30 dni przed obniżką: <s>469,00\xa0zł</s>", page)
    assert "549,00" not in page


def test_widget_may_be_embedded_anywhere(client: httpx.Client) -> None:
    assert client.get("/widget/panel.js").headers["access-control-allow-origin"] == "*"


def test_texts_have_the_same_keys_in_every_language() -> None:
    def keys(value: Any, path: str = "") -> set[str]:
        if not isinstance(value, dict) or "other" in value:
            return {path}
        return {key for name, item in value.items() for key in keys(item, f"{path}.{name}")}

    assert keys(TEXTS["en"]) == keys(TEXTS["pl"]) == keys(TEXTS["es"])


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://localhost:8000/pl/category/bags?sort=newest", "/pl/category/bags"),
        ("", "/pl/"),
        ("https://evil.example//evil.example", "/pl/"),
        ("javascript:alert(1)", "/pl/"),
        ("http://localhost/pay/pay_1", "/pl/"),
    ],
)
def test_payment_page_leads_back_into_the_shop_only(url: str, path: str) -> None:
    assert way_back(url, "pl") == f"{path}#shopkeeper"


@pytest.mark.parametrize(
    ("choice", "state"),
    [
        ("pay", PaymentState.SUCCEEDED),
        ("decline", PaymentState.FAILED),
        ("cancel", PaymentState.CANCELLED),
    ],
)
def test_choice_on_the_payment_page_is_final(
    client: httpx.Client, front: str, choice: str, state: PaymentState
) -> None:
    payment = finished(new_payment("es", f"{front}/es/?{choice}"))
    path = f"/pay/{payment.id}"
    assert "Paga tu pedido" in client.get(path).text
    assert client.post(path, data={"choice": "nonsense"}).headers["location"] == path
    answer = client.post(path, data={"choice": choice})
    assert (answer.status_code, answer.headers["location"]) == (303, "/es/#shopkeeper")
    client.post(path, data={"choice": "pay"})
    assert finished(shop.connect("payments").payment(payment.id)).state is state
    assert TEXTS["es"]["payment"]["done"][state.value] in client.get(path).text


def test_forged_payment_webhook_is_refused(client: httpx.Client) -> None:
    assert client.post("/webhooks/payments", json={"type": "payment.succeeded"}).status_code == 401
    assert client.post("/webhooks/payments", content=b"x" * 100_000).status_code == 413


@pytest.fixture(params=["light", "dark"])
def shop_page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = chromium.new_context(
        bypass_csp=True, color_scheme=request.param, viewport={"width": 390, "height": 844}
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    "path", ["/pl/", "/es/category/jackets", "/en/product/halny-storm-jacket", "/pl/legal/contact"]
)
def test_axe_finds_nothing_on_the_shops_pages(shop_page: Page, front: str, path: str) -> None:
    shop_page.goto(front + path)
    expect(shop_page.locator(".launcher")).to_be_visible()
    found = Axe().run(shop_page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert shop_page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("width", [320, 1280])
def test_shop_violates_no_policy_and_fits(chromium: Browser, front: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: message.type == "error" and troubles.append(message.text))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    for path in ("/pl/", "/en/product/halny-storm-jacket"):
        page.goto(front + path)
        expect(page.locator(".launcher")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert troubles == []
    context.close()


def test_choosing_a_variant_changes_picture_stock_and_what_is_asked(
    chromium: Browser, front: str
) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{front}/en/product/halny-storm-jacket")
    page.get_by_label("navy").check(force=True)
    page.get_by_label("XL", exact=True).check(force=True)
    expect(page.locator("#picture")).to_have_attribute("src", re.compile("navy"))
    expect(page.locator("#stock")).to_have_text("Last 2 in stock")
    expect(page.locator("#buy")).to_have_attribute(
        "data-shopkeeper-ask", "Add to cart: Storm women's rain jacket, navy, XL"
    )
    context.close()


def test_drawings_are_there_for_every_product() -> None:
    folder = Path(shop.__file__).parent / "demo" / "catalogue"
    wanted = set(
        re.findall(
            r"^  picture: (\S+)",
            "".join(path.read_text("utf-8") for path in folder.glob("*.yml")),
            re.MULTILINE,
        )
    )
    assert wanted - {path.stem for path in (WEB / "pictures").glob("*.svg")} == set()
