"""The whole assistant on every channel that is called: from looking around to the payment link.

A fixture of the platform comes in, the answers go to a fake platform in the channel's own
widgets. All channels talk to one running assistant at the same time.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.channels.doors import DOORS, PUBLIC, Said
from tests.channels.fake_platform import Platform
from tests.channels.rig import ROOT
from tests.journeys.system import System

ANSWER_SECONDS = 60.0
"""Generous: ten people at once on two busy cores, and WhatsApp's one message in 6 seconds."""
SHOP = "https://shop.example"
YES = {
    "ok": True,
    "status": 0,
    "code": 0,
    "errcode": 0,
    "access_token": "a",
    "expires_in": 7200,
    "data": {"access_token": "a", "refresh_token": "r", "expires_in": 86400},
}
"""What every platform answers when all is well, in one."""
TITLES = (
    *(("text", "callback_data"), ("title", "payload"), ("title", "id"), ("label", "data")),
    *(("Text", "ActionBody"), ("title", "choice"), ("content", "id")),
)
"""The names under which platforms have a choice's title and its id."""
PURCHASE = [
    ("say", "hello", "automated assistant"),
    ("say", "show me backpacks", "Stow"),
    ("say", "add the Stow backpack in black", "In your cart"),
    ("say", "i want to pay", "e-mail"),
    ("say", "bob@example.com", "surname"),
    ("say", "Bob Jones", "phone"),
    ("say", "doesn't matter", "country"),
    ("say", "Germany", "deliver"),
    ("tap", "(?i)courier", "Street"),
    ("say", "Hauptstrasse 5", "Postcode"),
    ("say", "10115 Berlin", "Total to pay"),
    ("tap", "(?i)yes|order|place", f"{SHOP}/pay/"),
]


class Shopper:
    """A person on one of the platforms."""

    def __init__(self, name: str, hook: str, platform: Platform, inbox: Path) -> None:
        self._name, self._door, self._hook = name, DOORS[name], hook
        self._platform, self._inbox = platform, inbox
        self._read = 0

    def act(self, step: str, words: str, hear: str) -> str:
        """Types or taps, and waits for an answer that matches. Gives all of it as JSON."""
        said = self._tapped(words) if step == "tap" else Said(words)
        self._read = len(self._shown())
        self._post(said)
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            answer = json.dumps(self._shown()[self._read :], ensure_ascii=False)
            if re.search(hear, answer) and not self._waiting():
                return json.dumps(self._shown()[self._read :], ensure_ascii=False)
            time.sleep(0.1)
        raise AssertionError(f"{self._name}: {words!r} got no {hear!r}: {answer}")

    def _shown(self) -> list[Any]:
        heard = list(self._platform.heard)
        return [one.body for one in heard if one.path.startswith(f"/{self._name}/")]

    def _waiting(self) -> int:
        """Letters that were written with those that came, and have not come yet."""
        query = "SELECT count(*) FROM outbox WHERE channel = ? AND state IN ('waiting', 'sending')"
        with closing(sqlite3.connect(self._inbox)) as db:
            return int(db.execute(query, (self._name,)).fetchone()[0])

    def _tapped(self, title: str) -> Said:
        """The choice with such a title in the last answer, or the number where it is a text."""
        bodies = self._shown()[self._read :]
        for body in bodies:
            for name, ident in choices(body):
                if re.search(title, name):
                    return Said(name, ident)
        numbers = re.findall(r"(\d+)\. ([^\n]+)", "\n".join(texts(bodies)))
        shown = [Said(number) for number, name in numbers if re.search(title, name)]
        assert shown, f"{self._name}: no choice {title!r}: {bodies}"
        return shown[0]

    def _post(self, said: Said) -> None:
        post = self._door.post(said)
        taken = requests.post(
            self._hook, data=post.body, headers=post.headers, params=post.query, timeout=30
        )
        assert taken.status_code == 200, f"{self._name}: {taken.status_code} {taken.text}"


def walk(body: Any) -> Iterator[Any]:
    yield body
    inner = body.values() if isinstance(body, dict) else body
    for part in inner if isinstance(body, (dict, list, tuple)) else ():
        yield from walk(part)


def texts(body: Any) -> list[str]:
    return [part for part in walk(body) if isinstance(part, str)]


def choices(body: Any) -> Iterator[tuple[str, str]]:
    for part in walk(body):
        for title, ident in TITLES if isinstance(part, dict) else ():
            if isinstance(part.get(title), str) and isinstance(part.get(ident), str):
                yield part[title], part[ident]


def bought(name: str, assistant: str, platform: Platform, inbox: Path) -> list[str]:
    """The answers to each step of the purchase."""
    shopper = Shopper(name, f"{assistant}/webhooks/{name}/webhook", platform, inbox)
    return [shopper.act(*step) for step in PURCHASE]


def credentials(var: Path, platform: Platform) -> Path:
    """The project's own, and every channel with its platform on the fake one."""
    stanzas = yaml.safe_load((ROOT / "credentials.yml").read_text("utf-8"))
    for name, door in DOORS.items():
        own = {"api": f"{platform.url}/{name}", "deliver": f"{platform.url}/{name}/"}
        known = {"url": PUBLIC, "site": SHOP, "database": f"{var}/inbox.db"}
        stanzas[door.stanza] = {**door.settings, **own, **known}
    file = var / "credentials.yml"
    file.write_text(yaml.safe_dump(stanzas), "utf-8")
    return file


@pytest.fixture(scope="module")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[list[str]]]]:
    var = tmp_path_factory.mktemp("var")
    with Platform(YES) as platform, ThreadPoolExecutor(len(DOORS)) as pool:
        system = System(var, credentials(var, platform), PUBLIC_URL=SHOP)
        system.start("actions", "assistant")
        try:
            system.wait("actions", "assistant")
            at, inbox = system.assistant, var / "inbox.db"
            yield {name: pool.submit(bought, name, at, platform, inbox) for name in DOORS}
        finally:
            system.stop()


@pytest.mark.parametrize("name", DOORS)
def test_a_purchase_in_the_channels_own_widgets(
    name: str, purchases: dict[str, Future[list[str]]]
) -> None:
    answers = purchases[name].result()
    assert re.search(DOORS[name].cards, answers[1]), answers[1]
    assert re.search(DOORS[name].choices, answers[-2]), answers[-2]
    assert '"/' not in "".join(answers), "a payload was shown"
