"""What platforms say later of our messages: letters of unknown fate, and failures after all."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from channels import outbox, receipts
from channels.base import Adapter
from channels.calls import Call
from channels.desk import Desk
from channels.inbox.model import Inbound, Outcome
from channels.inbox.store import Store
from channels.instagram import Instagram
from channels.messenger import Messenger
from channels.receipts import Receipt, reference
from channels.receive import _take, read
from channels.render import Reply
from channels.tiktok import TikTok
from channels.twilio import Twilio
from channels.viber import Viber
from channels.whatsapp import WhatsApp
from tests.channels.doors import PERSON, PUBLIC, meta
from tests.channels.fake_platform import Heard, Office, Platform, Reaction

META = {"token": "t", "app_secret": "s", "verify_token": "v"}
NAMED = {
    "ok": True,
    "status": 0,
    "code": 0,
    "message_token": 91,
    "sid": "SM91",
    "messages": [{"id": "wamid.91"}],
    "data": {
        "message": {"message_id": "91"},
        "access_token": "a",
        "refresh_token": "r",
        "expires_in": 86400,
    },
}
"""A platform's answer that has its name for the message."""
Told = Callable[[Heard, str], bytes]
"""The webhook that tells of a request as the platform heard it: `arrived` or `failed`."""


def whatsapp(heard: Heard, told: str) -> bytes:
    status = {"id": "wamid.91", "recipient_id": PERSON, "timestamp": "1"}
    lost = {"status": "failed", "errors": [{"code": 131047, "title": "Re-engagement message"}]}
    status |= lost if told == "failed" else {"status": "delivered"}
    value = {"metadata": {"phone_number_id": "1"}, "statuses": [status]}
    entry = {"id": "2", "changes": [{"field": "messages", "value": value}]}
    return meta({"object": "whatsapp_business_account", "entry": [entry]}).body


def echo(kind: str, *copied: str) -> Told:
    def webhook(heard: Heard, told: str) -> bytes:
        message = {name: heard.body["message"][name] for name in copied}
        message |= {"is_echo": True, "mid": "m-1", "app_id": 1}
        known = {"sender": {"id": "1"}, "recipient": {"id": PERSON}, "timestamp": 1}
        entry = {"id": "1", "messaging": [{**known, "message": message}]}
        return meta({"object": kind, "entry": [entry]}).body

    return webhook


def viber(heard: Heard, told: str) -> bytes:
    known = {"timestamp": 1, "message_token": 91, "user_id": PERSON}
    lost = {"event": "failed", "desc": "no device"}
    return json.dumps({**known, **(lost if told == "failed" else {"event": "delivered"})}).encode()


def sms(heard: Heard, told: str) -> bytes:
    known = {"MessageSid": "SM91", "To": PERSON, "From": "+1"}
    lost = {"MessageStatus": "undelivered", "ErrorCode": "30007"}
    said = lost if told == "failed" else {"MessageStatus": "sent"}
    return urlencode({**known, **said}).encode()


def tiktok(heard: Heard, told: str) -> bytes:
    content = {"message_id": "91", "conversation_id": PERSON, "timestamp": 1, "type": "text"}
    content |= {"message_tag": {"source": "API"}}
    known = {"event": "im_send_msg", "user_openid": "b", "content": json.dumps(content)}
    return json.dumps(known).encode()


@dataclass(frozen=True)
class Case:
    made: type[Adapter]
    settings: dict[str, Any]
    to: dict[str, Any]
    told: Told
    failure: tuple[str, str] | None = None
    """State and error of a message that failed after all, where the platform tells."""


CASES = {
    "whatsapp": Case(
        WhatsApp,
        {"number": "1", **META},
        {"to": PERSON},
        whatsapp,
        ("closed", "131047/ Re-engagement message"),
    ),
    "messenger": Case(Messenger, {"page": "1", **META}, {"id": PERSON}, echo("page", "metadata")),
    "instagram": Case(
        Instagram, {"account": "1", **META}, {"id": PERSON}, echo("instagram", "text")
    ),
    "viber": Case(
        Viber, {"token": "t", "sender": "A"}, {"id": PERSON}, viber, ("refused", "no device")
    ),
    "sms": Case(
        Twilio,
        {"sid": "AC1", "token": "t", "number": "+1", "url": PUBLIC},
        {"to": PERSON},
        sms,
        ("refused", "undelivered 30007"),
    ),
    "tiktok": Case(
        TikTok, {"app": "a", "secret": "s", "business": "b", "refresh": "r"}, {"id": PERSON}, tiktok
    ),
}
FAILING = [name for name, case in CASES.items() if case.failure]


class World:
    def __init__(self, case: Case, platform: Platform, folder: Path) -> None:
        own = {"api": platform.url, "database": str(folder / "inbox.db")}
        self.adapter = case.made({**case.settings, **own})
        self.case, self.platform = case, platform
        self.office = Office(self.adapter, folder)
        self.desk = Desk(str(folder / "inbox.db"), None, [self.adapter])

    async def ready(self) -> None:
        """TikTok's token is fetched first."""
        async with aiohttp.ClientSession() as http:
            await self.adapter.ready(http, Call("", {}))
        self.platform.heard.clear()

    async def say(self, *texts: str) -> list[tuple[str, str | None]]:
        await self.office.say(PERSON, *map(Reply, texts), to=self.case.to)
        return await self.office.send()

    async def tell(self, told: str, number: int = 0) -> list[tuple[str, str | None]]:
        body = self.case.told(self.platform.heard[number], told)
        for receipt in read(self.adapter, self.adapter.items(body)):
            assert isinstance(receipt, Receipt)
            await _take(self.adapter, self.desk, receipt)
        return await self.office.states()


