"""axe finds nothing in any state, and a keyboard is enough."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.assistant import Assistant
from tests.web.chat import Chat

Step = Callable[[Chat, BrowserContext, Assistant], object]


def offline(chat: Chat, context: BrowserContext, assistant: Assistant) -> None:
    chat.open().ask("hello")
    context.set_offline(True)
    chat.send("later")
    expect(chat.banner).to_be_visible()


def failed(chat: Chat, context: BrowserContext, assistant: Assistant) -> None:
    assistant.failures = [500]
    chat.open().send("hello")
    expect(chat.page.locator(".state.failed")).to_be_visible()


def confirm(chat: Chat, context: BrowserContext, assistant: Assistant) -> None:
    chat.open().button("Menu").click()
    chat.button("Delete conversation").click()


STATES: dict[str, Step] = {
    "closed": lambda chat, *_: expect(chat.launcher).to_be_visible(),
    "open": lambda chat, *_: chat.open(),
    "carousel": lambda chat, *_: chat.open().ask("cards"),
    "quick replies": lambda chat, *_: chat.open().ask("buttons"),
    "menu": lambda chat, *_: chat.open().button("Menu").click(),
    "confirm": confirm,
    "offline": offline,
    "failed": failed,
}
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 800}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 800}},
    "full screen": {"color_scheme": "light", "viewport": {"width": 320, "height": 568}},
}


def violations(page: Page) -> list[str]:
    """axe needs to add its script, which the page's own policy would forbid."""
    page.wait_for_timeout(250)
    results = Axe().run(page)
    return [
        f"{one['id']}: {node['html'][:120]} {node['failureSummary']}"
        for one in results.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(
    chromium, site: str, assistant: Assistant, state: str, look: str
) -> None:
    context = chromium.new_context(
        bypass_csp=True, locale="en-GB", reduced_motion="reduce", **LOOKS[look]
    )
    page = context.new_page()
    page.goto(site)
    expect(page.locator(".launcher")).to_be_visible()
    STATES[state](Chat(page), context, assistant)
    assert violations(page) == []
    context.close()


def focus_on(chat: Chat, accessible_name: str) -> None:
    """Tab until the control of this name has the focus."""
    for _ in range(40):
        chat.page.keyboard.press("Tab")
        name = chat.page.evaluate(
            """() => {
              const host = document.querySelector('shopkeeper-chat');
              const one = host.shadowRoot.activeElement || document.activeElement;
              return one.getAttribute('aria-label') || one.textContent;
            }"""
        )
        if name == accessible_name:
            return
    raise AssertionError(f"{accessible_name} cannot be reached by Tab")


def test_keyboard_alone_asks_moves_and_buys(chat: Chat, page: Page, assistant: Assistant) -> None:
    expect(chat.launcher).to_be_visible()
    focus_on(chat, "Open shop assistant chat")
    page.keyboard.press("Enter")
    expect(chat.field).to_be_focused()
    page.keyboard.type("cards")
    page.keyboard.press("Enter")
    expect(chat.bot).to_have_count(1)
    focus_on(chat, "Next products")
    page.keyboard.press("Enter")
    focus_on(chat, "Add to cart, Ridge Down Jacket")
    page.keyboard.press("Enter")
    expect(chat.bot).to_have_count(2)
    assert assistant.only.posts[-1]["choice"] == "k-ridge"
    page.keyboard.press("Escape")
    assert chat.focused == "launcher"


def test_controls_come_in_reading_order(chat: Chat, page: Page) -> None:
    chat.open().ask("buttons")
    order = chat.panel.evaluate(
        """panel => [...panel.querySelectorAll('button, a[href], textarea, [tabindex="0"]')]
          .filter((one) => one.checkVisibility() && one.tabIndex >= 0)
          .map((one) => one.id || one.getAttribute('aria-label') || one.textContent)"""
    )
    assert order == ["Menu", "Close chat", "log", "Yes", "No", "msg", "Send", "Privacy"]


def test_targets_are_large_enough(chat: Chat) -> None:
    chat.open().ask("cards")
    chat.page.wait_for_function(
        "() => document.querySelector('shopkeeper-chat').shadowRoot.getAnimations()"
        ".every((one) => one.playState === 'finished')"
    )
    small = chat.panel.evaluate(
        """panel => [...panel.querySelectorAll('button')].filter((one) => one.checkVisibility())
          .map((one) => [one.ariaLabel || one.textContent, one.getBoundingClientRect()])
          .filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"""
    )
    assert small == []


def test_text_of_twice_the_size_and_wide_spacing_fits(chat: Chat, page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 900})
    chat.open().ask("cards")
    page.evaluate(
        """() => {
          document.documentElement.style.fontSize = '32px';
          const sheet = new CSSStyleSheet();
          sheet.replaceSync('*{line-height:1.5!important;letter-spacing:.12em!important;'
            + 'word-spacing:.16em!important} p{margin-bottom:2em!important}');
          const root = document.querySelector('shopkeeper-chat').shadowRoot;
          root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
        }"""
    )
    page.wait_for_timeout(200)
    for part in (chat.field, chat.button("Close chat"), chat.button("Send")):
        expect(part).to_be_in_viewport(ratio=0.99)
    chat.expect_no_sideways_scrolling()
    cut = chat.panel.evaluate(
        """panel => [...panel.querySelectorAll('h2, h3, p, .button, .bubble')]
          .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1
            && getComputedStyle(one).display !== 'inline').map((one) => one.textContent)"""
    )
    assert cut == []


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_motion_is_only_for_those_who_want_it(
    chat: Chat, page: Page, assistant: Assistant, motion: str
) -> None:
    page.emulate_media(reduced_motion=motion)
    assistant.delay = 1.2
    chat.open().send("hello")
    expect(page.locator(".typing")).to_be_visible()
    moving = page.locator(".typing").evaluate(
        "one => one.getAnimations({subtree: true}).length > 0"
    )
    assert moving is (motion == "no-preference")
