"""Any page: strict policies, hostile styles, missing features, size."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Mount

from tests.web.answers import answer
from tests.web.assistant import Assistant
from tests.web.chat import Chat
from tests.web.conftest import serve

WIDGET = Path(__file__).parents[2] / "web" / "widget"
JAVASCRIPT = sorted(path for path in WIDGET.rglob("*.js") if path.parent.name != "texts")
BROKEN = """
for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("no", "SecurityError"); } });
delete crypto.randomUUID;
delete window.IntersectionObserver;
delete window.ResizeObserver;
delete window.BroadcastChannel;
"""


def test_javascript_of_one_language_is_at_most_30_kb_compressed() -> None:
    def size_of(path: Path) -> int:
        return len(gzip.compress(path.read_bytes()))

    *_, largest = sorted(size_of(path) for path in WIDGET.glob("texts/??.js"))
    size = sum(map(size_of, JAVASCRIPT)) + size_of(WIDGET / "texts" / "languages.js") + largest
    assert size <= 30_000


@pytest.mark.parametrize("word", ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval("])
def test_no_string_is_ever_parsed_as_html(word: str) -> None:
    assert [path.name for path in JAVASCRIPT if word in path.read_text(encoding="utf-8")] == []


def test_strict_policy_is_never_violated(chat: Chat, page: Page) -> None:
    chat.open().ask("cards")
    chat.ask("xss")
    chat.button("Menu").click()
    page.get_by_label("Dark").check()
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    assert page.evaluate("window.violations") is None


def test_hostile_styles_change_nothing(chat: Chat, page: Page, site: str) -> None:
    def looks() -> dict[str, object]:
        return chat.panel.evaluate(
            """panel => {
              const box = panel.getBoundingClientRect();
              const style = getComputedStyle(panel.querySelector('textarea'));
              const send = getComputedStyle(panel.querySelector('.send'));
              return [box.width, box.height, box.right, style.fontSize, style.color, send.width];
            }"""
        )

    chat.open()
    plain = looks()
    page.goto(f"{site}/?css=hostile")
    expect(chat.panel).to_be_visible()
    assert looks() == plain


def test_key_shortcuts_of_the_page_do_not_hear_the_chat(chat: Chat, page: Page) -> None:
    chat.open().field.type("/s")
    assert page.evaluate("window.keys.filter((key) => '/s'.includes(key))") == []


def test_chat_answers_without_storage_and_newer_features(
    context: BrowserContext, site: str
) -> None:
    context.add_init_script(BROKEN)
    page = context.new_page()
    page.goto(site)
    chat = Chat(page).open()
    chat.ask("cards")
    expect(chat.user).to_have_count(1)


def test_assistant_of_another_origin_answers(page: Page, site: str) -> None:
    other = Assistant(answer)
    cors = Middleware(
        CORSMiddleware,
        allow_origins=[site],
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
    )
    routes = [Mount("/webhooks/web", routes=other.routes())]
    server = serve(Starlette(routes=routes, middleware=[cors]))
    page.goto(f"{site}/?assistant={next(server)}")
    Chat(page).open().ask("hello")
    assert page.evaluate("window.violations") is None
    other.closing = True
    next(server, None)


def test_storage_of_no_mode_stays_empty(page: Page, site: str) -> None:
    page.goto(f"{site}/?persist=none")
    Chat(page).open().ask("hello")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_second_script_is_ignored(chat: Chat, page: Page) -> None:
    page.evaluate("import('/widget/shopkeeper.js?again')")
    page.wait_for_timeout(300)
    assert page.locator("shopkeeper-chat").count() == 1


def test_chat_moves_into_a_replaced_body(chat: Chat, page: Page) -> None:
    chat.open().ask("hello")
    page.evaluate("document.body.replaceWith(document.createElement('body'))")
    expect(chat.bot).to_have_count(1)
    expect(chat.panel).to_be_visible()


def test_page_can_steer_and_listen(chat: Chat, page: Page, assistant: Assistant) -> None:
    page.evaluate(
        "window.off = Shopkeeper('on', 'open', () => { window.opens = (window.opens||0)+1; });0"
    )
    page.evaluate("Shopkeeper('prefill', 'boots')")
    page.evaluate("Shopkeeper('set', {page: {product: 'storm'}})")
    page.evaluate("Shopkeeper('open')")
    expect(chat.field).to_have_value("boots")
    assert chat.focused != "msg"
    page.evaluate("Shopkeeper('open')")
    page.evaluate("Shopkeeper('ask', 'two')")
    expect(chat.bot).to_have_count(2)
    assert assistant.only.posts[0]["page"]["product"] == "storm"
    page.evaluate("Shopkeeper('close'); off();")
    page.evaluate("Shopkeeper('open')")
    expect(chat.panel).to_be_visible()
    assert page.evaluate("window.opens") == 1
    page.evaluate("Shopkeeper('destroy')")
    expect(page.locator("shopkeeper-chat")).to_have_count(0)


@pytest.mark.parametrize("accent", ["#f5d90a", "#0b5d4e", "#ff69b4", "#101010"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_any_accent_stays_legible(page: Page, accent: str, theme: str) -> None:
    contrast = page.evaluate(
        """async ([accent, theme]) => {
          const { palette, contrast } = await import("/widget/theme.js");
          const rgb = (css) => css.match(/\\d+/g).map(Number);
          const colours = palette(accent, theme);
          const ground = theme === "dark" ? [20, 24, 29] : [255, 255, 255];
          const own = rgb(colours["--sk-accent"]);
          return [contrast(own, ground), contrast(own, rgb(colours["--sk-on-accent"]))];
        }""",
        [accent, theme],
    )
    assert min(contrast) >= 4.5


@pytest.mark.parametrize("lang", ["pl", "es"])
def test_languages_have_the_same_texts_and_all_plural_forms(page: Page, lang: str) -> None:
    missing = page.evaluate(
        """async (lang) => {
          const load = async (code) => (await import(`/widget/texts/${code}.js`)).default;
          const [en, other] = await Promise.all([load("en"), load(lang)]);
          const forms = new Intl.PluralRules(lang).resolvedOptions().pluralCategories;
          const missing = Object.keys(en).filter((key) => !(key in other));
          for (const [key, value] of Object.entries(other)) {
            if (!(key in en)) missing.push(key);
            if (value.other && lang === "pl")
              missing.push(...forms.filter((form) => !value[form]).map((form) => `${key}.${form}`));
          }
          return missing;
        }""",
        lang,
    )
    assert missing == []


def test_language_follows_the_page(page: Page, site: str) -> None:
    page.goto(f"{site}/?html=es")
    expect(page.locator(".launcher")).to_have_accessible_name(
        "Abrir el chat del asistente de la tienda"
    )
