"""What every CRM must do: subclass the contract and give it a `crm`."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

import pytest

from shop.crm.base import CRM
from shop.model import Bought, Contact, Deal, DealStage, Lead, Money, Note, NotFound

JACKET = Bought("jacket", "jacket-m", "Kurtka „Halny” [M]", 1)
SOCKS = Bought("socks", "socks-3pcs", "Skarpety", 3)
CONSENT = {"newsletter": "Chcę dostawać oferty."}


def someone() -> str:
    return f"ewa.{uuid.uuid4().hex[:10]}@example.org"


def phone() -> str:
    return f"+48{uuid.uuid4().int % 10**9:09}"


def deal_with(who: str, stage: DealStage = DealStage.OPEN, placed: int = 1_795_000_000) -> Deal:
    number = str(uuid.uuid4().int % 10**8)
    return Deal(number, who, Money(12990, "PLN"), stage, (JACKET, SOCKS), placed)


def note_of(who: str, reference: str = "10042") -> Note:
    said = (("shopper", "Macie kurtki?"), ("assistant", "Tak, <trzy> & więcej."))
    return Note("web:1", "order_placed", reference, who, 1_795_000_000, {"order": "10042"}, said)


class CRMContract:
    async def notes(self, crm: CRM, who: str) -> list[str]:
        """What the CRM itself shows of what was logged of a person."""
        raise NotImplementedError

    async def leads(self, crm: CRM, who: str) -> list[str]:
        raise NotImplementedError

    async def test_known_values_are_kept_where_new_ones_are_empty(self, crm: CRM) -> None:
        email = someone()
        first = Contact(email.upper(), "Jan van Dyk", "+48 500-100-200", "pl", {"size": "M"})
        second = Contact(email, consents=CONSENT)
        assert await crm.save_contact(first) == await crm.save_contact(second)
        saved = await crm.contact(email.capitalize())
        assert saved == Contact(email, "Jan van Dyk", "+48500100200", "pl", {"size": "M"}, CONSENT)

    async def test_a_new_value_replaces_the_known_one(self, crm: CRM) -> None:
        email = someone()
        await crm.save_contact(Contact(email, "Jan Dyk", language="pl", preferences={"size": "M"}))
        await crm.save_contact(Contact(email, "Ewa Lis", language="en", preferences={"size": "L"}))
        saved = await crm.contact(email)
        assert (saved.name, saved.language, saved.preferences) == ("Ewa Lis", "en", {"size": "L"})

    async def test_a_contact_may_have_a_phone_alone(self, crm: CRM) -> None:
        number = phone()
        written = f"{number[:6]} {number[6:]}"
        made = await crm.save_contact(Contact("", phone=written, language="es"))
        assert made == await crm.save_contact(Contact("", "Eva", number))
        assert await crm.contact(written) == Contact("", "Eva", number, "es")

    async def test_nobody_is_there_twice(self, crm: CRM) -> None:
        contact = Contact(someone(), "Jan Dyk")
        made = await asyncio.gather(*(crm.save_contact(contact) for _ in range(4)))
        assert {await crm.save_contact(contact), *made} == {made[0]}

    async def test_quotes_are_letters_like_others(self, crm: CRM) -> None:
        contact = Contact(f"o'neill.{someone()}", 'Pat O\'Neill \\ "x" --')
        await crm.save_contact(contact)
        assert await crm.contact(contact.email) == contact
        with pytest.raises(NotFound):
            await crm.contact("x' OR Email != '@example.org")

    async def test_unknown_contact_is_not_found(self, crm: CRM) -> None:
        for who in (someone(), phone()):
            with pytest.raises(NotFound) as caught:
                await crm.contact(who)
            assert who not in str(caught.value)

    async def test_a_conversation_is_logged_once_with_its_words(self, crm: CRM) -> None:
        email = someone()
        await crm.save_contact(Contact(email))
        for reference in ("10042", "10042", "10043"):
            await crm.log(note_of(email, reference))
        kept = await self.notes(crm, email)
        assert len(kept) == 2
        assert all("shopper: Macie kurtki?" in text for text in kept)
        assert all("assistant: Tak, <trzy> & więcej." in text for text in kept)

    async def test_a_note_of_nobody_is_no_error(self, crm: CRM) -> None:
        for who in ("", someone()):
            await crm.log(note_of(who, uuid.uuid4().hex))

    async def test_a_lead_is_kept_once(self, crm: CRM) -> None:
        for who in (someone(), phone()):
            lead = Lead(uuid.uuid4().hex[:8], who, "Zrobicie logo na 30 kurtkach?", "pl")
            await crm.save_lead(lead)
            await crm.save_lead(lead)
            kept = await self.leads(crm, who)
            assert [lead.question in text for text in kept] == [True]
            await crm.contact(who)

    async def test_what_was_bought_is_known_newest_first(self, crm: CRM) -> None:
        email = someone()
        old = deal_with(email, DealStage.WON, placed=1_794_900_000)
        new = deal_with(email, DealStage.WON, placed=1_795_000_000)
        for deal in (new, old, deal_with(email), deal_with(email, DealStage.LOST)):
            await crm.save_deal(deal)
        found = await crm.purchases(email)
        assert [deal.number for deal in found] == [new.number, old.number]
        assert found[0].items == new.items
        assert found[0].amount == new.amount
        assert await crm.purchases(someone()) == ()

    async def test_a_deal_only_moves_on(self, crm: CRM) -> None:
        email = someone()
        deal = deal_with(email)
        won = replace(deal, stage=DealStage.WON, amount=Money(9900, "PLN"), items=(SOCKS,))
        for step in (deal, won, won, deal):
            await crm.save_deal(step)
        (found,) = await crm.purchases(email)
        assert (found.number, found.stage) == (deal.number, DealStage.WON)
        await crm.save_deal(replace(deal, stage=DealStage.LOST))
        await crm.save_deal(won)
        assert await crm.purchases(email) == ()

    async def test_an_erased_person_leaves_nothing(self, crm: CRM) -> None:
        for who in (someone(), phone()):
            contact = Contact(who) if "@" in who else Contact("", phone=who)
            await crm.save_contact(contact)
            await crm.log(note_of(who, uuid.uuid4().hex))
            await crm.save_lead(Lead(uuid.uuid4().hex[:8], who, "Proszę o telefon", "pl"))
            await crm.save_deal(deal_with(who, DealStage.WON))
            await crm.erase(who)
            await crm.erase(who)
            with pytest.raises(NotFound):
                await crm.contact(who)
            assert await crm.purchases(who) == ()
            assert await self.notes(crm, who) == await self.leads(crm, who) == []