def play(name: str, folder: Path, scenario: Callable[[World], Awaitable[None]]) -> None:
    with Platform(NAMED) as platform:

        async def run() -> None:
            world = World(CASES[name], platform, folder)
            await world.ready()
            await scenario(world)
            await world.desk.disk.close()

        asyncio.run(run())


@pytest.mark.parametrize("name", CASES)
def test_a_letter_of_unknown_fate_arrived(name: str, tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.platform.script = [Reaction(drop=True)]
        ((state, _),) = await world.say("One")
        assert state == "unknown"
        assert await world.tell("arrived") == [("sent", None)]
        rows = await world.office.write(lambda db: db.execute("SELECT body FROM outbox").fetchall())
        assert rows == [("{}",)]
        assert await world.tell("arrived") == [("sent", None)]

    play(name, tmp_path, scenario)


@pytest.mark.parametrize("name", FAILING)
def test_what_failed_after_all_is_recorded(name: str, tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        assert await world.say("One", "Two") == [("sent", None)] * len(await world.office.states())
        states = await world.tell("failed")
        assert states[0] == CASES[name].failure
        assert {state for state, _ in states[1:]} <= {"sent"}
        assert await world.tell("arrived") == states  # they come in any order

    play(name, tmp_path, scenario)


@pytest.mark.parametrize("name", ["whatsapp", "viber", "sms"])
def test_a_lost_letter_is_told_from_one_that_is_known(name: str, tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        await world.say("One")
        world.platform.script = [Reaction(drop=True)]
        assert [state for state, _ in await world.say("Two")] == ["sent", "unknown"]
        assert [state for state, _ in await world.tell("arrived")] == ["sent", "unknown"]

    play(name, tmp_path, scenario)


def test_a_receipt_is_heard_before_the_answer(tmp_path: Path) -> None:
    """The connection breaks afterwards: the letter is sent, and stays so."""

    async def scenario(world: World) -> None:
        world.platform.script = [Reaction(seconds=0.5, drop=True)]
        saying = asyncio.create_task(world.say("One"))
        while not world.platform.heard:  # noqa: ASYNC110  # another thread's list
            await asyncio.sleep(0.01)
        assert await world.tell("arrived") == [("sent", None)]
        assert await saying == [("sent", None)]
        assert await world.office.states() == [("sent", None)]

    play("messenger", tmp_path, scenario)


def test_an_echo_of_what_staff_wrote_is_nobodys(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.platform.script = [Reaction(drop=True)]
        await world.say("One")
        world.platform.heard[0].body["message"]["text"] = "One mo"
        assert [state for state, _ in await world.tell("arrived")] == ["unknown"]

    play("instagram", tmp_path, scenario)


@pytest.mark.parametrize("wrong", ["", "1", "1.", "x.y", "²." + "0" * 16, "9" * 30 + ".a", "2.{}"])
def test_odd_references_are_nobodys(wrong: str, tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        world.platform.script = [Reaction(drop=True)]
        await world.say("One")
        message = world.platform.heard[0].body["message"]
        right = message["metadata"]
        keys = [f"messenger:1:{PERSON}/1", f"messenger:1:{PERSON}/1/plain"]
        assert {right} == {reference(key) for key in keys}
        message["metadata"] = wrong.format(right.partition(".")[2])
        assert [state for state, _ in await world.tell("arrived")] == ["unknown"]

    play("messenger", tmp_path, scenario)


def test_tiktok_takes_ten_until_the_person_writes(tmp_path: Path) -> None:
    async def scenario(world: World) -> None:
        closed = ("closed", "the person has to write after 10")
        states = await world.say(*("a" * 5000 for _ in range(12)))
        assert states == [("sent", None)] * 10 + [closed] * 2
        assert (await world.say("One"))[-1] == ("sent", None)
        assert len(world.platform.heard) == 11

    play("tiktok", tmp_path, scenario)


def test_every_database_keeps_receipts(address: str) -> None:
    """Known by its name, then lost with the process, then erased."""
    adapter = Viber({"token": "t", "sender": "A"})
    held = f"viber:main:{PERSON}"
    store = Store(address, {"viber": adapter.render})
    store.accept(Inbound("viber", "m-1", held, "hi", "hi", to={"id": PERSON}))
    (row,) = store.claim((), 1)
    store.finish(row, Outcome("done", (Reply("One"), Reply("Two"))))

    def settled(receipt: Receipt) -> bool:
        letter = store.look(lambda db: receipts.find(db, "viber", held, receipt))
        if letter is not None:
            store.transact(lambda db: receipts.settle(db, letter, receipt))
        return letter is not None

    def states() -> list[str]:
        query = "SELECT state FROM outbox ORDER BY id"
        return [state for (state,) in store.look(lambda db: db.execute(query).fetchall())]

    for message in ("91", ""):
        (letter,) = store.look(lambda db: outbox.due(db, "viber", time.time() + 1, (), 1))
        assert store.transact(lambda db, letter=letter: outbox.begin(db, letter))
        if message:
            store.transact(lambda db, letter=letter: outbox.end(db, letter, "sent", None, "91"))
    assert not settled(Receipt("sent", message="92", user=PERSON))  # it is on its way still
    store.transact(lambda db: outbox.recover(db, "viber", again=False))
    assert states() == ["sent", "unknown"]
    assert settled(Receipt("sent", message="92", user=PERSON))
    assert settled(Receipt("left", message="91", user=PERSON, error="blocked"))
    assert states() == ["left", "sent"]
    store.erase(held)
    assert not settled(Receipt("sent", message="91", user=PERSON))
    store.close()
