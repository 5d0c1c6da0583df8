from __future__ import annotations

import pytest
from sqlalchemy import select

from shop.crm.base import CRM
from shop.crm.demo import DemoCRM
from shop.crm.words import address
from shop.model import Contact
from shop.store import Store
from shop.tables import contacts, leads, outcomes
from tests.shop.crm_contract import CRMContract, note_of


@pytest.fixture
def crm(store: Store) -> CRM:
    return DemoCRM(store.url)


class TestDemoCRM(CRMContract):
    async def notes(self, crm: CRM, who: str) -> list[str]:
        assert isinstance(crm, DemoCRM)
        query = select(outcomes.c.transcript).where(outcomes.c.who == address(who))
        kept = await crm.store.read(lambda connection: list(connection.scalars(query)))
        return ["\n".join(f"{who}: {text}" for who, text in said) for said in kept]

    async def leads(self, crm: CRM, who: str) -> list[str]:
        assert isinstance(crm, DemoCRM)
        query = select(leads.c.question).where(leads.c.who == address(who))
        return await crm.store.read(lambda connection: list(connection.scalars(query)))


async def test_what_came_of_nobodys_conversation_is_kept(crm: CRM, store: Store) -> None:
    await crm.log(note_of("", "nobody-1"))
    query = select(outcomes.c.who).where(outcomes.c.reference == "nobody-1")
    assert await store.read(lambda connection: list(connection.scalars(query))) == [None]


async def test_a_consent_is_dated_when_it_is_given(crm: CRM, store: Store) -> None:
    contact = Contact("dated@example.org", consents={"newsletter": "yes"})
    await crm.save_contact(contact)
    query = select(contacts.c.consented).where(contacts.c.email == "dated@example.org")
    first = await store.read(lambda connection: connection.scalar(query))
    await crm.save_contact(contact)
    assert await store.read(lambda connection: connection.scalar(query)) == first
    assert set(first) == {"newsletter"}
