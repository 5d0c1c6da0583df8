"""Processes that die, hang or lose their disk: nobody waits for ever, nothing is lost."""

import random
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.channels.rig import Actions, Assistant, Browser

HONEST = "Something does not work. Nothing was changed."


@pytest.fixture(scope="module")
def fragile(
    tmp_path_factory: pytest.TempPathFactory, model: Path
) -> Iterator[tuple[Assistant, Actions]]:
    """An assistant and an action server of this file's own, to be mistreated."""
    folder = tmp_path_factory.mktemp("fragile")
    acting = Actions(folder)
    acting.start()
    assistant = Assistant(folder, model, acting)
    assistant.start()
    yield assistant, acting
    assistant.stop()
    acting.stop()


def within(seconds: float, call: Callable[[], str]) -> str:
    begun = time.monotonic()
    answer = call()
    assert time.monotonic() - begun < seconds
    return answer


def test_a_hung_action_server_is_an_honest_sentence(
    fragile: tuple[Assistant, Actions],
) -> None:
    assistant, acting = fragile
    shopper, other = Browser(assistant), Browser(assistant)
    acting.send(signal.SIGSTOP)
    try:
        asked = shopper.say("order")
        assert within(2, lambda: other.ask("hello")) == "Hello!"
        assert within(10, lambda: shopper.answers(asked)[0]["text"]) == HONEST
        assert within(10, lambda: shopper.ask("order")) == HONEST
    finally:
        acting.send(signal.SIGCONT)
    assert shopper.ask("say back") == "say back (None)"


def test_a_stopped_action_server_is_an_honest_sentence(
    fragile: tuple[Assistant, Actions],
) -> None:
    assistant, acting = fragile
    shopper = Browser(assistant)
    acting.stop(signal.SIGKILL)
    try:
        assert within(3, lambda: shopper.ask("order")) == HONEST
        assert shopper.ask("hello") == "Hello!"
    finally:
        acting.start()
    assert shopper.ask("order") == "Found:"


def test_locked_conversations_are_an_honest_sentence(
    fragile: tuple[Assistant, Actions],
) -> None:
    """And nothing that was said before is forgotten."""
    assistant, _ = fragile
    shopper = Browser(assistant)
    shopper.ask("fill")
    lock = sqlite3.connect(assistant.talk, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        assert within(10, lambda: shopper.ask("Long street 5")) == HONEST
    finally:
        lock.execute("ROLLBACK")
    assert shopper.ask("Long street 6") == "Sent to Long street 6."
    letters = sqlite3.connect(assistant.inbox).execute(
        "SELECT error FROM inbox WHERE state = 'dead'"
    )
    assert letters.fetchall() == [("OperationalError",)]


def test_a_short_lock_is_not_even_noticed(fragile: tuple[Assistant, Actions]) -> None:
    assistant, _ = fragile
    shopper = Browser(assistant)
    lock = sqlite3.connect(assistant.talk, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    asked = shopper.say("hello")
    time.sleep(2.5)
    lock.execute("ROLLBACK")
    assert shopper.answers(asked)[0]["text"] == "Hello!"


def test_a_locked_inbox_asks_to_come_again(fragile: tuple[Assistant, Actions]) -> None:
    assistant, _ = fragile
    shopper = Browser(assistant)
    shopper.ask("hello")
    lock = sqlite3.connect(assistant.inbox, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    try:
        answer = shopper.post({"id": "again", "text": "hello"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert len(shopper.history()) == 2
        assert requests.get(assistant.url + "/webhooks/web/health", timeout=2).ok
    finally:
        lock.execute("ROLLBACK")
    assert shopper.post({"id": "again", "text": "hello"}).status_code == 202
    assert shopper.answers("again")[0]["text"] == "Hello!"


def test_a_ruined_file_of_conversations_leaves_the_process_alive(
    fragile: tuple[Assistant, Actions],
) -> None:
    assistant, _ = fragile
    shopper = Browser(assistant)
    shopper.ask("hello")
    saved = {part: part.read_bytes() for part in assistant.talk.parent.glob("talk.db*")}
    for part in saved:
        part.write_bytes(b"ruined" * 20_000)
    try:
        assert within(10, lambda: shopper.ask("hello")) == HONEST
        assert assistant.alive
    finally:
        for part, data in saved.items():
            part.write_bytes(data)


def test_killed_in_the_middle_everything_is_answered_once(
    fragile: tuple[Assistant, Actions],
) -> None:
    """Twice at a random moment, while several shoppers wait; in order, none twice."""
    assistant, _ = fragile
    shoppers = [Browser(assistant) for _ in range(5)]
    chance = random.Random(5)
    for moment in range(2):
        for number in range(4):
            for shopper in shoppers:
                shopper.say("slow" if number == 1 else f"say {4 * moment + number}")
        time.sleep(chance.uniform(0, 2.5))
        assistant.stop(signal.SIGKILL)
        assistant.start()
    for shopper in shoppers:
        shopper.answers("c-8", seconds=60)
        said = [(m["reply_to"], m["text"]) for m in shopper.history() if m["from"] == "bot"]
        expected = ["Slow." if n % 4 == 1 else f"say {n} (None)" for n in range(8)]
        assert said == [(f"c-{n + 1}", text) for n, text in enumerate(expected)]
        assert stored(assistant, shopper, "user") == 8


def test_a_graceful_stop_lets_the_turn_end_and_a_start_ends_an_erasure(
    fragile: tuple[Assistant, Actions],
) -> None:
    assistant, acting = fragile
    shopper, leaver = Browser(assistant), Browser(assistant)
    leaver.ask("say xylophone4713")
    stream = shopper.stream()
    next(stream)
    shopper.say("slow")
    time.sleep(0.4)
    begun = time.monotonic()
    assistant.stop(signal.SIGTERM)
    assert time.monotonic() - begun < 10
    stream.close()
    calls = len(acting.calls())
    with sqlite3.connect(assistant.inbox) as db:  # as if the process had ended in the middle
        db.execute("INSERT INTO erased (conversation) VALUES (?)", (leaver.conversation,))
    db.close()
    assistant.start()
    assert [m["text"] for m in shopper.history()] == ["slow", "Slow."]
    assert len(acting.calls()) == calls
    end = time.monotonic() + 10
    while stored(assistant, leaver, "user") and time.monotonic() < end:
        time.sleep(0.1)
    assert stored(assistant, leaver, "user") == 0
    url = leaver.base + "/history"
    assert requests.get(url, headers=leaver.headers, timeout=5).status_code == 401


def stored(assistant: Assistant, shopper: Browser, event: str) -> int:
    """How many events of a kind the conversation has."""
    db = sqlite3.connect(assistant.talk)
    query = "SELECT count(*) FROM events WHERE sender_id = ? AND type_name = ?"
    return int(db.execute(query, (shopper.conversation, event)).fetchone()[0])
