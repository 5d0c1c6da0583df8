"""Turns: each message is answered, one at a time in a conversation, in order, in any database."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest

from channels.inbox import jobs
from channels.inbox.disk import Disk
from channels.inbox.engine import Db
from channels.inbox.hub import Hub, Signal
from channels.inbox.lock import alone
from channels.inbox.model import Inbound, Outcome, Row, Unavailable
from channels.inbox.store import Store
from channels.inbox.taking import Taker, taker
from channels.inbox.watch import watch
from channels.inbox.worker import Turns
from channels.render import Reply

Answer = Callable[[Row], Awaitable[Outcome]]


def message(number: int, conversation: str = "web:a", text: str = "hi") -> Inbound:
    ident = f"c-{number}"
    return Inbound("web", f"{conversation}.{ident}", conversation, text, text, ident)


def answered(*texts: str) -> Outcome:
    return Outcome("done", tuple(Reply(text, "pl") for text in texts))


async def echo(row: Row) -> Outcome:
    return answered(row.message.text)


def said(store: Store, conversation: str = "web:a") -> list[str]:
    log = store.entries(conversation)
    return [entry.body["text"] for entry in log if entry.author == "bot"]


def closed(store: Store) -> int:
    """How many rows no longer wait."""
    query = "SELECT count(*) FROM inbox WHERE state != 'waiting'"
    return int(store.look(lambda db: db.execute(query).fetchone()[0]))


async def work(disk: Disk, until: int, *answers: Answer, seconds: float = 15) -> None:
    """As many workers as there are answers, each as if in a process of its own."""
    workers = [taker(Turns(disk, Hub(), answer)) for answer in answers]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    for _ in range(int(seconds / 0.05)):
        await asyncio.sleep(0.05)
        if await disk.read(closed) == until:
            break
    await asyncio.gather(*(worker.stop() for worker in workers))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert await disk.read(closed) == until


def test_turns_are_in_order_and_one_at_a_time(address: str) -> None:
    """With two workers, of which PostgreSQL lets both work."""
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
        disk = Disk(address)
        for number in range(60):
            await disk.accept(message(number, f"web:{number % 4}", str(number)))
        await work(disk, 60, answer, answer)
        for held in range(4):
            told = await disk.read(lambda store, held=held: said(store, f"web:{held}"))
            assert told == order[f"web:{held}"] == [str(n) for n in range(held, 60, 4)]
        await disk.close()

    asyncio.run(scenario())


def test_what_a_cancelled_worker_left_is_taken_up_by_the_next(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "STOP_SECONDS", 0.1)

    async def hang(row: Row) -> Outcome:
        begun.set()
        await asyncio.sleep(60)
        return answered("never")

    async def attempt(row: Row) -> Outcome:
        return answered(f"attempt {row.attempts}")

    async def scenario() -> None:
        disk = Disk(address)
        await disk.accept(message(1))
        await disk.accept(message(2))
        first = taker(Turns(disk, Hub(), hang))
        task = asyncio.create_task(first.run())
        await asyncio.wait_for(begun.wait(), 10)
        monkeypatch.setattr("channels.inbox.pump.STOP_SECONDS", 0.1)
        await first.stop()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await work(disk, 2, attempt)
        assert await disk.read(said) == ["attempt 1", "attempt 0"]
        await disk.close()

    begun = asyncio.Event()
    asyncio.run(scenario())


def test_a_job_of_a_dead_worker_goes_to_another(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One whose worker is gone, one whose worker is silent, one that nobody could close."""
    monkeypatch.setattr(jobs, "LOST", jobs.LOST.replace("60.0 seconds", "0 seconds"))

    def kill(db: Db) -> None:
        worker = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() {}) RETURNING id"
        silent = db.execute(worker.format("- interval '1 hour'")).fetchone()[0]
        alive = db.execute(worker.format("")).fetchone()[0]
        taken = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = ? WHERE lock = ?"
        for held, ident in (("web:gone", None), ("web:silent", silent), ("web:alive", alive)):
            db.execute(taken, (ident, held))

    async def scenario() -> None:
        disk = Disk(database)
        for number, held in enumerate(("web:gone", "web:silent", "web:alive", "web:silent")):
            await disk.accept(message(number, held, f"m{number}"))
        one = "DELETE FROM procrastinate_jobs WHERE id = (SELECT max(id) FROM procrastinate_jobs)"
        await disk.write(lambda store: store.transact(lambda db: db.execute(one)))
        await disk.write(lambda store: store.transact(kill))
        await work(disk, 3, echo, seconds=30)
        for held, told in (("gone", "m0"), ("silent", "m1"), ("alive", "m2")):
            assert await disk.read(lambda s, held=held: said(s, f"web:{held}")) == [told]
        await disk.close()

    asyncio.run(scenario())


