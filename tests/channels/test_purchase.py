"""The whole assistant on every channel that is called, on Discord and by e-mail: from looking
around to the payment link.

A fixture of the platform comes in, the answers go to a fake platform in the channel's own
widgets; mails go through real servers. All channels talk to one running assistant at the same
time.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tests.channels.doors import DOORS, PUBLIC, Said
from tests.channels.fake_discord import TOKEN, Discord
from tests.channels.fake_platform import Platform
from tests.channels.mail_servers import Servers
from tests.channels.mails import body as content
from tests.channels.mails import mail
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
    *(("label", "custom_id"), ("label", "value")),
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


WIDGETS = {name: (door.cards, door.choices) for name, door in DOORS.items()}
WIDGETS |= {"discord": ('"embeds"', '"custom_id"'), "mail": ("<table", "mailto:")}
"""What cards and choices look like in the requests, or mails, of each channel."""
Shown = Callable[[], list[Any]]
Do = Callable[[Said], object]


class Shopper:
    """A person on one of the platforms: `shown` is all that they see, `do` types or taps."""

    def __init__(self, name: str, inbox: Path, shown: Shown, do: Do) -> None:
        self._name, self._inbox, self._shown, self._do = name, inbox, shown, do
        self._read = 0

    def act(self, step: str, words: str, hear: str) -> str:
        """Types or taps, and waits for an answer that matches. Gives all of it as JSON."""
        said = self._tapped(words) if step == "tap" else Said(words)
        self._read = len(self._shown())
        self._do(said)
        end = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < end:
            answer = json.dumps(self._shown()[self._read :], ensure_ascii=False)
            if re.search(hear, answer) and not self._waiting():
                return json.dumps(self._shown()[self._read :], ensure_ascii=False)
            time.sleep(0.1)
        raise AssertionError(f"{self._name}: {words!r} got no {hear!r}: {answer}")

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


def bought(shopper: Shopper) -> list[str]:
    """The answers to each step of the purchase."""
    return [shopper.act(*step) for step in PURCHASE]


def called(name: str, assistant: str, platform: Platform) -> tuple[Shown, Do]:
    """A platform that calls us."""

    def shown() -> list[Any]:
        return [one.body for one in list(platform.heard) if one.path.startswith(f"/{name}/")]

    def do(said: Said) -> None:
        post, hook = DOORS[name].post(said), f"{assistant}/webhooks/{name}/webhook"
        taken = requests.post(
            hook, data=post.body, headers=post.headers, params=post.query, timeout=30
        )
        assert taken.status_code == 200, f"{name}: {taken.status_code} {taken.text}"

    return shown, do


def on_discord(discord: Discord) -> tuple[Shown, Do]:
    def do(said: Said) -> None:
        discord.tap(said.choice) if said.choice else discord.say(said.text)

    return discord.messages, do


def by_mail(post: Servers) -> tuple[Shown, Do]:
    """Who writes e-mail types a choice's number."""

    def shown() -> list[Any]:
        return [[content(one, "plain"), content(one, "html")] for one in list(post.postman.mails)]

    return shown, lambda said: post.arrive(mail(said.text, Message_ID=f"<{said.id}@x>"))


def credentials(var: Path, platform: Platform, listening: dict[str, Any]) -> Path:
    """The project's own, and every channel with its platform on the fake one."""
    stanzas = yaml.safe_load((ROOT / "credentials.yml").read_text("utf-8"))
    for name, door in DOORS.items():
        own = {"api": f"{platform.url}/{name}", "deliver": f"{platform.url}/{name}/"}
        stanzas[door.stanza] = {**door.settings, **own}
    stanzas |= listening
    for stanza in (*(door.stanza for door in DOORS.values()), *listening):
        stanzas[stanza] |= {"url": PUBLIC, "site": SHOP, "database": f"{var}/inbox.db"}
    file = var / "credentials.yml"
    file.write_text(yaml.safe_dump(stanzas), "utf-8")
    return file


@pytest.fixture(scope="module")
def purchases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[list[str]]]]:
    var = tmp_path_factory.mktemp("var")
    with ExitStack() as stack:
        platform, discord = stack.enter_context(Platform(YES)), stack.enter_context(Discord())
        post, pool = stack.enter_context(Servers()), stack.enter_context(ThreadPoolExecutor(20))
        listening = {
            "channels.discord.Discord": {"token": TOKEN, "api": discord.url},
            "channels.mail.Mail": post.settings,
        }
        system = System(var, credentials(var, platform, listening), PUBLIC_URL=SHOP)
        system.start("actions", "assistant")
        try:
            system.wait("actions", "assistant")
            people = {name: called(name, system.assistant, platform) for name in DOORS}
            people |= {"discord": on_discord(discord), "mail": by_mail(post)}
            shoppers = {who: Shopper(who, var / "inbox.db", *seen) for who, seen in people.items()}
            yield {name: pool.submit(bought, one) for name, one in shoppers.items()}
        finally:
            system.stop()


@pytest.mark.parametrize("name", WIDGETS)
def test_a_purchase_in_the_channels_own_widgets(
    name: str, purchases: dict[str, Future[list[str]]]
) -> None:
    answers = purchases[name].result()
    cards, offered = WIDGETS[name]
    assert re.search(cards, answers[1]), answers[1]
    assert re.search(offered, answers[-2]), answers[-2]
    assert '"/' not in "".join(answers), "a payload was shown"
