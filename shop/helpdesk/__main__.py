"""The embedded help desk at the command line.

python -m shop.helpdesk                             tickets, newest first
python -m shop.helpdesk T501                        what one is about
python -m shop.helpdesk T501 "It is on its way."    answers; the shopper is told in the chat
python -m shop.helpdesk T501 "Done." --solved
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence

from sqlalchemy import select

from shop import connect, tickets
from shop.helpdesk.demo import DemoHelpdesk
from shop.helpdesk.summary import summary
from shop.model import NotFound
from shop.tables import tickets as table

MOST = 20


async def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("shop.helpdesk", description="The embedded help desk.")
    parser.add_argument("number", nargs="?")
    parser.add_argument("answer", nargs="?", default="")
    parser.add_argument("--solved", action="store_true")
    given = parser.parse_args(arguments)
    desk = connect("helpdesk")
    if not isinstance(desk, DemoHelpdesk):
        print("endpoints.yml names another help desk")
        return 1
    try:
        if given.number:
            await answer(desk, given.number, given.answer, given.solved)
        else:
            await show(desk)
    except NotFound as trouble:
        print(trouble)
        return 1
    return 0


async def answer(desk: DemoHelpdesk, number: str, words: str, solved: bool) -> None:
    if not words and not solved:
        print(summary(await desk.ticket(number)))
        return
    await desk.reply(number, words, solved)
    await tickets.follow(number)


async def show(desk: DemoHelpdesk) -> None:
    query = select(table.c.number).order_by(table.c.created.desc()).limit(MOST)
    for number in await desk.store.read(lambda connection: tuple(connection.scalars(query))):
        ticket = await desk.ticket(number)
        print(f"{number} {ticket.state.value}: {ticket.question}")


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
