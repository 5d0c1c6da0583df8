"""What the CRM is told: on disk at once, done later, tried again, and forgotten."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

import shop
from shop import jobs, outbox
from shop.crm import telling
from shop.crm.demo import DemoCRM
from shop.model import Contact, DealStage, NotFound, Refused, Unavailable
from shop.store import Store
from shop.tables import outbox as table
from shop.tables import tickets
from tests.shop.crm_contract import deal_with, note_of, someone


class Away(DemoCRM):
    """Unavailable, or refusing, as long as `trouble` is set."""

    trouble: Exception | None = Unavailable("crm: too slow")

    async def save_contact(self, contact: Contact) -> str:
        if self.trouble:
            raise self.trouble
        return await super().save_contact(contact)

    async def erase(self, who: str) -> None:
        if self.trouble:
            raise self.trouble
        await super().erase(who)


@pytest.fixture
def crm(connected: Store, monkeypatch: pytest.MonkeyPatch) -> Away:
    made, helpdesk = Away(connected.url), shop.connect("helpdesk")
    monkeypatch.setattr(shop, "connect", {"crm": made, "helpdesk": helpdesk}.__getitem__)
    return made


async def again(store: Store) -> None:
    mine = table.update().where(table.c.target == outbox.CRM).values(due=0.0)
    await store.write(lambda connection: connection.execute(mine))
    await jobs.attempt(store, [outbox.CRM])


async def waiting(store: Store, who: str) -> list[str]:
    query = select(table.c.body).where((table.c.target == outbox.CRM) & ~table.c.sent)
    bodies = await store.read(lambda connection: list(connection.scalars(query)))
    return [kind for body in bodies if who in body["who"] for kind, _ in body["facts"]]


async def test_what_was_told_is_done_when_the_crm_is_back(crm: Away, connected: Store) -> None:
    who, key = someone(), uuid.uuid4().hex
    deal = deal_with(who, DealStage.WON)
    for _ in range(2):
        await telling.tell(key, Contact(who, "Ewa Lis"), deal, note_of(who))
    await again(connected)
    assert await waiting(connected, who) == ["Contact", "Deal", "Note"]
    crm.trouble = None
    await again(connected)
    assert await crm.purchases(who) == (deal,)
    assert (await crm.contact(who)).name == "Ewa Lis"
    told = select(table.c.body).where(table.c.id == f"crm_{key}")
    assert await connected.read(lambda connection: connection.scalar(told)) == {}


async def test_a_refusal_is_not_tried_again(crm: Away, connected: Store) -> None:
    who = someone()
    crm.trouble = Refused("crm", status=400)
    await telling.tell(uuid.uuid4().hex, Contact(who))
    await again(connected)
    assert await waiting(connected, who) == []


async def test_an_erased_person_is_not_told_of_later(crm: Away, connected: Store) -> None:
    who, other = someone(), someone()
    await telling.tell(uuid.uuid4().hex, Contact(who), note_of(who))
    await telling.tell(uuid.uuid4().hex, Contact(other))
    await telling.erase(who.upper())
    assert await waiting(connected, who) == [telling.ERASE]
    crm.trouble = None
    await again(connected)
    await crm.contact(other)
    with pytest.raises(NotFound):
        await crm.contact(who)


@pytest.mark.parametrize("trouble", [Refused("crm", status=422), Unavailable("crm: away")])
async def test_an_erasure_that_is_not_done_goes_to_a_person(
    crm: Away, connected: Store, trouble: Exception
) -> None:
    who = someone()
    await telling.erase(who)
    crm.trouble = trouble
    old = table.update().where(table.c.target == outbox.CRM)
    aged = old.values(created=table.c.created - telling.PATIENCE - 60)
    await connected.write(lambda connection: connection.execute(aged))
    for _ in range(2):
        await again(connected)
    asked = select(tickets.c.question).where(tickets.c.contact == who)
    assert await connected.read(lambda c: list(c.scalars(asked))) == ["erase: crm"]


async def test_a_turn_goes_on_without_the_store(crm: Away, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Store:
        raise Unavailable("store: away")

    monkeypatch.setattr(telling, "open_store", broken)
    await telling.mention("key", Contact(someone()))
    with pytest.raises(Unavailable):
        await telling.tell("key", Contact(someone()))


async def test_a_recommendation_does_not_wait_for_the_crm(
    crm: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = someone()
    crm.trouble = None
    deal = deal_with(who, DealStage.WON)
    await crm.save_deal(deal)
    assert await telling.purchases(who) == (deal,)
    monkeypatch.setattr(telling, "READ", 0.0)
    assert await telling.purchases(who) == ()
