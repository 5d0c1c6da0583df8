"""Takes turns from PostgreSQL's queue (procrastinate): any number of assistants, one turn at a
time a conversation, in the order of arrival.

A job only names its row: what happens is decided by the row, so that a job which runs again, after
a crash or because its worker was slow, finds the row answered, or answers it in its place.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timezone
from typing import Any

import psycopg
import psycopg_pool
from procrastinate import App, RetryStrategy
from procrastinate.exceptions import ConnectorException

from channels.inbox.engine import Db
from channels.inbox.model import Row, Unavailable
from channels.inbox.postgres import TASK, connector
from channels.inbox.pump import PARALLEL, POLL_SECONDS, STOP_SECONDS
from channels.inbox.worker import Turns

HEARTBEAT_SECONDS = 2.0
STALLED_SECONDS = 12.0
"""A worker that was not heard of for so long is dead; a turn may hold its loop up for some."""
LOST_SECONDS = 60.0
"""A job that runs for so long ran, but its worker could not say so."""
LOST = f"""
    SELECT job.id FROM procrastinate_jobs job WHERE job.status = 'doing' AND
    (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id AND type = 'started')
    < now() - interval '{LOST_SECONDS} seconds'"""  # noqa: S608
RUNNING = "SELECT 1 FROM procrastinate_jobs WHERE lock = ? AND status = 'doing'"
TROUBLE = (ConnectorException, psycopg.Error, psycopg_pool.PoolTimeout, OSError)

logger = logging.getLogger(__name__)


class Jobs:
    """See `channels.inbox.taking.Taker`. The database itself says when there is something new."""

    def __init__(self, turns: Turns) -> None:
        self._turns, self._disk = turns, turns.disk
        self._app = App(connector=connector(self._disk.path))
        # For ever: a turn that was cut off by the end of its process must not go with its job.
        self._app.task(self._take, name=TASK, retry=RetryStrategy(wait=1))
        self._work: asyncio.Task[None] | None = None
        self._stopping = False

    def nudge(self) -> None:
        """The database did."""

    async def run(self) -> None:
        while not self._stopping:
            try:
                await self._disk.write(lambda store: store.transact(lambda _: None))  # the tables
                async with self._app.open_async():
                    self._work = asyncio.create_task(self._work_on())
                    await asyncio.wait([self._work])
                    if not self._work.cancelled():
                        self._work.result()
            except (Unavailable, *TROUBLE) as error:
                logger.error("inbox: the queue cannot be read: %s", type(error).__name__)
            await asyncio.sleep(POLL_SECONDS)

    async def stop(self) -> None:
        self._stopping = True
        if self._work:
            self._work.cancel()
            await asyncio.wait([self._work])

    async def quiet(self, conversation: str) -> None:
        for _ in range(int(STALLED_SECONDS / POLL_SECONDS)):
            if not await self._disk.read(lambda store: store.look(_running(conversation))):
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _work_on(self) -> None:
        rescue = asyncio.create_task(self._rescue())
        try:
            await self._app.run_worker_async(
                concurrency=PARALLEL,
                fetch_job_polling_interval=POLL_SECONDS,
                delete_jobs="always",
                install_signal_handlers=False,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=STOP_SECONDS,
            )
        finally:
            rescue.cancel()

    async def _take(self, row: int) -> None:
        taken: Row | None = await self._disk.write(lambda store: store.take(row))
        if taken:
            await self._turns.run(taken)

    async def _rescue(self) -> None:
        """Jobs of workers that died go to the others."""
        jobs = self._app.job_manager
        while True:
            try:
                stalled = await jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
                lost = await self._app.connector.execute_query_all_async(LOST)
                for job in {*(job.id for job in stalled), *(row["id"] for row in lost)} - {None}:
                    await jobs.retry_job_by_id_async(job, retry_at=datetime.now(timezone.utc))
            except TROUBLE as error:
                logger.warning("inbox: no look at stalled turns: %s", type(error).__name__)
            await asyncio.sleep(HEARTBEAT_SECONDS)


def _running(conversation: str) -> Any:
    def look(db: Db) -> Any:
        return db.execute(RUNNING, (conversation,)).fetchone()

    return look
