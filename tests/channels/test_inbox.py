"""What the inbox promises, whichever database keeps it: nothing lost, nothing doubled."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from channels import outbox
from channels.base import Rendered
from channels.calls import Call
from channels.inbox import store as contract
from channels.inbox.disk import Disk
from channels.inbox.model import Erased, Full, Inbound, Outcome, Unavailable
from channels.inbox.store import Store
from channels.render import Button, Card, Reply


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    opened = Store(address)
    yield opened
    opened.close()


def rows(store: Store, query: str) -> list[Any]:
    return [tuple(row) for row in store.look(lambda db: db.execute(query).fetchall())]


def message(number: int, conversation: str = "web:a", text: str = "hi") -> Inbound:
    ident = f"c-{number}"
    return Inbound("web", f"{conversation}.{ident}", conversation, text, text, ident)


def answered(*texts: str) -> Outcome:
    return Outcome("done", tuple(Reply(text, "pl") for text in texts))


def test_a_message_is_accepted_once(store: Store) -> None:
    assert store.accept(message(1))
    assert not store.accept(message(1))
    assert [entry.author for entry in store.entries("web:a")] == ["user"]


def test_ten_parallel_copies_are_one(address: str, store: Store) -> None:
    store.accept(message(0))
    accepted: list[bool] = []

    def accept() -> None:
        other = Store(address)
        accepted.append(other.accept(message(1)))
        other.close()

    threads = [threading.Thread(target=accept) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(accepted) == [False] * 9 + [True]


def test_the_same_id_in_another_channel_is_another_message(store: Store) -> None:
    store.accept(Inbound("notice", "1", "web:a", "/paid"))
    assert store.accept(Inbound("line", "1", "line:b", "hi"))


def test_claim_gives_the_oldest_of_each_free_conversation(store: Store) -> None:
    for number, conversation in enumerate(["web:a", "web:a", "web:b", "web:c"]):
        store.accept(message(number, conversation))
    rows = store.claim({"web:c"}, 9)
    assert [row.message.client_id for row in rows] == ["c-0", "c-2"]


def test_an_unfinished_row_is_given_again_and_counted(store: Store) -> None:
    store.accept(message(1))
    assert [store.claim((), 9)[0].attempts for _ in range(3)] == [0, 1, 2]


def test_an_answer_of_an_earlier_attempt_does_not_count(store: Store) -> None:
    """Of a process that was taken for dead, and was only slow."""
    store.accept(message(1))
    (slow,), (row,) = store.claim((), 9), store.claim((), 9)
    assert not store.finish(slow, answered("slow"))
    assert store.finish(row, answered("one"))
    assert not store.finish(row, answered("twice"))
    assert [entry.body["text"] for entry in store.entries("web:a")] == ["hi", "one"]


def test_a_row_is_taken_by_its_number_until_it_is_answered(store: Store) -> None:
    store.accept(message(1))
    ((number,),) = rows(store, "SELECT id FROM inbox")
    assert store.take(number + 1) is None
    row = store.take(number)
    assert row
    assert (row.attempts, row.message.client_id) == (0, "c-1")
    store.finish(row, answered("ok"))
    assert store.take(number) is None


def test_an_answer_is_laid_out_and_waits_with_the_end_of_the_row(address: str) -> None:
    store = Store(address, {"line": lambda turn, to: Rendered((Call("push", dict(to)),), {})})
    store.accept(Inbound("line", "1", "line:a", "hi", "hi", to={"user": "U1"}))
    store.finish(store.claim((), 9)[0], answered("ok"))
    (letter,) = store.look(lambda db: outbox.due(db, "line", time.time(), (), 9))
    assert (letter.call, letter.attempts) == (Call("push", {"user": "U1"}), 0)
    assert [store.transact(lambda db: outbox.begin(db, letter)) for _ in range(2)] == [True, False]
    store.transact(lambda db: outbox.recover(db, "line", True))
    store.transact(lambda db: outbox.put_off(db, letter, 0, "HTTP 500"))
    (again,) = store.look(lambda db: outbox.due(db, "line", time.time(), (), 9))
    assert again.attempts == 1
    store.transact(lambda db: outbox.begin(db, letter))
    store.transact(lambda db: outbox.recover(db, "line", False))
    assert [state for _, _, state, _, _ in store.look(outbox.unsent)] == ["unknown"]
    store.close()


def test_answers_and_choices_are_written_with_the_end_of_the_row(store: Store) -> None:
    store.accept(message(1))
    (row,) = store.claim((), 9)
    card = Card("1", "Card", "", None, None, {}, (Button("Add", "/add"),))
    reply = Reply("Which?", "pl", (Button("Yes", "/yes"), Button("Site", None, "/x")), (card,))
    assert store.finish(row, Outcome("done", (reply, Reply("And?"))))
    asked, first, second = store.entries("web:a")
    assert (asked.n, first.n, second.n) == (1, 2, 3)
    assert first.reply_to == second.reply_to == asked.client_id == "c-1"
    chosen = first.body["buttons"][0]["choice"]
    found = store.choice("web:a", chosen)
    assert found
    assert (found.title, found.payload) == ("Yes", "/yes")
    assert store.choice("web:a", first.body["cards"][0]["buttons"][0]["choice"])
    assert store.choice("web:b", chosen) is None
    assert store.claim((), 9) == []
    assert store.language("web:a") is None
    assert store.last_asked("web:a") == "c-1"


def test_a_dead_letter_keeps_its_words_for_staff(store: Store) -> None:
    store.accept(message(1, text="poison"))
    store.accept(message(2, text="fine"))
    store.finish(store.claim((), 9)[0], Outcome("dead", (), "ValueError"))
    store.finish(store.claim((), 9)[0], answered("ok"))
    assert store.dead() == [("web:a.c-1", "ValueError")]
    (dead, kept), (done, gone) = rows(store, "SELECT state, body FROM inbox ORDER BY id")
    assert (dead, done, gone) == ("dead", "done", None)
    assert "poison" in kept


def test_a_row_of_another_version_holds_up_nobody(store: Store) -> None:
    store.accept(message(1))
    store.accept(message(2))
    other = "UPDATE inbox SET body = '{\"new\": 1}' WHERE id = (SELECT min(id) FROM inbox)"
    store.transact(lambda db: db.execute(other))
    assert store.claim((), 9) == []
    assert [row.message.client_id for row in store.claim((), 9)] == ["c-2"]


def test_an_erased_conversation_is_forgotten_and_refused(store: Store) -> None:
    store.accept(message(1, text="xylophone"))
    (row,) = store.claim((), 9)
    store.finish(row, Outcome("done", (Reply("xylophone", buttons=(Button("x", "/x"),)),)))
    store.accept(message(2))
    (late,) = store.claim((), 9)
    store.erase("web:a")
    store.erase("web:a")
    assert not store.finish(late, answered("xylophone"))
    for table in ("inbox", "log", "choices", "outbox", "people", "menus"):
        assert rows(store, f"SELECT count(*) FROM {table}") == [(0,)]
    assert store.half_erased() == ["web:a"]
    store.erase_complete("web:a")
    assert store.half_erased() == []
    assert store.erased("web:a")
    with pytest.raises(Erased):
        store.accept(message(3))


def test_a_full_inbox_refuses(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "MAX_WAITING", 2)
    store.accept(message(1))
    store.accept(message(2))
    with pytest.raises(Full):
        store.accept(message(3))
    assert not store.accept(message(1))


def test_writes_that_are_made_together_fail_alone(store: Store) -> None:
    """Each of them is whole or not there at all, as if it were made alone."""

    def broken(held: Store) -> None:
        held.accept(message(2))
        raise ValueError

    def full(held: Store) -> None:
        def fill(db: Any) -> None:
            db.execute("DELETE FROM inbox")
            raise Full

        held.transact(fill)

    calls = [lambda held: held.accept(message(1)), full, lambda held: held.accept(message(1))]
    outcomes = store.together([*calls, broken, lambda held: held.accept(message(3))])
    assert [type(one) if isinstance(one, Exception) else one for one in outcomes] == [
        True, Full, False, ValueError, True,
    ]  # fmt: skip
    assert rows(store, "SELECT client_id FROM inbox ORDER BY id") == [("c-1",), ("c-2",), ("c-3",)]


def test_many_writes_wait_for_the_platter_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And each hears of its own; one that is not waited for any more disturbs nobody."""
    sizes: list[int] = []
    inner = Store.together

    def together(held: Store, calls: Any) -> list[Any]:
        sizes.append(len(calls))
        return inner(held, calls)

    monkeypatch.setattr(Store, "together", together)

    async def scenario() -> None:
        disk = Disk(str(tmp_path / "inbox.db"))
        gone = asyncio.create_task(disk.accept(message(500)))
        news = asyncio.gather(*(disk.accept(message(number // 2)) for number in range(200)))
        await asyncio.sleep(0)
        gone.cancel()
        assert sum(await news) == 100
        await disk.close()

    asyncio.run(scenario())
    assert len(sizes) < 20


@pytest.mark.parametrize("together", [False, True])
def test_erasing_leaves_no_word_in_the_files(tmp_path: Path, together: bool) -> None:
    store = Store(str(tmp_path / "var/inbox.db"))
    store.accept(message(1, text="xylophone-77"))
    store.finish(store.claim((), 9)[0], answered("xylophone-77"))
    store.accept(message(2, text="xylophone-77"))
    others = [lambda held: held.accept(message(9, "web:b"))] if together else []
    store.together([lambda held: held.erase("web:a"), *others])
    for file in (tmp_path / "var").iterdir():
        assert b"xylophone" not in file.read_bytes()


def test_a_locked_file_raises_and_works_again(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "var/inbox.db"))
    store.accept(message(1))
    other = sqlite3.connect(tmp_path / "var/inbox.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Unavailable):
        store.accept(message(2))
    other.execute("ROLLBACK")
    assert store.accept(message(2))


def test_a_file_that_is_no_database_raises_until_it_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "inbox.db"
    file.write_bytes(b"no database" * 100)
    store = Store(str(file))
    with pytest.raises(Unavailable):
        store.accept(message(1))
    file.unlink()
    assert store.accept(message(1))
