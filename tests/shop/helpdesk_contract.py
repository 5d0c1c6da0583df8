"""What every help desk must do: subclass the contract, give it a `helpdesk`, and a `staff` who
answer in it."""

from __future__ import annotations

from typing import Protocol

import pytest

from shop.helpdesk.base import Helpdesk
from shop.model import NotFound, Refused, Ticket, TicketState

LINES = (("shopper", "dzień dobry"), ("assistant", "W czym pomóc?"))


class Staff(Protocol):
    """People at the help desk. `tells`: their words can be read, not only that they answered."""

    tells: bool

    async def reply(self, number: str, words: str) -> None: ...

    async def solve(self, number: str) -> None: ...


def asked(conversation: str, contact: str = "Jan@Example.org") -> Ticket:
    return Ticket(
        conversation,
        contact,
        "Gdzie paczka?",
        "pl",
        LINES,
        "10234",
        wanted=("complain", "track_order"),
        products=("Kurtka Halny",),
    )


class HelpdeskContract:
    async def test_the_same_key_opens_one_ticket(
        self, helpdesk: Helpdesk, conversation: str
    ) -> None:
        ticket = asked(conversation)
        number = await helpdesk.open_ticket(ticket, conversation)
        assert await helpdesk.open_ticket(ticket, conversation) == number
        assert await helpdesk.open_ticket(ticket, f"{conversation}-2") != number
        found = await helpdesk.ticket(number)
        assert (found.number, found.state, found.answer) == (number, TicketState.OPEN, "")
        assert (found.question, found.transcript, found.order_number) == (
            *("Gdzie paczka?", LINES, "10234"),
        )
        assert (found.wanted, found.products) == (ticket.wanted, ticket.products)
        assert (found.conversation, found.language) == (conversation, "pl")

    async def test_unknown_ticket_is_not_found(self, helpdesk: Helpdesk) -> None:
        with pytest.raises(NotFound):
            await helpdesk.ticket("T0")

    async def test_what_became_of_it_is_told(
        self, helpdesk: Helpdesk, staff: Staff, conversation: str
    ) -> None:
        number = await helpdesk.open_ticket(asked(conversation), conversation)
        for words in ("Wysłana dziś.", "Będzie jutro: kurier dzwonił."):
            await staff.reply(number, words)
            found = await helpdesk.ticket(number)
            assert found.state is TicketState.ANSWERED
            assert found.answer == (words if staff.tells else "")
        await staff.solve(number)
        found = await helpdesk.ticket(number)
        assert found.state is TicketState.SOLVED
        assert found.answer == ("Będzie jutro: kurier dzwonił." if staff.tells else "")

    @pytest.mark.parametrize("contact", ["ewa@example.org", "+48 600 100 200", "600100200", ""])
    async def test_whoever_writes_gets_a_ticket(
        self, helpdesk: Helpdesk, conversation: str, contact: str
    ) -> None:
        first = await helpdesk.open_ticket(asked(conversation, contact), f"{conversation}-1")
        again = await helpdesk.open_ticket(asked(conversation, contact), f"{conversation}-2")
        assert first != again
        assert (await helpdesk.ticket(again)).state is TicketState.OPEN

    async def test_tickets_are_a_conversations_and_a_contacts_own(
        self, helpdesk: Helpdesk, conversation: str
    ) -> None:
        who = f"{conversation[-12:]}@Example.org"
        one = await helpdesk.open_ticket(asked(conversation, who), f"{conversation}-1")
        two = await helpdesk.open_ticket(asked(f"{conversation}-b", who), f"{conversation}-2")
        assert await helpdesk.tickets(conversation) == (one,)
        assert set(await helpdesk.tickets(conversation, who.lower())) == {one, two}
        assert await helpdesk.tickets(f"{conversation}-c", "nobody@example.org") == ()
        assert await helpdesk.tickets(f"{conversation}-c") == ()

    async def test_a_webhook_without_proof_is_refused(self, helpdesk: Helpdesk) -> None:
        for body in (b"", b"{}", b'{"ticket_id": "1"}', b"[" * 100_000):
            with pytest.raises(Refused):
                await helpdesk.verify({}, body)
