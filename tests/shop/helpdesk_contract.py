"""What every help desk must do: subclass the contract and give it a `helpdesk`."""

from __future__ import annotations

import pytest

from shop.helpdesk.base import Helpdesk
from shop.model import NotFound, Ticket


class HelpdeskContract:
    async def test_the_same_key_opens_one_ticket(
        self, helpdesk: Helpdesk, conversation: str
    ) -> None:
        lines = (("shopper", "dzień dobry"), ("assistant", "W czym pomóc?"))
        ticket = Ticket(conversation, "jan@example.org", "Gdzie paczka?", "pl", lines, "10234")
        number = await helpdesk.open_ticket(ticket, conversation)
        assert await helpdesk.open_ticket(ticket, conversation) == number
        assert await helpdesk.open_ticket(ticket, f"{conversation}-2") != number
        assert await helpdesk.ticket(number) == ticket

    async def test_unknown_ticket_is_not_found(self, helpdesk: Helpdesk) -> None:
        with pytest.raises(NotFound):
            await helpdesk.ticket("T0")
