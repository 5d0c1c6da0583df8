"""The way out: each answer arrives once and in order, or staff can see why it did not."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from channels import outbox, sender
from channels.base import DAY
from channels.calls import Call, Pace
from channels.inbox.model import Inbound, Outcome
from channels.render import Reply
from channels.sender import Paces
from channels.telegram import Telegram
from tests.channels.fake_platform import Office, Platform, Reaction, choices

TO = {"chat": 5}


class Windowed(Telegram):
    """With a window of a day, and a template for later."""

    window = DAY

    def reopened(self, call: Call) -> Call | None:
        return Call("sendTemplate", {}) if self["template"] else None


class Once(Telegram):
    """A platform that knows a request again."""

    def draw(self, bubble: Any, to: Any) -> list[Call]:
        return [replace(call, key=True) for call in super().draw(bubble, to)]


def run(
    folder: Path,
    scenario: Callable[[Office, Platform], Awaitable[None]],
    adapter: type[Telegram] = Telegram,
    **settings: str,
) -> None:
    with Platform() as platform:
        made = adapter(
            {"token": "12:abc", "secret": "a-secret-of-ours", "api": platform.url, **settings}
        )

        async def play() -> None:
            await scenario(Office(made, folder), platform)

        asyncio.run(play())


def texts(platform: Platform) -> list[str]:
    return [heard.body["text"] for heard in platform.heard]


def test_answers_arrive_in_order(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        await office.say("5", Reply("One"), Reply("Two"), to=TO)
        await office.say("5", Reply("Three"), to=TO)
        assert await office.send() == [("sent", None)] * 3
        assert texts(platform) == ["One", "Two", "Three"]
        rows = await office.write(lambda db: db.execute("SELECT body FROM outbox").fetchall())
        assert rows == [("{}",)] * 3

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    "reaction",
    [
        Reaction(500), Reaction(503, headers={"Retry-After": "0"}), Reaction(502, body="<html>"),
        Reaction(429, {"ok": False, "parameters": {"retry_after": 0}}),
    ],
)  # fmt: skip
def test_what_is_refused_for_now_arrives_later_once_and_before_the_next(
    tmp_path: Path, reaction: Reaction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKOFF_SECONDS", (0.05, 0.1))

    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [reaction, reaction]
        await office.say("5", Reply("One"), Reply("Two"), to=TO)
        states = await office.send()
        assert [state for state, _ in states] == ["sent", "sent"]
        assert texts(platform) == ["One", "One", "One", "Two"]

    run(tmp_path, scenario)


def test_the_platform_says_how_long_to_wait(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(429, {"ok": False, "parameters": {"retry_after": 2}})]
        await office.say("5", Reply("One"), to=TO)
        begun = time.monotonic()
        await office.send()
        assert 2 <= time.monotonic() - begun < 4
        assert texts(platform) == ["One", "One"]

    run(tmp_path, scenario)


def test_a_platform_that_is_down_gets_each_answer_once_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKOFF_SECONDS", (0.05, 0.1))

    async def scenario() -> None:
        settings = {"token": "12:abc", "secret": "a-secret-of-ours"}
        platform = Platform()
        office = Office(Telegram({**settings, "api": platform.url}), tmp_path)
        await office.say("5", Reply("One"), Reply("Two"), to=TO)
        states = await office.send(0.5)
        assert states[0] == ("waiting", "ClientConnectorError")
        with platform:
            await office.send()
            assert texts(platform) == ["One", "Two"]

    asyncio.run(scenario())


def test_what_may_have_arrived_is_not_sent_again(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(drop=True)]
        await office.say("5", Reply("One"), Reply("Two"), to=TO)
        states = await office.send()
        assert [state for state, _ in states] == ["unknown", "sent"]
        assert texts(platform) == ["One", "Two"]
        ((_, channel, state, _, _),) = await office.write(outbox.unsent)
        assert (channel, state) == ("telegram", "unknown")

    run(tmp_path, scenario)


def test_it_is_sent_again_to_a_platform_that_takes_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sender, "BACKOFF_SECONDS", (0.05, 0.1))

    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(drop=True)]
        await office.say("5", Reply("One"), to=TO)
        states = await office.send()
        assert [state for state, _ in states] == ["sent"]
        assert texts(platform) == ["One", "One"]

    run(tmp_path, scenario, Once)


@pytest.mark.parametrize(("adapter", "state"), [(Telegram, "unknown"), (Once, "sent")])
def test_after_a_crash_what_was_on_its_way_goes_where_that_is_safe(
    tmp_path: Path, adapter: type[Telegram], state: str
) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        await office.say("5", Reply("One"), to=TO)
        (letter,) = await office.write(lambda db: outbox.due(db, "telegram", time.time(), (), 9))
        assert await office.write(lambda db: outbox.begin(db, letter))
        assert [s for s, _ in await office.send()] == [state]
        assert len(platform.heard) == (state == "sent")

    run(tmp_path, scenario, adapter)


def test_a_person_who_left_is_not_written_to_until_they_come_back(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(403, {"ok": False, "description": "blocked"})]
        await office.say("5", Reply("One"), Reply("Two"), to=TO)
        assert [state for state, _ in await office.send()] == ["left", "left"]
        assert len(platform.heard) == 1
        await office.say("5", Reply("Three"), to=TO)
        assert [state for state, _ in await office.send()] == ["left", "left", "sent"]

    run(tmp_path, scenario)


def test_a_window_is_known_before_anything_is_sent(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        await office.say("5", Reply("One"), to=TO, heard=time.time() - DAY - 1)
        assert [state for state, _ in await office.send()] == ["closed"]
        assert platform.heard == []

    run(tmp_path, scenario, Windowed)


def test_after_the_window_a_template_goes_if_there_is_one(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        await office.say("5", Reply("One"), to=TO, heard=time.time() - DAY - 1)
        await office.say("6", Reply("Two"), to=TO, heard=time.time() - DAY + 60)
        assert [state for state, _ in await office.send()] == ["sent", "sent"]
        methods = sorted(heard.path.rpartition("/")[2] for heard in platform.heard)
        assert methods == ["sendMessage", "sendTemplate"]

    run(tmp_path, scenario, Windowed, template="news")


def test_a_letter_that_waited_too_long_is_not_sent(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        await office.say("5", Reply("One"), to=TO)
        old = time.time() - sender.GIVE_UP_SECONDS - 1
        await office.write(lambda db: db.execute("UPDATE outbox SET created = ?", (old,)))
        assert [state for state, _ in await office.send()] == ["late"]
        assert platform.heard == []

    run(tmp_path, scenario)


def test_one_refused_letter_does_not_hold_up_the_next(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        platform.script = [Reaction(400, {"ok": False, "description": "no"})]
        await office.say("5", Reply("One"), Reply("Two"), to=TO)
        assert [state for state, _ in await office.send()] == ["refused", "sent"]

    run(tmp_path, scenario)


def test_a_mistake_in_an_adapter_does_not_undo_the_turn(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        held = await office.say("5", Reply("One"), to={"no": "chat"})
        assert await office.states() == [("refused", "KeyError")]
        log = await office.disk.read(lambda store: store.entries(held))
        assert [entry.body["text"] for entry in log] == ["hi", "One"]

    run(tmp_path, scenario)


def test_an_erased_conversation_is_neither_kept_nor_sent(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        held = await office.say("5", Reply("One", buttons=choices("Yes")), to=TO)
        await office.disk.write(lambda store: store.erase(held))
        assert await office.send(0.2) == []
        for table in ("outbox", "people", "menus", "choices", "inbox", "log"):
            count = f"SELECT count(*) FROM {table}"
            assert await office.write(lambda db, q=count: db.execute(q).fetchone()) == (0,)
        assert platform.heard == []

    run(tmp_path, scenario)


def test_a_number_means_the_choice_that_the_last_turn_showed_under_it(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        long = choices("A title of more than sixty-four signs, which no button of theirs has", "B")
        named = tuple(replace(button, payload=f"/{button.title[0]}") for button in long)
        held = await office.say("5", Reply("Which?", buttons=named), to=TO)
        read = office.disk.read
        chosen = [await read(lambda store, t=t: store.typed(held, t)) for t in ("2", "a", "B")]
        assert [choice and choice.payload for choice in chosen] == ["/B", None, "/B"]
        await office.say("5", Reply("Well"), to=TO)
        assert await read(lambda store: store.typed(held, "2")) is None

    run(tmp_path, scenario)


def test_paces_let_a_burst_through_and_then_wait() -> None:
    now = [100.0]
    paces = Paces(Pace(10, 2), Pace(1 / 6, 2), lambda: now[0])
    assert [round(paces.reserve("a"), 2) for _ in range(4)] == [0, 0, 6, 12]
    now[0] += 100
    assert paces.reserve("a") == 0
    assert [round(paces.reserve(f"b{n}"), 2) for n in range(3)] == [0, 0.1, 0.2]
    paces.hold(30)
    assert paces.reserve("c") == 30


def test_a_notice_goes_where_the_person_last_wrote(tmp_path: Path) -> None:
    async def scenario(office: Office, platform: Platform) -> None:
        held = await office.say("5", to=TO)
        await office.disk.accept(Inbound("notice", "n-1", held, "/paid"))
        (row,) = await office.disk.write(lambda store: store.claim((), 1))
        await office.disk.write(lambda s: s.finish(row, Outcome("done", (Reply("Paid"),))))
        await office.send()
        assert [heard.body["chat_id"] for heard in platform.heard] == [5]

    run(tmp_path, scenario)
