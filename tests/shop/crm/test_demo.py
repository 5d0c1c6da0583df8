from __future__ import annotations

import pytest
from sqlalchemy import func, select

from shop.crm.base import CRM
from shop.crm.demo import DemoCRM
from shop.model import Contact
from shop.store import Store
from shop.tables import contacts, outcomes
from tests.shop.crm_contract import CRMContract


@pytest.fixture
def crm(store: Store) -> CRM:
    return DemoCRM(store.url)


class TestDemoCRM(CRMContract):
    pass


async def count(store: Store, conversation: str) -> int:
    mine = outcomes.c.conversation == conversation
    query = select(func.count()).select_from(outcomes).where(mine)
    return await store.read(lambda connection: connection.scalar(query))


async def test_an_outcome_is_logged_once_a_reference(
    crm: CRM, store: Store, conversation: str
) -> None:
    for reference in ("10234", "10234", "10235"):
        await crm.log_outcome(conversation, "order_placed", {"reference": reference})
    assert await count(store, conversation) == 2


async def test_erasing_takes_the_outcomes_along(crm: CRM, store: Store, conversation: str) -> None:
    details = {"reference": "1", "email": "Away@example.org"}
    await crm.log_outcome(conversation, "order_placed", details)
    await crm.erase("away@example.org")
    assert await count(store, conversation) == 0


async def test_a_consent_is_dated_when_it_is_given(crm: CRM, store: Store) -> None:
    contact = Contact("dated@example.org", consents={"newsletter": "yes"})
    await crm.save_contact(contact)
    query = select(contacts.c.consented).where(contacts.c.email == "dated@example.org")
    first = await store.read(lambda connection: connection.scalar(query))
    await crm.save_contact(contact)
    assert await store.read(lambda connection: connection.scalar(query)) == first
    assert set(first) == {"newsletter"}
