"""Failing on purpose, to rehearse it: `await plan(store, "place_order", "after")`.

The next `times` calls of that name ("*": any) by a demo adapter end in Unavailable: `before` the
work, `during` it (all of it is undone), `after` it (done, but the answer is lost), by being `slow`,
or by `nonsense` for an answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, TypeVar

from sqlalchemy import Connection, Row, delete, select, update

from shop.tables import faults

if TYPE_CHECKING:
    from shop.store import Store

Kind = Literal["before", "during", "after", "slow", "nonsense"]
Result = TypeVar("Result")
SLOW = 5.0  # seconds: longer than anybody waits for the store


class Planned(Exception):
    """A fault that was asked for."""


def peek(connection: Connection, call: str) -> Row | None:
    """The fault planned for this call."""
    planned = select(faults).where(faults.c.call.in_((call, "*")), faults.c.times > 0)
    return connection.execute(planned.limit(1)).first()


def take(connection: Connection, call: str) -> Kind | None:
    """The same, used up once."""
    row = peek(connection, call)
    if row is None:
        return None
    connection.execute(
        update(faults).where(faults.c.call == row.call).values(times=faults.c.times - 1)
    )
    return row.kind


async def plan(store: Store, call: str, kind: Kind, times: int = 1) -> None:
    def put(connection: Connection) -> None:
        connection.execute(delete(faults).where(faults.c.call == call))
        connection.execute(faults.insert().values(call=call, kind=kind, times=times))

    await store.write(put)


def broken_off(work: Callable[[Connection], Result]) -> Callable[[Connection], Result]:
    """The work of a transaction that ends before it is kept."""

    def run(connection: Connection) -> Result:
        work(connection)
        raise Planned("unavailable during the work")

    return run


def failing(kind: Kind | None, work: Callable[[], Result]) -> Result:
    if kind == "before":
        raise Planned("unavailable before the work")
    if kind == "slow":
        time.sleep(SLOW)
    result = work()
    if kind == "after":
        raise Planned("unavailable after the work")
    if kind == "nonsense":
        return json.loads("<html>Bad gateway</html>")
    return result
