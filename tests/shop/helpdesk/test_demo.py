"""The embedded help desk keeps the contract; its command line answers."""

from __future__ import annotations

import pytest

from shop import helpdesk as package
from shop.helpdesk.__main__ import main
from shop.helpdesk.demo import DemoHelpdesk
from shop.model import NotFound
from shop.store import Store
from tests.shop.helpdesk_contract import HelpdeskContract, asked


class Clerk:
    tells = True

    def __init__(self, desk: DemoHelpdesk) -> None:
        self.desk = desk

    async def reply(self, number: str, words: str) -> None:
        await self.desk.reply(number, words)

    async def solve(self, number: str) -> None:
        await self.desk.reply(number, "", solved=True)


@pytest.fixture
def helpdesk(store: Store) -> DemoHelpdesk:
    return DemoHelpdesk(store.url)


@pytest.fixture
def staff(helpdesk: DemoHelpdesk) -> Clerk:
    return Clerk(helpdesk)


class TestDemoHelpdesk(HelpdeskContract):
    pass


async def test_nobody_answers_what_is_not_there(helpdesk: DemoHelpdesk) -> None:
    with pytest.raises(NotFound):
        await helpdesk.reply("T0", "?")


async def test_its_command_line_lists_shows_and_answers(
    connected: Store, conversation: str, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = DemoHelpdesk(connected.url)
    number = await desk.open_ticket(asked(conversation), conversation)
    assert await main([]) == 0
    assert f"{number} open: Gdzie paczka?" in capsys.readouterr().out
    assert await main([number]) == 0
    assert "10234" in capsys.readouterr().out
    assert await main([number, "Jutro.", "--solved"]) == 0
    assert (await desk.ticket(number)).answer == "Jutro."
    assert await main(["T0", "?"]) == 1
    assert package.__name__ == "shop.helpdesk"
