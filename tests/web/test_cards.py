"""Product cards, carousel, prices."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.web.assistant import Assistant
from tests.web.chat import Chat

MONEY = """async ([amount, currency, lang]) =>
  (await import("/widget/cards.js")).money(amount, currency, lang)"""


def test_reduction_names_the_lowest_price_of_thirty_days(chat: Chat) -> None:
    card = chat.open().ask("cards").locator(".card").first
    expect(card.locator(".price strong")).to_have_text("zł\u00a0129.90")
    expect(card.locator(".off")).to_have_text("13% off")
    expect(card.locator(".lowest")).to_have_text(
        "Lowest price in the 30 days before the reduction: zł\u00a0149.90"
    )
    expect(card.locator(".lowest")).to_be_visible()


def test_regular_price_alone_is_no_reduction(chat: Chat) -> None:
    card = chat.open().ask("regular only").locator(".card")
    expect(card.locator(".price strong")).to_have_text("zł\u00a0129.90")
    assert card.locator(".off, .lowest, s").count() == 0
    expect(card).not_to_contain_text("189")


@pytest.mark.parametrize(
    ("amount", "currency", "lang", "shown"),
    [
        ("1234.50", "PLN", "pl", "1\u00a0234,50\u00a0zł"),
        ("1234.50", "EUR", "es", "1.234,50\u00a0€"),
        ("0.99", "EUR", "en", "€0.99"),
        ("12345.50", "EUR", "en", "€12,345.50"),
    ],
)
def test_money_is_written_as_the_language_does(
    page: Page, amount: str, currency: str, lang: str, shown: str
) -> None:
    assert page.evaluate(MONEY, [amount, currency, lang]) == shown


def test_card_says_rating_stock_and_what_its_button_is_for(chat: Chat) -> None:
    cards = chat.open().ask("cards").locator(".card")
    expect(cards.nth(0).locator(".rating")).to_contain_text("4.6")
    expect(cards.nth(2).locator(".rating")).to_have_text("No reviews yet")
    expect(cards.nth(3)).to_contain_text("Sold out")
    expect(cards.nth(1).get_by_role("button")).to_have_accessible_name(
        "Add to cart, Ridge Down Jacket"
    )


def test_add_to_cart_sends_the_choice_once_and_tells_the_page(
    chat: Chat, page: Page, assistant: Assistant
) -> None:
    chat.open().ask("cards").get_by_role("button", name="Add to cart, Storm").dblclick()
    expect(chat.user.last).to_contain_text("Add to cart")
    expect(chat.bot).to_have_count(2)
    assert [post.get("choice") for post in assistant.only.posts] == [None, "k-storm"]
    events = page.evaluate("window.events.filter(([name]) => name === 'choice')")
    assert events == [["choice", {"product": "storm", "title": "Add to cart"}]]


def test_carousel_moves_by_its_buttons_and_stops_at_the_ends(chat: Chat) -> None:
    reply = chat.open().ask("cards")
    group = reply.get_by_role("group", name="5 products")
    expect(group).to_have_attribute("aria-roledescription", "carousel")
    back, forth = chat.button("Previous products"), chat.button("Next products")
    count = reply.locator(".count")
    expect(count).to_have_text("1 of 5")
    expect(back).to_have_attribute("aria-disabled", "true")
    forth.click()
    expect(count).to_have_text("2 of 5")
    expect(forth).to_be_focused()
    for _ in range(4):
        forth.press("Enter")
        chat.page.wait_for_timeout(350)
    expect(forth).to_have_attribute("aria-disabled", "true")
    expect(count).to_have_text("5 of 5")
    expect(forth).to_be_focused()


def test_tab_to_a_card_brings_all_of_it_into_view(chat: Chat, page: Page) -> None:
    reply = chat.open().ask("cards")
    chat.button("Next products").focus()
    for _ in range(5):
        page.keyboard.press("Tab")
    expect(reply.locator("h3 a").nth(2)).to_be_focused()
    expect(reply.locator(".strip > li").nth(2)).to_be_in_viewport(ratio=0.6)
    box = reply.locator(".strip > li").nth(2).bounding_box()
    frame = chat.log.bounding_box()
    assert box is not None
    assert frame is not None
    assert box["x"] >= frame["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1


def test_next_card_peeks_at_320_pixels(chat: Chat, page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 568})
    reply = chat.open().ask("cards")
    box = reply.locator(".strip > li").nth(1).bounding_box()
    assert box is not None
    assert 320 - box["x"] >= 24


def test_picture_that_fails_leaves_a_box_of_the_same_size(chat: Chat, page: Page) -> None:
    page.route("**/picture.svg", lambda route: route.abort())
    box = chat.open().ask("regular only").locator(".picture")
    expect(box.locator("svg")).to_be_visible()
    size = box.bounding_box()
    assert size is not None
    assert abs(size["width"] - size["height"]) < 2


def test_card_link_stays_in_the_tab_and_the_chat_resumes(chat: Chat, page: Page) -> None:
    chat.open().ask("cards").get_by_role("link", name="Storm Shell Jacket").click()
    page.wait_for_url("**/product")
    expect(chat.panel).to_be_visible()
    expect(chat.bot).to_have_count(1)


def test_full_screen_chat_makes_room_for_the_page_of_a_link(chat: Chat, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    chat.open().ask("cards").get_by_role("link", name="Storm Shell Jacket").click()
    page.wait_for_url("**/product")
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).not_to_be_visible()
