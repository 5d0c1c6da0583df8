"""The widget as a shopper uses it, for tests."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect


class Chat:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.launcher = page.locator(".launcher")
        self.panel = page.locator("#panel")
        self.field = page.locator("#msg")
        self.log = page.locator("#log")
        self.bot = page.locator("li.bot")
        self.user = page.locator("li.user")
        self.quick = page.locator(".quick button")
        self.banner = page.locator(".banner")

    def open(self) -> Chat:
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def send(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def ask(self, text: str, replies: int = 1) -> Locator:
        """Send and wait for the answer; gives the last bot message."""
        before = self.bot.count()
        self.send(text)
        expect(self.bot).to_have_count(before + replies)
        return self.bot.last

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name)

    def expect_no_sideways_scrolling(self) -> None:
        fits = """() => {
          const log = document.querySelector('shopkeeper-chat').shadowRoot.getElementById('log');
          return log.scrollWidth <= log.clientWidth;
        }"""
        self.page.wait_for_function(fits)

    @property
    def focused(self) -> str:
        """Id, class or tag of what has the focus, inside the chat or outside."""
        return self.page.evaluate(
            """() => {
              const inner = document.querySelector('shopkeeper-chat').shadowRoot.activeElement;
              const one = inner || document.activeElement;
              return one.id || one.className || one.tagName;
            }"""
        )

    @property
    def scroll_top(self) -> float:
        return self.log.evaluate("log => log.scrollTop")
