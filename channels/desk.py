"""The one inbox of a process, with its worker and streams, shared by all its channels."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from rasa.core.agent import Agent
from sanic import Blueprint, Sanic
from sqlalchemy.exc import SQLAlchemyError

from channels import outbox, runtime
from channels.inbox.disk import Disk
from channels.inbox.hub import Hub, Signal
from channels.inbox.model import Inbound, Outcome, Row
from channels.inbox.worker import Worker
from channels.sender import Sender
from channels.turn import Voice, speaking_on

if TYPE_CHECKING:
    from channels.base import Adapter

DEFAULT_DATABASE = "var/inbox.db"
RETRY_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Desk:
    """Takes messages in, has them answered, and tells the streams."""

    def __init__(self, path: str, agent: Agent, adapters: Sequence[Adapter] = ()) -> None:
        self.disk = Disk(path, {adapter.name(): adapter.render for adapter in adapters})
        self.hub = Hub()
        self._agent = agent
        self._senders = {adapter.name(): Sender(adapter, self.disk) for adapter in adapters}
        self._voice = Voice(agent, lambda held: self.disk.read(lambda store: store.language(held)))
        self._worker = Worker(self.disk, self.hub, self._answer, self._answered)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ready(self) -> bool:
        """Whether messages are answered: the model is loaded and the worker runs."""
        return self._agent.is_ready() and bool(self._tasks) and not self._tasks[0].done()

    def start(self) -> None:
        """Takes up what the process before this one left."""
        if self._agent.is_ready():
            self._tasks = [
                asyncio.create_task(self._worker.run()),
                asyncio.create_task(self._finish_erasing()),
                *(asyncio.create_task(sender.run()) for sender in self._senders.values()),
            ]

    async def stop(self) -> None:
        self.hub.close()
        await self._worker.stop()
        for sender in self._senders.values():
            await sender.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.disk.close()

    async def accept(self, message: Inbound) -> bool:
        """On return the message is on disk; False if it was there already.

        Raises `Erased`, `Full`, and `sqlite3.Error` when the database is in trouble.
        """
        new = await self.disk.accept(message)
        if new:
            self._worker.nudge()
            self.hub.tell(message.conversation, Signal("log"))
        return new

    async def left(self, conversation: str) -> None:
        """The person wants no more messages. Raises `sqlite3.Error`."""
        await self.disk.write(
            lambda store: store.transact(lambda db: outbox.leave(db, conversation))
        )

    async def _answer(self, row: Row) -> Outcome:
        sender = self._senders.get(speaking_on(row.message.conversation))
        if sender and row.message.to is not None:
            sender.hint(row.message.to)
        return await self._voice.answer(row)

    def _answered(self, conversation: str) -> None:
        if sender := self._senders.get(speaking_on(conversation)):
            sender.nudge()

    async def erase(self, conversation: str) -> None:
        """On return no word of the conversation is kept by this process.

        What was begun is finished after a restart. Raises the database's errors.
        """
        await self.disk.write(lambda store: store.erase(conversation))
        self.hub.tell(conversation, Signal("close"))
        await self._worker.quiet(conversation)
        store = self._agent.tracker_store
        if hasattr(store, "delete"):
            await store.delete(conversation)
        await self.disk.write(lambda store: store.erase_complete(conversation))

    async def _finish_erasing(self) -> None:
        while True:
            try:
                for conversation in await self.disk.read(lambda store: store.half_erased()):
                    await self.erase(conversation)
                return
            except (sqlite3.Error, SQLAlchemyError) as error:
                logger.error("inbox: an erasure waits: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)


def attach(blueprint: Blueprint, database: str, adapter: Adapter | None = None) -> None:
    """Gives the process of this blueprint its desk. Every channel's stanza names the same file.

    `adapter` is the platform to which this channel's answers are sent.
    """
    runtime.prepare()

    @blueprint.listener("before_server_start")
    async def guard(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        runtime.guard(app)
        adapters = app.ctx.__dict__.setdefault("adapters", [])
        adapters += [adapter] if adapter else []

    @blueprint.listener("after_server_start")
    async def start(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        if not hasattr(app.ctx, "desk"):
            runtime.adopt(app.ctx.agent)
            await runtime.warm(app.ctx.agent)
            app.ctx.desk = Desk(database, app.ctx.agent, app.ctx.adapters)
            app.ctx.desk.start()
        if app.ctx.desk.disk.path != database:
            raise ValueError("credentials: every channel must name the same `database`")

    @blueprint.listener("before_server_stop")
    async def stop(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        desk = app.ctx.__dict__.pop("desk", None)
        if desk:
            await desk.stop()


def desk_of(app: Sanic) -> Desk:
    return cast(Desk, app.ctx.desk)
