"""What the CRM is told: on disk at once, so that no shopper waits for it or sees it fail, then
done by shop/jobs.py and tried again until the CRM has taken it.

    python -m shop.crm.telling erase jan@example.org    # everything of a person who asks for it
"""

from __future__ import annotations

import asyncio
import logging
import sys
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select

import shop
from shop import outbox
from shop.crm.base import CRM
from shop.crm.words import address
from shop.model import Contact, Deal, Lead, Note, NotFound, Refused, ShopError, Ticket, Unavailable
from shop.policy import policy
from shop.store import Store, now, open_store
from shop.tables import outbox as table

logger = logging.getLogger(__name__)
Fact = Contact | Note | Lead | Deal
ERASE = "erase"
READ = 1.5  # seconds that a shopper's turn waits for what the CRM knows
PATIENCE = 20 * 3600  # seconds after which a person hears of an erasure that is not done


@dataclass(frozen=True)
class Kind:
    type: TypeAdapter[Any]
    tell: Callable[[CRM, Any], Awaitable[Any]]


KINDS = {
    Contact: Kind(TypeAdapter(Contact), lambda crm, fact: crm.save_contact(fact)),
    Lead: Kind(TypeAdapter(Lead), lambda crm, fact: crm.save_lead(fact)),
    Deal: Kind(TypeAdapter(Deal), lambda crm, fact: crm.save_deal(fact)),
    Note: Kind(TypeAdapter(Note), lambda crm, fact: crm.log(fact)),
}
BY_NAME = {kind.__name__: how for kind, how in KINDS.items()}


async def tell(key: str, *facts: Fact) -> None:
    """In this order; facts with a known key are not told again. Raises Unavailable."""
    told = [[type(fact).__name__, KINDS[type(fact)].type.dump_python(fact, mode="json")]
            for fact in facts]  # fmt: skip
    body = {"facts": told, "who": sorted({address(who_of(fact)) for fact in facts} - {""})}
    await open_store().write(lambda c: outbox.put(c, outbox.CRM, f"crm_{key}", body), "tell")


async def told(key: str) -> bool:
    """Whether facts were told under that key, heard of or not."""
    mine = select(table.c.id).where(table.c.id == f"crm_{key}")
    return await open_store().read(lambda c: c.scalar(mine) is not None)


async def mention(key: str, *facts: Fact) -> None:
    """The same in a shopper's turn, which goes on without it."""
    try:
        await tell(key, *facts)
    except ShopError as trouble:
        logger.warning("the CRM will not hear of %s: %s", type(facts[0]).__name__, trouble)


def who_of(fact: Fact) -> str:
    return fact.who if not isinstance(fact, Contact) else fact.email or fact.phone or ""


async def erase(who: str) -> None:
    """What the CRM keeps of a person, and what it was still to be told of them."""

    def work(connection: Connection) -> None:
        mine = select(table).where((table.c.target == outbox.CRM) & ~table.c.sent)
        for row in connection.execute(mine).all():
            if address(who) in row.body["who"] and not row.id.startswith("crm_erase_"):
                connection.execute(delete(table).where(table.c.id == row.id))
        body = {"facts": [[ERASE, who]], "who": [address(who)]}
        outbox.put(connection, outbox.CRM, f"crm_erase_{uuid.uuid4().hex}", body)

    await open_store().write(work)


async def purchases(who: str) -> tuple[Deal, ...]:
    """What the person has bought, as far as the CRM says so in time."""
    try:
        return await asyncio.wait_for(shop.connect("crm").purchases(who), READ)
    except (ShopError, asyncio.TimeoutError) as trouble:
        logger.info("no purchases from the CRM: %s", type(trouble).__name__)
        return ()


async def work(store: Store, row: Any) -> bool:
    """A job of shop/jobs.py. What is done already is no harm to do again."""
    erasing = row.body["facts"][0][0] == ERASE
    try:
        for kind, value in row.body["facts"]:
            await one(shop.connect("crm"), kind, value)
    except (NotFound, Refused) as refusal:
        logger.error("the CRM refused %s: %s", row.id, refusal)
        if erasing:
            await ask_person(row)
    except Unavailable:
        if erasing and now() - row.created > PATIENCE:
            await ask_person(row)
        raise
    return True


async def one(crm: CRM, kind: str, value: Any) -> None:
    if kind == ERASE:
        await crm.erase(value)
    else:
        await BY_NAME[kind].tell(crm, BY_NAME[kind].type.validate_python(value))


async def ask_person(row: Any) -> None:
    """What the law gives a month for is not lost with a CRM that does not do it."""
    question = f"{ERASE}: crm"
    ticket = Ticket("", row.body["facts"][0][1], question, policy().default_language)
    await shop.connect("helpdesk").open_ticket(ticket, key=f"crm/{row.id}")


if __name__ == "__main__":
    if sys.argv[1:2] != [ERASE] or len(sys.argv) != 3:
        sys.exit(__doc__)
    asyncio.run(erase(sys.argv[2]))
