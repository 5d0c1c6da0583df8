"""Resume, reconnect, other tabs: nothing lost, nothing doubled."""

from __future__ import annotations

import json

from playwright.sync_api import BrowserContext, Page, expect

from tests.web.assistant import Assistant
from tests.web.chat import Chat

PARSE = """async ([text, size]) => {
  const { createParser } = await import("/widget/stream.js");
  const bytes = new TextEncoder().encode(text);
  const results = new Set();
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const events = [];
    const push = createParser((event) => events.push(event));
    const decoder = new TextDecoder();
    for (const part of [bytes.slice(0, cut), bytes.slice(cut)])
      push(decoder.decode(part, { stream: true }));
    results.add(JSON.stringify(events));
  }
  return [...results];
}"""


def test_reload_in_the_middle_of_an_answer_shows_it_once(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    assistant.delay = 1.5
    chat.open().send("slow")
    expect(chat.page.locator(".state")).to_have_count(0)
    page.reload()
    expect(chat.panel).to_be_visible()
    expect(chat.page.locator(".typing")).to_be_visible()
    expect(chat.bot).to_have_count(1)
    expect(chat.user).to_have_count(1)
    expect(chat.page.locator(".typing")).to_be_hidden()


def test_two_tabs_show_the_same_messages_once(
    chat: Chat, context: BrowserContext, site: str
) -> None:
    chat.open().ask("first")
    other = context.new_page()
    other.goto(site)
    second = Chat(other)
    expect(second.panel).to_be_visible()
    expect(second.bot).to_have_count(1)
    second.send("second")
    for tab in (chat, second):
        expect(tab.bot).to_have_count(2)
        expect(tab.user).to_have_count(2)


def test_events_cut_at_any_byte_are_read_the_same(chat: Chat) -> None:
    data = json.dumps({"text": "zażółć 🧥"}, ensure_ascii=False)
    text = (
        f": ok\r\n\r\nid: 7\r\nevent: message\r\ndata: {data}\r\ndata:second\r\n\r\n"
        "event: done\ndata: {}\n\n"
    )
    (result,) = chat.page.evaluate(PARSE, [text, 0])
    assert json.loads(result) == [
        {"id": "7", "event": "message", "data": f"{data}\nsecond"},
        {"id": None, "event": "done", "data": "{}"},
    ]


def test_stream_that_breaks_in_mid_event_loses_and_doubles_nothing(
    chat: Chat, assistant: Assistant
) -> None:
    assistant.cuts = [0, 5, 21, 40, 90]
    chat.open().send("two")
    expect(chat.bot.locator(".bubble")).to_have_text(["First part.", "Second part."], timeout=20000)
    expect(chat.user).to_have_count(1)
    assert assistant.streams >= 5


def test_stream_that_stays_mute_is_replaced_by_polling(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    assistant.mute = True
    page.clock.install()
    page.reload()
    chat.open().send("hello")
    expect(chat.user).to_have_count(1)
    for _ in range(15):
        page.clock.run_for(5000)
    expect(chat.bot).to_have_count(1)
    assert "history" in assistant.requests


def test_answer_of_a_mute_stream_is_fetched_after_eight_seconds(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    assistant.mute = True
    page.clock.install()
    page.reload()
    chat.open().send("hello")
    expect(chat.user.locator("time")).to_be_visible()
    while len(assistant.only.messages) < 2:
        page.wait_for_timeout(20)
    page.clock.run_for(9000)
    expect(chat.bot).to_have_count(1)


def test_word_of_the_bot_comes_without_being_asked(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    chat.open().ask("hello")
    page.keyboard.press("Escape")
    assistant.say(text="Your payment has arrived.")
    expect(chat.page.locator(".badge")).to_have_text("1")
    expect(chat.launcher).to_have_accessible_name("Open shop assistant chat, 1 unread message")
    chat.open()
    expect(chat.bot.last).to_contain_text("Your payment has arrived.")
    expect(chat.page.locator(".badge")).to_be_hidden()


def test_unread_word_is_there_after_a_reload_with_the_chat_closed(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    chat.open().ask("hello")
    page.keyboard.press("Escape")
    page.goto("about:blank")
    assistant.say(text="Your payment has arrived.")
    page.go_back()
    expect(chat.page.locator(".badge")).to_have_text("1")


def test_address_with_the_chat_mark_opens_it(chat: Chat, page: Page, site: str) -> None:
    chat.open().ask("hello")
    page.keyboard.press("Escape")
    page.goto(f"{site}/product#shopkeeper")
    expect(chat.panel).to_be_visible()
    expect(chat.bot).to_have_count(1)
    assert page.url == f"{site}/product"


def test_no_answer_in_thirty_seconds_is_said_and_can_be_asked_again(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    assistant.silent = True
    page.clock.install()
    page.reload()
    chat.open().send("hello")
    expect(chat.page.locator(".state")).to_have_count(0)
    page.clock.run_for(400)
    expect(chat.page.locator(".typing")).to_be_visible()
    page.clock.run_for(8000)
    expect(chat.page.locator(".typing")).to_contain_text("Still looking…")
    page.clock.run_for(23000)
    expect(chat.page.locator(".typing")).to_be_hidden()
    expect(chat.page.locator(".hint")).to_contain_text("No answer came.")
    chat.button("Retry").click()
    expect(chat.page.locator(".hint")).to_be_hidden()
    page.clock.run_for(1000)
    while len(assistant.only.posts) < 2:
        page.wait_for_timeout(50)
    assert len({post["id"] for post in assistant.only.posts}) == 1
    expect(chat.user).to_have_count(1)


def test_typing_sign_of_another_tab_goes_when_the_turn_is_done(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    chat.open().ask("hello")
    assistant.only.signal("typing")
    expect(page.locator(".typing")).to_be_visible()
    assistant.only.signal("done", reply_to="c-of-another-tab")
    expect(page.locator(".typing")).to_be_hidden()


def test_failed_turn_is_said_and_can_be_asked_again(chat: Chat, assistant: Assistant) -> None:
    assistant.silent = True
    chat.open().send("hello")
    expect(chat.user.locator("time")).to_be_visible()
    (post,) = assistant.only.posts
    assistant.only.signal("error", code="storage", retryable=True, reply_to=post["id"])
    expect(chat.page.locator(".hint")).to_contain_text("Something went wrong on our side.")
    chat.button("Retry").click()
    expect(chat.page.locator(".hint")).to_be_hidden()
    expect(chat.user).to_have_count(1)