def test_the_database_may_go_away_and_come_back(database: str) -> None:
    """As in a restart of the server: every connection ends, and the work goes on."""

    def end_all(url: str) -> None:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != ALL(%s)"
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as db:
            db.execute(others + " AND datname = %s", ([0], url.rpartition("/")[2]))

    async def scenario() -> None:
        disk = Disk(database)
        await disk.accept(message(1, text="before"))
        worker = taker(Turns(disk, Hub(), echo))
        running = asyncio.create_task(worker.run())
        await until(disk, 1)
        await asyncio.to_thread(end_all, database)
        with pytest.raises(Unavailable):
            await disk.accept(message(2, text="after"))
        await disk.accept(message(2, text="after"))
        await until(disk, 2)
        assert await disk.read(said) == ["before", "after"]
        await worker.stop()
        await running
        await disk.close()

    async def until(disk: Disk, count: int) -> None:
        for _ in range(300):
            try:
                if await disk.read(closed) == count:
                    return
            except Unavailable:
                pass
            await asyncio.sleep(0.1)
        raise AssertionError("not answered")

    asyncio.run(scenario())


def test_two_processes_do_not_take_turns_from_one_file(tmp_path: Path) -> None:
    taken: list[str] = []

    async def scenario() -> None:
        disk = Disk(str(tmp_path / "inbox.db"))

        def worker(name: str) -> Taker:
            async def answer(row: Row) -> Outcome:
                taken.append(name)
                return answered(name)

            return taker(Turns(disk, Hub(), answer))

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


def test_a_lock_is_one_processs_and_free_when_it_ends(address: str) -> None:
    async def scenario() -> None:
        order: list[str] = []

        async def wait() -> None:
            async with alone(address, "line"):
                order.append("second")

        async with alone(address, "line") as lock, alone(address, "viber"):
            waiting = asyncio.create_task(wait())
            await asyncio.sleep(0.8)
            assert await lock.held()
            order.append("first")
        await asyncio.wait_for(waiting, 10)
        assert order == ["first", "second"]

    asyncio.run(scenario())


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
        worker = taker(Turns(disk, hub, answer))
        with hub.listen("web:a") as signals:
            task = asyncio.create_task(worker.run())
            while not heard or heard[-1].kind != "error":
                heard.append(await asyncio.wait_for(signals.get(), 5))
            other.execute("ROLLBACK")
            while heard[-1].kind != "done":
                heard.append(await asyncio.wait_for(signals.get(), 5))
            task.cancel()
        assert await disk.read(said) == ["late but there"]

    asyncio.run(scenario())
    assert [signal.kind for signal in heard] == ["typing", "error", "log", "done"]
    assert heard[1].data == {"code": "storage", "retryable": True, "reply_to": "c-1"}


def test_a_stream_hears_of_turns_that_another_process_took(address: str) -> None:
    async def scenario() -> None:
        disk, hub, heard = Disk(address), Hub(), []
        await disk.accept(message(1))
        watching = asyncio.create_task(watch(disk, hub))
        with hub.listen("web:a") as signals:
            await asyncio.sleep(1)
            await work(disk, 1, echo)
            while not heard or heard[-1].kind != "done":
                heard.append(await asyncio.wait_for(signals.get(), 5))
        watching.cancel()
        assert [signal.kind for signal in heard][-2:] == ["log", "done"]
        assert heard[-1].data == {"reply_to": "c-1"}
        await disk.close()

    asyncio.run(scenario())
