"""The inbox: nothing lost, nothing doubled, in order."""

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from channels.inbox import sqlite as engine
from channels.inbox.disk import Disk
from channels.inbox.hub import MAX_BEHIND, MAX_STREAMS, Hub, Signal
from channels.inbox.model import Erased, Full, Inbound, Outcome, Row
from channels.inbox.sqlite import Store
from channels.inbox.worker import Worker
from channels.render import Button, Card, Reply


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(str(tmp_path / "var/inbox.db"))


def message(number: int, conversation: str = "web:a", text: str = "hi") -> Inbound:
    ident = f"c-{number}"
    return Inbound("web", f"{conversation}.{ident}", conversation, text, text, ident)


def answered(*texts: str) -> Outcome:
    return Outcome("done", tuple(Reply(text, "pl") for text in texts))


def test_a_message_is_accepted_once(store: Store) -> None:
    assert store.accept(message(1))
    assert not store.accept(message(1))
    assert [entry.author for entry in store.entries("web:a")] == ["user"]


def test_ten_parallel_copies_are_one(tmp_path: Path) -> None:
    path = str(tmp_path / "inbox.db")
    Store(path).accept(message(0))
    accepted: list[bool] = []
    threads = [
        threading.Thread(target=lambda: accepted.append(Store(path).accept(message(1))))
        for _ in range(10)
    ]
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


def test_a_dead_letter_keeps_its_words_for_staff(store: Store, tmp_path: Path) -> None:
    store.accept(message(1, text="poison"))
    store.accept(message(2, text="fine"))
    store.finish(store.claim((), 9)[0], Outcome("dead", (), "ValueError"))
    store.finish(store.claim((), 9)[0], answered("ok"))
    assert store.dead() == [("web:a.c-1", "ValueError")]
    db = sqlite3.connect(tmp_path / "var/inbox.db")
    kept = db.execute("SELECT state, body LIKE '%poison%' FROM inbox ORDER BY id").fetchall()
    assert kept == [("dead", 1), ("done", None)]


def test_a_row_of_another_version_holds_up_nobody(store: Store, tmp_path: Path) -> None:
    store.accept(message(1))
    store.accept(message(2))
    db = sqlite3.connect(tmp_path / "var/inbox.db")
    with db:
        db.execute("UPDATE inbox SET body = '{\"new\": 1}' WHERE id = 1")
    assert store.claim((), 9) == []
    assert [row.message.client_id for row in store.claim((), 9)] == ["c-2"]


def test_erasing_leaves_no_word_in_the_files(store: Store, tmp_path: Path) -> None:
    store.accept(message(1, text="xylophone-77"))
    (row,) = store.claim((), 9)
    store.finish(row, Outcome("done", (Reply("xylophone-77", buttons=(Button("x", "/x"),)),)))
    store.accept(message(2, text="xylophone-77"))
    (late,) = store.claim((), 9)
    store.erase("web:a")
    assert not store.finish(late, answered("xylophone-77"))
    assert store.entries("web:a") == []
    for file in (tmp_path / "var").iterdir():
        assert b"xylophone" not in file.read_bytes()
    assert store.half_erased() == ["web:a"]
    store.erase_complete("web:a")
    assert store.half_erased() == []
    with pytest.raises(Erased):
        store.accept(message(3))


def test_a_full_inbox_refuses(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "MAX_WAITING", 2)
    store.accept(message(1))
    store.accept(message(2))
    with pytest.raises(Full):
        store.accept(message(3))
    assert not store.accept(message(1))


