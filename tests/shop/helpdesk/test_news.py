"""From the vendor's call, or our look, through the front to the conversation: once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from shop import jobs, outbox, tickets
from shop.front import create_app
from shop.helpdesk.kept import KeptHelpdesk
from shop.store import Store
from shop.tables import outbox as table
from tests.shop.helpdesk.doubles.base import DeskDouble
from tests.shop.helpdesk_contract import asked
from tests.shop.vendor import Said, Vendor


@pytest.fixture
def connected(desk: KeptHelpdesk, kept: Store, monkeypatch: pytest.MonkeyPatch) -> KeptHelpdesk:
    monkeypatch.setattr(tickets, "connect", {"helpdesk": desk}.__getitem__)
    monkeypatch.setattr(tickets, "open_store", lambda: kept)
    return desk


@pytest.fixture
async def front(connected: KeptHelpdesk) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        yield client


async def news(front: httpx.AsyncClient, double: DeskDouble, number: str, event: str) -> int:
    """The vendor's call; of the one that calls nobody, our own look."""
    if not double.webhooks:
        await tickets.follow(number)
        return 200
    headers, body = double.call(number, event)
    answer = await front.post("/webhooks/helpdesk", content=body, headers=headers)
    return answer.status_code


async def told(kept: Store, conversation: str) -> list[tuple[str, Any]]:
    query = select(table.c.body).where(table.c.target == "notice").order_by(table.c.due)
    bodies = await kept.read(lambda connection: list(connection.scalars(query)))
    mine = [body for body in bodies if body["conversation"] == conversation]
    return [(body["notice"], body["data"]["ticket_number"]) for body in mine]


async def test_an_answer_and_the_end_are_told_once_each(
    front: httpx.AsyncClient,
    connected: KeptHelpdesk,
    double: DeskDouble,
    kept: Store,
    conversation: str,
) -> None:
    held = f"web:{conversation}"
    number = await connected.open_ticket(asked(held), conversation)
    assert await news(front, double, number, "answered") == 200  # nobody has answered yet
    assert await told(kept, held) == []
    await double.reply(number, "Jutro.")
    for event in ("answered", "solved", "answered"):
        assert await news(front, double, number, event) == 200
    assert await told(kept, held) == [("ticket_answered", number)]
    await double.solve(number)
    for event in ("solved", "answered", "solved"):
        assert await news(front, double, number, event) == 200
    assert await told(kept, held) == [("ticket_answered", number), ("ticket_solved", number)]


async def test_an_answer_that_also_ends_it_is_told_as_one(
    front: httpx.AsyncClient,
    connected: KeptHelpdesk,
    double: DeskDouble,
    kept: Store,
    conversation: str,
) -> None:
    held = f"web:{conversation}"
    number = await connected.open_ticket(asked(held), conversation)
    await double.reply(number, "Już wysłane.")
    await double.solve(number)
    for event in ("answered", "solved"):
        assert await news(front, double, number, event) == 200
    kind = "ticket_answered" if double.tells else "ticket_solved"
    assert await told(kept, held) == [(kind, number)]


async def test_every_further_answer_is_told(
    front: httpx.AsyncClient,
    connected: KeptHelpdesk,
    double: DeskDouble,
    kept: Store,
    conversation: str,
) -> None:
    held = f"web:{conversation}"
    number = await connected.open_ticket(asked(held), conversation)
    for words in ("Jutro.", "A jednak dziś."):
        await double.reply(number, words)
        assert await news(front, double, number, "answered") == 200
    assert len(await told(kept, held)) == (2 if double.tells else 1)


async def test_tickets_of_no_conversation_and_unknown_ones_change_nothing(
    front: httpx.AsyncClient, connected: KeptHelpdesk, double: DeskDouble, kept: Store
) -> None:
    number = await connected.open_ticket(asked(""), f"nobody's {id(double)}")
    await double.reply(number, "Jutro.")
    assert await news(front, double, number, "answered") == 200
    assert await told(kept, "") == []
    if double.webhooks:
        assert await news(front, double, "1", "answered") == 200
        assert await news(front, double, "", "other") == 200


async def test_forged_calls_get_401_and_long_ones_413(
    front: httpx.AsyncClient, connected: KeptHelpdesk
) -> None:
    for body in (b"", b"{}", b'{"ticket_id": "1"}'):
        assert (await front.post("/webhooks/helpdesk", content=body)).status_code == 401
    long = await front.post("/webhooks/helpdesk", content=b"x" * 70_000)
    assert long.status_code == 413


@pytest.mark.parametrize("double", ["zendesk", "freshdesk", "chatwoot"], indirect=True)
async def test_while_the_vendor_is_away_it_shall_call_again(
    front: httpx.AsyncClient,
    connected: KeptHelpdesk,
    double: DeskDouble,
    vendor: Vendor,
    conversation: str,
) -> None:
    number = await connected.open_ticket(asked(conversation), conversation)
    vendor.answer = lambda request: Said(500)
    assert await news(front, double, number, "answered") == 503


@pytest.fixture
async def looked_at(kept: Store) -> None:
    """No look of another test is due."""
    mine = table.delete().where(table.c.target == outbox.TICKET)
    await kept.write(lambda connection: connection.execute(mine))


async def due(kept: Store) -> list[Any]:
    query = select(table).where(table.c.target == outbox.TICKET, ~table.c.sent)
    return await kept.read(lambda connection: list(connection.execute(query)))


async def test_where_no_call_comes_we_look_until_it_is_solved(
    looked_at: None, connected: KeptHelpdesk, double: DeskDouble, kept: Store, conversation: str
) -> None:
    held = f"web:{conversation}"
    number = await connected.open_ticket(asked(held), conversation)
    now = table.update().where(table.c.target == outbox.TICKET).values(due=0.0)
    for step in (None, "reply", None, "solve"):
        if step == "reply":
            await double.reply(number, "Jutro.")
        elif step == "solve":
            await double.solve(number)
        (row,) = await due(kept)
        assert row.body["number"] == number
        await kept.write(lambda connection: connection.execute(now))
        await jobs.attempt(kept, [outbox.TICKET])
    assert await due(kept) == []
    assert [kind for kind, _ in await told(kept, held)] == ["ticket_answered", "ticket_solved"]


async def test_nobody_looks_for_ever_nor_at_what_is_gone(
    looked_at: None, connected: KeptHelpdesk, double: DeskDouble, kept: Store, conversation: str
) -> None:
    await connected.open_ticket(asked(conversation), conversation)
    (row,) = await due(kept)
    assert await tickets.look(kept, SimpleNamespace(body={**row.body, "since": 0}))
    assert [one.id for one in await due(kept)] == [row.id]
    double.tickets.clear()
    assert await tickets.look(kept, row)
    assert [one.id for one in await due(kept)] == [row.id]


def test_the_front_runs_the_looks() -> None:
    assert jobs.JOBS[outbox.TICKET] is tickets.look
