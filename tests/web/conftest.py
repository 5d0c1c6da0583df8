"""Real Chromium against a small server that speaks the web channel's protocol."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from tests.web import pages
from tests.web.answers import answer
from tests.web.assistant import Assistant
from tests.web.chat import Chat

WIDGET = Path(__file__).parents[2] / "web" / "widget"
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def assistant() -> Assistant:
    return Assistant(answer)


@pytest.fixture
def site(assistant: Assistant) -> Iterator[str]:
    """The address of a running host site."""
    app = Starlette(
        routes=[
            Mount("/webhooks/web", routes=assistant.routes()),
            Mount("/widget", StaticFiles(directory=WIDGET)),
            Route("/host.js", pages.host_js),
            Route("/{name}.css", pages.host_css),
            Route("/picture.svg", pages.picture),
            Route("/{page:path}", pages.host_page),
        ]
    )
    server = serve(app)
    yield next(server)
    assistant.closing = True
    next(server, None)


def serve(app: Starlette) -> Iterator[str]:
    """Run an ASGI app in a thread on a free port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    context.set_default_timeout(8000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: str) -> Iterator[Page]:
    """A page on the site; no error may reach its console unnoticed."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site)
    yield page
    assert errors == []


@pytest.fixture
def chat(page: Page) -> Chat:
    return Chat(page)
