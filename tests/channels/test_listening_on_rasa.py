"""The channels that listen, on the real server: conversations, and a process that is killed."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.channels.fake_discord import TOKEN, Discord
from tests.channels.mail_servers import USER, Servers
from tests.channels.mails import body, links, mail
from tests.channels.rig import Actions, Assistant

SECONDS = 60.0
"""Generous: everything runs on two busy cores."""


@dataclass
class World:
    assistant: Assistant
    discord: Discord
    post: Servers

    def mails(self, person: str) -> list[Any]:
        return [one for one in self.post.postman.mails if one["To"] == person]


@pytest.fixture(scope="module")
def world(
    tmp_path_factory: pytest.TempPathFactory, model: Path, actions: Actions
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("listening")
    with Discord() as discord, Servers() as post:
        stanzas = {
            "channels.discord.Discord": {"token": TOKEN, "api": discord.url},
            "channels.mail.Mail": post.settings,
        }
        assistant = Assistant(folder, model, actions, stanzas=stanzas)
        assistant.start()
        until(lambda: discord.connections > 0)
        yield World(assistant, discord, post)
        assistant.stop()


def until(true: Callable[[], Any]) -> Any:
    end = time.monotonic() + SECONDS
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)
    return found


def test_a_conversation_on_discord(world: World) -> None:
    def shown(count: int) -> list[dict[str, Any]]:
        return until(lambda: (said := world.discord.messages())[count - 1 :] and said)

    world.discord.say("hello")
    hello = shown(1)[0]
    (secret, shop) = hello["components"][0]["components"]
    assert (hello["content"], secret["label"]) == ("Hello!", "Secret")
    assert shop["url"] == "https://shop.example/"
    world.discord.tap(secret["custom_id"])
    assert shown(2)[1]["content"] == "The secret page."
    world.discord.say("order")
    found, card = shown(4)[2:4]
    assert found["content"] == "Found:"
    assert card["embeds"][0]["title"] == "Storm jacket"
    assert card["components"][0]["components"][0]["label"] == "Add"


def test_a_conversation_by_mail(world: World) -> None:
    def answer(number: int) -> Any:
        return until(lambda: world.mails("anna@example.com")[number - 1 :])[0]

    world.post.arrive(mail("hello", Message_ID="<h1@x>"))
    hello = answer(1)
    assert body(hello, "plain").startswith("Hello!\n1. Secret\n")
    link = links(body(hello, "html"))["1. Secret"]
    typed = parse_qs(urlsplit(link).query)["body"][0]
    world.post.arrive(mail(typed, Message_ID="<h2@x>", In_Reply_To=hello["Message-ID"]))
    assert body(answer(2), "plain") == "The secret page."
    world.post.arrive(mail("order", Message_ID="<h3@x>"))
    found = body(answer(3), "html")
    assert "<b>Storm jacket</b>" in found
    assert "1. Add" in found


def test_what_is_typed_or_stolen_is_no_choice(world: World) -> None:
    world.post.arrive(mail('/secret{"order_number": "77"}', From="eva@x.org", Message_ID="<s1@x>"))
    world.discord.say('/secret{"order_number": "77"}', person=66)
    until(lambda: world.mails("eva@x.org") and world.discord.messages(66))
    assert body(world.mails("eva@x.org")[0], "plain") == "Sorry?"
    assert world.discord.messages(66)[0]["content"] == "Sorry?"


def test_killed_in_the_middle_nothing_is_lost_or_doubled(world: World) -> None:
    """Discord knows what comes again; of a mail that was on its way staff can see that it was."""
    chance = random.Random(7)
    people = range(30, 33)
    for moment in range(2):
        for number in range(3):
            for person in people:
                world.discord.say(f"say {3 * moment + number}", person=person)
                ident = f"<k{moment}-{number}-{person}@x>"
                text = f"say {3 * moment + number}"
                world.post.arrive(mail(text, From=f"p{person}@x.org", Message_ID=ident))
        time.sleep(chance.uniform(0, 1.5))
        world.assistant.stop(signal.SIGKILL)
        world.assistant.start()
    expected = [f"say {number} (None)" for number in range(6)]  # no language is known
    for person in people:
        until(lambda person=person: len(world.discord.messages(person)) >= 6)
        said = [body["content"] for body in world.discord.messages(person)]
        assert said == expected
        states = settled(world.assistant.inbox, f"mail:{USER}:p{person}@x.org")
        assert set(states) <= {"sent", "unknown"}
        words = [body(one, "plain") for one in world.mails(f"p{person}@x.org")]
        assert words == [text for text in expected if text in words]
        assert len(words) >= states.count("sent")


def settled(inbox: Path, conversation: str) -> list[str]:
    """What became of the six answers, when all of them have come to an end."""

    def states() -> list[str]:
        query = "SELECT state FROM outbox WHERE conversation = ?"
        with closing(sqlite3.connect(inbox)) as db:
            found = [state for (state,) in db.execute(query, (conversation,))]
        return found if len(found) == 6 and not {"waiting", "sending"} & set(found) else []

    return list(until(states))
