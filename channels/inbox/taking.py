"""Who takes the turns of an inbox: a loop over a file, or the workers of PostgreSQL's queue."""

from __future__ import annotations

from typing import Protocol

from channels.inbox.engine import is_postgres
from channels.inbox.worker import Turns, Worker


class Taker(Protocol):
    def nudge(self) -> None:
        """Something new is in the inbox."""

    async def run(self) -> None:
        """Works until cancelled or stopped; trouble with the database is waited out."""

    async def stop(self) -> None:
        """Lets the turns that run come to their end; what does not, is done after a restart."""

    async def quiet(self, conversation: str) -> None:
        """Returns when no turn of the conversation runs."""


def taker(turns: Turns) -> Taker:
    if is_postgres(turns.disk.path):
        from channels.inbox.jobs import Jobs  # a process with SQLite does without the queue

        return Jobs(turns)
    return Worker(turns)