def test_a_locked_file_raises_and_works_again(store: Store, tmp_path: Path) -> None:
    store.accept(message(1))
    other = sqlite3.connect(tmp_path / "var/inbox.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError):
        store.accept(message(2))
    other.execute("ROLLBACK")
    assert store.accept(message(2))


def test_a_file_that_is_no_database_raises_until_it_is_gone(tmp_path: Path) -> None:
    file = tmp_path / "inbox.db"
    file.write_bytes(b"no database" * 100)
    store = Store(str(file))
    with pytest.raises(sqlite3.DatabaseError):
        store.accept(message(1))
    file.unlink()
    assert store.accept(message(1))


def _closed(store: Store) -> int:
    """How many rows no longer wait."""
    db = sqlite3.connect(store._path)
    return int(db.execute("SELECT count(*) FROM inbox WHERE state != 'waiting'").fetchone()[0])


async def _answered_by(disk: Disk, answer: object, until: int) -> None:
    worker = Worker(disk, Hub(), answer)  # type: ignore[arg-type]
    task = asyncio.create_task(worker.run())
    for _ in range(400):
        await asyncio.sleep(0.02)
        if await disk.read(_closed) == until:
            break
    await worker.stop()
    task.cancel()


def test_turns_are_in_order_and_one_at_a_time(tmp_path: Path) -> None:
    running: set[str] = set()
    order: dict[str, list[str]] = {}

    async def answer(row: Row) -> Outcome:
        held = row.message.conversation
        assert held not in running
        running.add(held)
        order.setdefault(held, []).append(row.message.text)
        await asyncio.sleep(0.005)
        running.remove(held)
        return answered(row.message.text)

    async def scenario() -> None:
        disk = Disk(str(tmp_path / "inbox.db"))
        for number in range(60):
            await disk.accept(message(number, f"web:{number % 4}", str(number)))
        await _answered_by(disk, answer, 60)
        for held in range(4):
            log = await disk.read(lambda s, held=held: s.entries(f"web:{held}"))
            said = [entry.body["text"] for entry in log if entry.author == "bot"]
            assert said == order[f"web:{held}"] == [str(n) for n in range(held, 60, 4)]
        await disk.close()

    asyncio.run(scenario())


def test_what_a_cancelled_worker_left_is_taken_up_by_the_next(tmp_path: Path) -> None:
    async def hang(row: Row) -> Outcome:
        await asyncio.sleep(60)
        return answered("never")

    async def answer(row: Row) -> Outcome:
        return answered(f"attempt {row.attempts}")

    async def scenario() -> None:
        disk = Disk(str(tmp_path / "inbox.db"))
        await disk.accept(message(1))
        first = Worker(disk, Hub(), hang)
        task = asyncio.create_task(first.run())
        await asyncio.sleep(0.3)
        task.cancel()
        for turn in first._turns.values():
            turn.cancel()
        await asyncio.sleep(0.1)
        await _answered_by(disk, answer, 1)
        log = await disk.read(lambda s: s.entries("web:a"))
        assert [entry.body["text"] for entry in log] == ["hi", "attempt 1"]

    asyncio.run(scenario())


def test_two_processes_do_not_take_turns_from_one_inbox(tmp_path: Path) -> None:
    taken: list[str] = []

    async def scenario() -> None:
        disk = Disk(str(tmp_path / "inbox.db"))

        def worker(name: str) -> Worker:
            async def answer(row: Row) -> Outcome:
                taken.append(name)
                return answered(name)

            return Worker(disk, Hub(), answer)

        first = asyncio.create_task(worker("first").run())
        await asyncio.sleep(0.1)
        second = asyncio.create_task(worker("second").run())
        await disk.accept(message(1))
        await asyncio.sleep(1.2)
        first.cancel()
        await asyncio.sleep(1.2)
        await disk.accept(message(2))
        await asyncio.sleep(1.2)
        second.cancel()

    asyncio.run(scenario())
    assert taken == ["first", "second"]


def test_an_answer_waits_for_a_locked_file(tmp_path: Path) -> None:
    path = tmp_path / "inbox.db"
    heard: list[Signal] = []

    async def scenario() -> None:
        disk, hub = Disk(str(path)), Hub()
        other = sqlite3.connect(path, isolation_level=None)

        async def answer(row: Row) -> Outcome:
            other.execute("BEGIN IMMEDIATE")
            return answered("late but there")

        await disk.accept(message(1))
        worker = Worker(disk, hub, answer)
        with hub.listen("web:a") as signals:
            task = asyncio.create_task(worker.run())
            while not heard or heard[-1].kind != "error":
                heard.append(await asyncio.wait_for(signals.get(), 5))
            other.execute("ROLLBACK")
            while heard[-1].kind != "done":
                heard.append(await asyncio.wait_for(signals.get(), 5))
            task.cancel()
        log = await disk.read(lambda s: s.entries("web:a"))
        assert log[-1].body["text"] == "late but there"

    asyncio.run(scenario())
    assert [signal.kind for signal in heard] == ["typing", "error", "log", "done"]
    assert heard[1].data == {"code": "storage", "retryable": True, "reply_to": "c-1"}


def test_one_stream_too_many_closes_the_oldest() -> None:
    async def scenario() -> None:
        hub = Hub()
        held = [hub.listen("web:a") for _ in range(MAX_STREAMS + 1)]
        queues = [listener.__enter__() for listener in held]
        assert queues[0].get_nowait().kind == "close"
        hub.tell("web:a", Signal("log"))
        assert [queue.qsize() for queue in queues] == [0] + [1] * MAX_STREAMS
        for listener in held:
            listener.__exit__(None, None, None)
        assert not hub._listeners

    asyncio.run(scenario())


def test_a_stream_that_does_not_keep_up_is_closed() -> None:
    async def scenario() -> None:
        hub = Hub()
        with hub.listen("web:a") as queue:
            for _ in range(MAX_BEHIND + 1):
                hub.tell("web:a", Signal("log"))
            assert queue.get_nowait().kind == "close"

    asyncio.run(scenario())
