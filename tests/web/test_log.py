"""Scrolling, announcements, hostile text."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.web.assistant import Assistant
from tests.web.chat import Chat


def test_reader_who_scrolled_up_is_not_moved(chat: Chat, page: Page, assistant: Assistant) -> None:
    chat.open()
    for n in range(6):
        chat.ask(f"message {n}")
    chat.ask("long")
    chat.log.evaluate("log => { log.scrollTop = 0; }")
    page.wait_for_timeout(100)
    for n in range(3):
        assistant.say(text=f"News {n}")
    jump = page.locator(".jump")
    expect(jump).to_contain_text("3 new messages")
    assert chat.scroll_top == 0
    page.keyboard.press("Escape")
    expect(page.locator(".badge")).to_have_text("3")
    chat.open()
    chat.log.evaluate("log => { log.scrollTop = 0; }")


def test_jump_button_leads_to_the_first_new_message(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    chat.open().ask("long")
    chat.log.evaluate("log => { log.scrollTop = 0; }")
    page.wait_for_timeout(100)
    assistant.say(text="News")
    page.locator(".jump").click()
    expect(chat.bot.last).to_be_focused()
    expect(chat.bot.last).to_be_in_viewport()


def test_long_reply_is_shown_from_its_top(chat: Chat) -> None:
    chat.open().ask("long")
    offset = chat.bot.last.evaluate(
        "li => li.getBoundingClientRect().top - li.closest('#log').getBoundingClientRect().top"
    )
    assert 0 <= offset <= 24


def test_arriving_message_does_not_take_the_focus(chat: Chat, assistant: Assistant) -> None:
    chat.open().ask("hello")
    chat.button("Menu").focus()
    assistant.say(text="News")
    expect(chat.bot).to_have_count(2)
    expect(chat.button("Menu")).to_be_focused()


def test_new_message_is_announced_once_and_history_is_not(chat: Chat, page: Page) -> None:
    watch = """() => {
      window.said = [];
      const say = document.querySelector('shopkeeper-chat').shadowRoot.getElementById('say');
      new MutationObserver((list) => list.forEach((change) =>
        change.addedNodes.forEach((node) => window.said.push(node.textContent)))
      ).observe(say, { childList: true });
    }"""
    chat.open()
    page.evaluate(watch)
    chat.ask("buttons")
    expected = ["Assistant: Shall I put it into the cart? 2 suggested replies."]
    assert page.evaluate("window.said") == expected
    page.reload()
    expect(chat.panel).to_be_visible()
    page.evaluate(watch)
    expect(chat.bot).to_have_count(1)
    page.wait_for_timeout(300)
    assert page.evaluate("window.said") == []


def test_text_of_the_bot_stays_text(chat: Chat, page: Page) -> None:
    reply = chat.open().ask("xss")
    expect(reply).to_contain_text("<img src=x onerror=")
    expect(reply).to_contain_text("[click](javascript:window.hacked=1)")
    assert reply.locator("img, script").count() == 0
    expect(reply.locator("a")).to_have_attribute("href", "https://example.org/a?b=c")
    expect(reply.locator("a")).to_have_attribute("rel", "noopener noreferrer")
    expect(reply.locator("strong")).to_have_text("bold")
    assert page.evaluate("window.hacked") is None
    chat.expect_no_sideways_scrolling()


def test_text_of_the_shopper_stays_text(chat: Chat, page: Page) -> None:
    chat.open().ask("<img src=x onerror=window.hacked=1> **a**")
    expect(chat.user.locator(".bubble")).to_have_text("<img src=x onerror=window.hacked=1> **a**")
    assert chat.user.locator("img, strong").count() == 0


def test_payment_link_keeps_its_place_and_says_that_it_opens_a_tab(chat: Chat) -> None:
    chat.open().ask("pay")
    link = chat.bot.first.get_by_role("link", name="Pay PLN 129.90 (opens in a new tab)")
    expect(link).to_have_attribute("target", "_blank")
    chat.ask("hello")
    expect(link).to_be_visible()


def test_messages_are_grouped_under_their_day(chat: Chat) -> None:
    chat.open().ask("two", replies=2)
    expect(chat.page.locator("li.day")).to_have_text(["Today"])
    expect(chat.page.locator("li.bot time")).to_have_count(1)
