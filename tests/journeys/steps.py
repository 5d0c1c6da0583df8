"""Steps of a written conversation, played at the web channel.

`say` types, `tap` presses the button whose title matches, `told` waits for a message that comes by
itself, `pay` chooses on the payment page. After each, `hear` is a pattern that the answer matches
(what its named groups find are facts from then on), `cards` the least number of cards, `under` what
no card may cost more than. {name} stands for a fact; {code} is the one-time code mailed last.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

import httpx

from tests.journeys.chat import Chat, Reply
from tests.journeys.system import System

Facts = dict[str, str]
MAIL_SECONDS = 20.0


def sandbox(chat: Chat, choice: str) -> None:
    """On the sandbox provider's page."""
    answer = httpx.post(chat.link("/pay/"), data={"choice": choice})
    assert answer.status_code == 303, answer.text


def play(
    step: dict[str, Any],
    chat: Chat,
    system: System,
    facts: Facts,
    pay: Callable[[Chat, str], None] = sandbox,
) -> None:
    check(step, take(step, chat, system, facts, pay), facts)


def take(
    step: dict[str, Any],
    chat: Chat,
    system: System,
    facts: Facts,
    pay: Callable[[Chat, str], None],
) -> Reply:
    if "say" in step:
        if "{code}" in step["say"]:
            facts["code"] = mailed_code(system)
        return chat.say(filled(step["say"], facts))
    if "tap" in step:
        return chat.tap(step["tap"])
    if "pay" in step:
        pay(chat, step["pay"])
        return Reply()
    return chat.told(step["told"])


def check(step: dict[str, Any], reply: Reply, facts: Facts) -> None:
    where = f"{step}: {reply.text!r}"
    if "hear" in step:
        heard = re.search(filled(step["hear"], facts), reply.text, re.IGNORECASE | re.DOTALL)
        assert heard, where
        facts |= heard.groupdict()
    if "cards" in step:
        assert len(reply.cards) >= step["cards"], where
    if "under" in step:
        dear = [c["title"] for c in reply.cards if float(c["price"]) > step["under"]]
        assert not dear, f"{where} {dear}"


def filled(text: str, facts: Facts) -> str:
    for name, value in facts.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def mailed_code(system: System) -> str:
    until, folder = time.monotonic() + MAIL_SECONDS, system.var / "mail"
    while not list(folder.glob("*.eml")) and time.monotonic() < until:
        time.sleep(0.2)  # it is sent beside the answer
    newest = max(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime)
    body = message_from_bytes(newest.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    found = re.search(r"\b\d{6}\b", body.get_content())
    assert found is not None
    return found[0]
