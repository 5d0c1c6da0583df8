"""What is put into the outbox arrives, signed, even if nobody takes it at first."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import delete, select

from shop import notice, outbox
from shop.outbox import NOTICE, PAYMENT, Target
from shop.signing import signed_body
from shop.store import Store
from shop.tables import outbox as table
from tests.shop.conftest import SECRET

TARGETS = {
    NOTICE: Target("http://assistant.test/notice", SECRET),
    PAYMENT: Target("http://shop.test/payments", SECRET),
}


class Receiver:
    """Answers with the given statuses, then with 202."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if self.statuses else 202
        if status == 0:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status)


@pytest.fixture
def clean(store: Store) -> Iterator[Store]:
    with store.begin() as connection:
        connection.execute(delete(table))
    return store


async def rounds(store: Store, receiver: Receiver, count: int) -> None:
    """So many looks into the outbox, each when the next try is due."""
    async with httpx.AsyncClient(transport=httpx.MockTransport(receiver)) as client:
        for _ in range(count):
            await store.write(lambda c: c.execute(table.update().values(due=0.0)))
            await outbox.attempt(store, client, TARGETS)


async def test_a_notice_arrives_signed(clean: Store) -> None:
    receiver = Receiver()
    await notice.tell("c-1", "payment_received", {"order_number": "1"}, "k1", clean)
    await rounds(clean, receiver, 2)
    assert len(receiver.requests) == 1
    request = receiver.requests[0]
    id_, body = signed_body(SECRET, request.headers, request.content)
    assert id_ == "msg_k1"
    assert str(request.url) == "http://assistant.test/notice"
    assert body == {
        "conversation": "c-1",
        "notice": "payment_received",
        "data": {"order_number": "1"},
    }


async def test_a_stopped_assistant_gets_it_later(clean: Store) -> None:
    receiver = Receiver(0, 503, 500)
    await notice.tell("c-1", "payment_failed", {}, "k1", clean)
    await rounds(clean, receiver, 6)
    assert len(receiver.requests) == 4
    assert {request.headers["webhook-id"] for request in receiver.requests} == {"msg_k1"}


async def test_the_same_key_is_told_once(clean: Store) -> None:
    for _ in range(3):
        await notice.tell("c-1", "payment_failed", {}, "k1", clean)
    with clean.begin(write=False) as connection:
        assert len(connection.execute(select(table)).all()) == 1


async def test_a_day_old_message_is_given_up(clean: Store) -> None:
    receiver = Receiver(*[503] * 9)
    await notice.tell("c-1", "payment_failed", {}, "k1", clean)
    await clean.write(lambda c: c.execute(table.update().values(created=1)))
    await rounds(clean, receiver, 3)
    assert len(receiver.requests) == 1


async def test_the_loop_delivers_what_comes_in_and_survives_a_missing_secret(
    clean: Store,
) -> None:
    taken = asyncio.Event()
    bodies: list[bytes] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        bodies.append(await reader.readexactly(length))
        writer.write(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        await writer.drain()
        writer.close()
        taken.set()

    server = await asyncio.start_server(receive, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    targets = {
        NOTICE: Target(f"http://127.0.0.1:{port}/", SECRET),
        PAYMENT: Target(f"http://127.0.0.1:{port}/", ""),
    }
    loop = asyncio.create_task(outbox.run(clean, targets))
    await clean.write(lambda connection: outbox.put(connection, PAYMENT, "evt_1", {}))
    await notice.tell("c-1", "payment_received", {}, "k2", clean)
    await asyncio.wait_for(taken.wait(), 10)
    loop.cancel()
    server.close()
    assert [json.loads(body)["conversation"] for body in bodies] == ["c-1"]
