"""A jacket bought in real Chromium: by thumb in Polish, by keyboard alone in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.system import ROOT, System
from tests.web.chat import Chat
from tests.web.conftest import ARGS

OUTPUT = ROOT / "tests" / "output" / "screenshots"
ANSWER = 20_000  # ms
FOCUSED = """() => {
  const inner = document.querySelector('shopkeeper-chat')?.shadowRoot.activeElement;
  const one = inner || document.activeElement;
  return (one.getAttribute('aria-label') || one.innerText || one.id || '').trim();
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield browser
        browser.close()


def shot(page: Page, name: str) -> Path:
    path = OUTPUT / f"{name}.png"
    page.screenshot(path=path)
    return path


def said(chat: Chat, pattern: str) -> None:
    expect(chat.bot.last).to_contain_text(re.compile(pattern, re.IGNORECASE), timeout=ANSWER)


def test_a_jacket_bought_by_thumb_in_polish(chromium: Browser, system: System) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844},
        has_touch=True,
        is_mobile=True,
        locale="pl-PL",
        reduced_motion="reduce",
    )
    context.set_default_timeout(ANSWER)
    page = context.new_page()
    page.goto(f"{system.shop}/pl/")
    shot(page, "pl-1-shop")
    chat = Chat(page)
    chat.launcher.tap()
    chat.send("szukam kurtki na deszcz")
    expect(chat.log.locator("article").first).to_be_visible(timeout=ANSWER)
    shot(page, "pl-2-cards")
    chat.log.get_by_role("button", name=re.compile("Do koszyka")).first.tap()
    for question in ("kolor", "rozmiar"):
        said(chat, question)
        chat.quick.first.tap()
    said(chat, "koszyku")
    shot(page, "pl-3-cart")
    chat.quick.filter(has_text="kasy").tap()
    for question, answer in (
        ("e-mail", "anna@example.com"),
        ("nazwisk", "Anna Nowak"),
        ("telefon", "512 345 678"),
        ("dostar|dostaw", "kurierem"),
        ("ulic", "Długa 5/12, 00-238 Warszawa"),
    ):
        said(chat, question)
        chat.send(answer)
    said(chat, "Długa 5/12")
    shot(page, "pl-4-summary")
    chat.quick.first.tap()
    said(chat, "zapłać|płat")
    pay(page, chat, "pl")
    context.close()


def test_a_jacket_bought_by_keyboard_in_english(chromium: Browser, system: System) -> None:
    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-IE", reduced_motion="reduce"
    )
    context.set_default_timeout(ANSWER)
    page = context.new_page()
    page.goto(f"{system.shop}/en/")
    chat = Chat(page)
    press(page, "assistant", most=80)
    expect(chat.panel).to_be_visible()
    write(page, "rain jacket in black, size M")
    expect(chat.log.locator("article").first).to_be_visible(timeout=ANSWER)
    shot(page, "en-1-cards")
    press(page, "^Add to cart")
    said(chat, "colour|size|in your cart")
    while chat.quick.count() and "cart" not in chat.bot.last.inner_text():
        before = chat.bot.count()
        press(page, re.escape(chat.quick.first.inner_text()))
        expect(chat.bot).not_to_have_count(before, timeout=ANSWER)
    said(chat, "in your cart")
    press(page, "^Checkout")
    for question, answer in (
        ("e-mail", "anne@example.com"),
        ("surname", "Anne Byrne"),
        ("phone", "skip"),
        ("country", "Ireland"),
        ("deliver", "courier"),
        ("Street", "12 Main Street"),
        ("Postcode", "D02 X285 Dublin"),
    ):
        said(chat, question)
        write(page, answer)
    said(chat, "Total to pay")
    shot(page, "en-2-summary")
    write(page, "yes")
    said(chat, "please pay")
    press(page, "^Pay")
    page.wait_for_url("**/pay/**")
    press(page, "^Pay", most=20)
    said(chat, "has arrived")
    shot(page, "en-3-paid")
    serious = [v for v in Axe().run(page).response["violations"] if v["impact"] in SERIOUS]
    assert not serious, [(v["id"], [n["html"] for n in v["nodes"]]) for v in serious]
    context.close()


SERIOUS = ("serious", "critical")


def pay(page: Page, chat: Chat, name: str) -> None:
    """From the link in the chat through the payment page, back to where "paid" comes by itself."""
    chat.panel.locator('a[href*="/pay/"]').first.tap()
    page.wait_for_url("**/pay/**")
    shot(page, f"{name}-5-pay")
    page.locator('button[value="pay"]').tap()
    said(chat, "dotarła|zaksięgowan|opłacon|dziękujemy")
    shot(page, f"{name}-6-paid")


def write(page: Page, text: str) -> None:
    """Types into the composer, which has the focus or is reached by Tab."""
    for _ in range(60):
        if page.evaluate(
            "() => document.querySelector('shopkeeper-chat').shadowRoot.activeElement?.id === 'msg'"
        ):
            break
        page.keyboard.press("Tab")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def press(page: Page, name: str, most: int = 200) -> None:
    """Moves the focus to the control whose name matches, and presses Enter."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if re.search(name, page.evaluate(FOCUSED)):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{name!r} is not reached by keyboard")
