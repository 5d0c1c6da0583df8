"""Composer, sending, retry, offline."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.assistant import Assistant
from tests.web.chat import Chat


def said(assistant: Assistant) -> list[str]:
    """What the server's log holds of the shopper, in order."""
    return [one["text"] for one in assistant.only.messages if one["from"] == "user"]


def test_enter_sends_and_shift_enter_breaks_the_line(chat: Chat, assistant: Assistant) -> None:
    chat.open().field.type("one")
    chat.field.press("Shift+Enter")
    chat.field.type("two")
    chat.field.press("Enter")
    expect(chat.bot).to_have_count(1)
    assert said(assistant) == ["one\ntwo"]


def test_enter_of_an_input_method_does_not_send(chat: Chat, assistant: Assistant) -> None:
    chat.open().field.fill("日本")
    for init in ("isComposing: true", "keyCode: 229"):
        chat.field.evaluate(
            "(field) => field.dispatchEvent(new KeyboardEvent('keydown',"
            f"{{key: 'Enter', bubbles: true, composed: true, {init}}}))"
        )
    expect(chat.field).to_have_value("日本")
    expect(chat.user).to_have_count(0)


def test_empty_message_is_not_sent_and_keeps_the_focus(chat: Chat) -> None:
    chat.open().send("   ")
    expect(chat.user).to_have_count(0)
    assert chat.focused == "msg"


def test_too_long_text_is_kept_counted_and_not_sent(chat: Chat) -> None:
    chat.open().send("x" * 1003)
    expect(chat.page.locator(".counter")).to_have_text("3 characters too many")
    expect(chat.field).to_have_value("x" * 1003)
    expect(chat.field).to_have_attribute("aria-invalid", "true")
    expect(chat.user).to_have_count(0)
    chat.field.fill("x" * 1000)
    expect(chat.page.locator(".counter")).to_have_text("0 characters left")


def test_message_shows_at_once_and_leads_with_its_context(chat: Chat, assistant: Assistant) -> None:
    assistant.delay = 1
    chat.open().send("hello")
    expect(chat.user).to_have_count(1, timeout=500)
    expect(chat.bot).to_have_count(1)
    (post,) = assistant.only.posts
    assert (post["lang"], post["currency"]) == ("en", "PLN")
    assert post["page"]["url"].startswith("http://127.0.0.1")


def test_server_error_offers_retry_and_makes_one_bubble(chat: Chat, assistant: Assistant) -> None:
    assistant.failures = [500]
    chat.open().send("hello")
    expect(chat.page.locator(".state")).to_contain_text("Not sent")
    expect(chat.page.locator("#alert")).to_contain_text("Message not sent")
    chat.button("Retry").click()
    expect(chat.bot).to_have_count(1)
    expect(chat.user).to_have_count(1)
    expect(chat.page.locator(".state")).to_have_count(0)
    assert said(assistant) == ["hello"]


def test_answer_lost_on_the_way_is_retried_with_the_same_id(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    """The server took the message, but its 202 never came."""
    chat.open().ask("warm up")
    cut = []

    def lose_answer(route: object) -> None:
        cut.append(True)
        route.fetch()  # type: ignore[attr-defined]
        route.abort()  # type: ignore[attr-defined]

    page.route("**/message", lose_answer, times=1)
    chat.send("once")
    expect(chat.bot).to_have_count(2)
    expect(chat.user).to_have_count(2)
    expect(chat.page.locator(".state")).to_have_count(0)
    assert cut == [True]
    assert said(assistant) == ["warm up", "once"]


def test_failed_message_can_be_deleted(chat: Chat, assistant: Assistant) -> None:
    assistant.failures = [500]
    chat.open().send("hello")
    chat.button("Delete").click()
    expect(chat.user).to_have_count(0)
    assert chat.focused == "msg"


@pytest.mark.parametrize("status", [429, 503])
def test_message_that_was_not_accepted_is_sent_again_by_itself(
    chat: Chat, assistant: Assistant, status: int
) -> None:
    assistant.failures = [status]
    chat.open().send("patience")
    expect(chat.bot).to_have_count(1)
    assert said(assistant) == ["patience"]


def test_offline_messages_go_out_once_and_in_order(
    chat: Chat, context: BrowserContext, assistant: Assistant
) -> None:
    chat.open().ask("before")
    context.set_offline(True)
    chat.send("first")
    chat.send("second")
    expect(chat.page.locator(".state.queued")).to_have_count(2)
    expect(chat.banner).to_contain_text("Connection lost. Reconnecting…")
    context.set_offline(False)
    expect(chat.bot).to_have_count(3)
    expect(chat.user).to_have_count(3)
    assert said(assistant) == ["before", "first", "second"]
    expect(chat.banner).to_be_hidden(timeout=10000)


def test_queued_message_survives_a_reload(
    chat: Chat, page: Page, context: BrowserContext, assistant: Assistant
) -> None:
    assistant.failures = [500]
    chat.open().send("do not lose me")
    expect(chat.page.locator(".state.failed")).to_have_count(1)
    page.reload()
    expect(chat.bot).to_have_count(1)
    assert said(assistant) == ["do not lose me"]


def test_eleventh_offline_message_stays_in_the_field(chat: Chat, context: BrowserContext) -> None:
    chat.open().ask("before")
    context.set_offline(True)
    for n in range(11):
        chat.send(f"message {n}")
    expect(chat.page.locator(".state.queued")).to_have_count(10)
    expect(chat.field).to_have_value("message 10")


def test_old_queued_message_asks_before_it_goes(
    chat: Chat, page: Page, context: BrowserContext, assistant: Assistant
) -> None:
    page.clock.install()
    page.reload()
    chat.open().ask("before")
    context.set_offline(True)
    chat.send("stale")
    expect(chat.page.locator(".state.queued")).to_have_count(1)
    page.clock.fast_forward("06:00")
    context.set_offline(False)
    expect(chat.page.locator(".state.stale")).to_contain_text("Not sent yet")
    assert said(assistant) == ["before"]
    chat.button("Send now").click()
    expect(chat.bot).to_have_count(2)


def test_quick_reply_leaves_its_title_and_goes(chat: Chat, assistant: Assistant) -> None:
    chat.open().ask("buttons")
    expect(chat.quick).to_have_text(["Yes", "No"])
    chat.quick.first.evaluate("button => { button.focus(); button.click(); button.click(); }")
    expect(chat.user.last).to_contain_text("Yes")
    expect(chat.quick).to_have_count(0)
    expect(chat.bot).to_have_count(2)
    assert assistant.only.posts[-1]["choice"] == "k-yes"
    assert said(assistant) == ["buttons", "Yes"]
    assert chat.focused == "msg"


def test_typing_free_text_takes_the_quick_replies_away(chat: Chat) -> None:
    chat.open().ask("buttons")
    chat.ask("something else")
    expect(chat.quick).to_have_count(0)


def test_expired_session_gets_a_new_conversation(chat: Chat, assistant: Assistant) -> None:
    chat.open().ask("old")
    assistant.conversations.clear()
    chat.send("new")
    expect(chat.page.locator(".hint")).to_contain_text("The earlier conversation has ended")
    expect(chat.bot).to_have_count(1)
    assert said(assistant) == ["new"]


def test_bubble_shows_what_the_server_keeps(chat: Chat, assistant: Assistant) -> None:
    """Card numbers are masked before anything is stored."""
    assistant.mask = lambda text: text.replace("4111", "****")
    chat.open().ask("4111 is my card")
    expect(chat.user.locator(".bubble")).to_have_text(["**** is my card"])
