"""Launcher, panel, focus, full screen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.assistant import Assistant
from tests.web.chat import Chat


def test_before_first_use_there_is_a_launcher_and_no_traffic(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    expect(chat.launcher).to_have_accessible_name("Open shop assistant chat")
    expect(chat.panel).to_have_count(0)
    assert assistant.requests == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


@pytest.mark.parametrize("key", ["Enter", "Space"])
def test_keyboard_opens_and_escape_gives_the_focus_back(chat: Chat, key: str) -> None:
    chat.launcher.focus()
    chat.page.keyboard.press(key)
    expect(chat.panel).to_be_visible()
    expect(chat.launcher).to_be_hidden()
    assert chat.focused == "msg"
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    assert chat.focused == "launcher"


def test_first_open_greets_says_that_it_is_automatic_and_offers_a_start(chat: Chat) -> None:
    chat.open()
    expect(chat.page.locator(".greeting")).to_contain_text("Hi!")
    expect(chat.page.locator("#notice")).to_have_text(
        "Automated assistant. It can make mistakes. Privacy"
    )
    expect(chat.page.locator("#notice a")).to_have_attribute("href", "/privacy")
    expect(chat.quick).to_have_count(4)


def test_escape_closes_the_menu_before_the_panel(chat: Chat) -> None:
    chat.open().button("Menu").click()
    chat.button("Delete conversation").click()
    expect(chat.page.get_by_role("alertdialog")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.button("Delete conversation")).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.button("Menu")).to_be_focused()
    expect(chat.panel).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()


def test_desktop_panel_leaves_the_shop_usable(chat: Chat) -> None:
    chat.open()
    assert chat.panel.get_attribute("aria-modal") is None
    chat.page.locator("h1").click()
    expect(chat.panel).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_visible()


def test_link_in_the_page_asks_and_gets_the_focus_back(chat: Chat) -> None:
    chat.page.get_by_text("Ask two").click()
    expect(chat.user).to_contain_text("two")
    expect(chat.bot).to_have_count(2)
    chat.page.keyboard.press("Escape")
    assert chat.page.evaluate("document.activeElement.textContent") == "Ask two"


def test_draft_survives_closing_and_reload(chat: Chat, page: Page) -> None:
    chat.open().field.fill("half a tho")
    page.keyboard.press("Escape")
    chat.open()
    expect(chat.field).to_have_value("half a tho")
    page.reload()
    expect(chat.field).to_have_value("half a tho")


def test_full_screen_makes_the_page_inert_and_gives_it_back(chromium: Browser, site: str) -> None:
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(site)
    chat = Chat(page).open()
    assert chat.panel.get_attribute("aria-modal") == "true"
    assert page.evaluate("document.querySelector('main').inert")
    box = chat.panel.bounding_box()
    assert box is not None
    assert (box["width"], box["height"]) == pytest.approx((390, 844), abs=0.5)
    chat.button("Close chat").click()
    assert not page.evaluate("document.querySelector('main').inert")
    assert page.evaluate("document.documentElement.style.overflow") == ""
    context.close()


def test_touch_opens_without_a_keyboard_pop_up(chromium: Browser, site: str) -> None:
    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto(site)
    chat = Chat(page)
    chat.launcher.tap()
    expect(chat.panel).to_be_visible()
    assert chat.focused == "title"
    context.close()


@pytest.mark.parametrize(("width", "height"), [(320, 568), (568, 320)])
def test_small_screens_show_everything_without_sideways_scrolling(
    chat: Chat, page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    chat.open().ask("cards")
    for part in (chat.field, chat.button("Close chat"), chat.button("Send")):
        expect(part).to_be_in_viewport(ratio=1)
    chat.expect_no_sideways_scrolling()
    assert chat.log.evaluate("log => log.clientHeight") >= 2 * 22
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_delete_needs_a_yes_and_reaches_the_server(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    chat.open().ask("hello")
    chat.button("Menu").click()
    chat.button("Delete conversation").click()
    chat.page.get_by_role("alertdialog").get_by_text("Delete", exact=True).click()
    expect(chat.bot).to_have_count(0)
    assert "delete" in assistant.requests
    chat.ask("again")
    assert [one["text"] for one in assistant.only.messages] == ["again", "You said: again"]
    page.reload()
    expect(chat.bot).to_have_count(1)


def test_language_of_the_menu_changes_every_word_and_stays(chat: Chat, page: Page) -> None:
    chat.open().ask("cards")
    chat.button("Menu").click()
    page.get_by_label("Polski").check()
    expect(page.get_by_label("Polski")).to_be_focused()
    page.keyboard.press("Escape")
    expect(chat.page.locator("#title")).to_have_text("Asystent sklepu")
    expect(page.locator(".lowest").first).to_contain_text("Najniższa cena z 30 dni przed obniżką:")
    page.reload()
    expect(chat.page.locator("#title")).to_have_text("Asystent sklepu")


def test_transcript_is_a_text_file(chat: Chat, page: Page) -> None:
    chat.open().ask("cards")
    chat.button("Menu").click()
    with page.expect_download() as download:
        chat.button("Download transcript").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert download.value.suggested_filename == "conversation.txt"
    assert "You: cards" in text
    assert "Storm Shell Jacket" in text


def test_person_is_one_press_away(chat: Chat, assistant: Assistant) -> None:
    chat.open().button("Menu").click()
    chat.button("Talk to a person").click()
    expect(chat.user).to_contain_text("I would like to talk to a person")
    expect(chat.bot).to_have_count(1)
