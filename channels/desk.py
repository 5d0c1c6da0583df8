"""The one inbox of a process, with its worker and streams, shared by all its channels."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from sanic import Blueprint, Sanic
from sqlalchemy.exc import SQLAlchemyError

from channels import outbox, receipts
from channels.inbox.disk import Disk
from channels.inbox.engine import is_postgres
from channels.inbox.hub import Hub, Signal
from channels.inbox.model import Inbound, Outcome, Row, Unavailable
from channels.inbox.taking import Taker, taker
from channels.inbox.watch import watch
from channels.inbox.worker import Turns
from channels.logs import quiet_logs
from channels.missed import Missed
from channels.receipts import Receipt
from channels.sender import Sender
from channels.turn import Voice, speaking_on

if TYPE_CHECKING:
    from rasa.core.agent import Agent

    from channels.base import Adapter

DEFAULT_DATABASE = "var/inbox.db"
RETRY_SECONDS = 2.0
GATEWAY = "CHANNELS_GATEWAY"
"""`yes` in an assistant's environment: the gateway listens and sends (channels/gateway.py)."""

logger = logging.getLogger(__name__)


class Desk:
    """Takes messages in, has them answered, and tells the streams.

    Without an agent the turns are another process's.
    """

    def __init__(self, path: str, agent: Agent | None, adapters: Sequence[Adapter] = ()) -> None:
        self.disk = Disk(path, {adapter.name(): adapter.render for adapter in adapters})
        self.hub = Hub()
        self._agent = agent
        self._senders = {adapter.name(): Sender(adapter, self.disk) for adapter in adapters}
        self._missed = {a.name(): Missed(a, self.disk) for a in adapters if a.replays}
        self.sends = agent is None or os.environ.get(GATEWAY) != "yes"
        self._worker: Taker | None = None
        if agent is not None:
            self._voice = Voice(agent, self._language)
            self._worker = taker(Turns(self.disk, self.hub, self._answer, self._answered))
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def ready(self) -> bool:
        """Whether messages are answered: the model is loaded and the worker runs."""
        loaded = self._agent is not None and self._agent.is_ready()
        return loaded and bool(self._tasks) and not self._tasks[0].done()

    def start(self) -> None:
        """Takes up what the process before this one left."""
        if self._agent is not None and not self._agent.is_ready():
            return
        if self._worker:
            work = [self._worker.run(), self._finish_erasing()]
            self._tasks = [asyncio.create_task(one) for one in work]
            if is_postgres(self.disk.path):
                self._tasks.append(asyncio.create_task(watch(self.disk, self.hub)))
        if self.sends:
            own = [*self._senders.values(), *self._missed.values()]
            self._tasks += [asyncio.create_task(one.run()) for one in own]

    async def stop(self) -> None:
        self.hub.close()
        if self._worker:
            await self._worker.stop()
        for sender in self._senders.values():
            await sender.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.disk.close()

    async def accept(self, message: Inbound) -> bool:
        """On return the message is on disk; False if it was there already.

        Raises `Erased`, `Full`, and `Unavailable` when the database is in trouble.
        """
        new = await self.disk.accept(message)
        if new and self._worker:
            self._worker.nudge()
            self.hub.tell(message.conversation, Signal("log"))
        elif new:
            self._hint(message)
        return new

    def missed(self, channel: str) -> None:
        """A webhook could not be taken."""
        if channel in self._missed:
            self._missed[channel].note()

    async def left(self, conversation: str) -> None:
        """The person wants no more messages. Raises `Unavailable`."""
        await self.disk.write(
            lambda store: store.transact(lambda db: outbox.leave(db, conversation))
        )

    async def settle(self, channel: str, conversation: str, receipt: Receipt) -> None:
        """A platform says what became of a letter. Raises `Unavailable`."""
        letter = await self.disk.read(
            lambda store: store.look(lambda db: receipts.find(db, channel, conversation, receipt))
        )
        if receipt.error:
            logger.error("%s: letter %s did not arrive: %s", channel, letter, receipt.error)
        if letter is not None:
            await self.disk.write(
                lambda store: store.transact(lambda db: receipts.settle(db, letter, receipt))
            )

    async def _answer(self, row: Row) -> Outcome:
        self._hint(row.message)
        return await self._voice.answer(row)

    def _hint(self, message: Inbound) -> None:
        sender = self._senders.get(speaking_on(message.conversation))
        if sender and message.to is not None:
            sender.hint(message.to)

    async def _language(self, conversation: str) -> str | None:
        return await self.disk.read(lambda store: store.language(conversation))

    def _answered(self, conversation: str) -> None:
        if sender := self._senders.get(speaking_on(conversation)):
            sender.nudge()

    async def erase(self, conversation: str) -> None:
        """On return no word of the conversation is kept by this process.

        What was begun is finished after a restart. Raises the database's errors.
        """
        await self.disk.write(lambda store: store.erase(conversation))
        self.hub.tell(conversation, Signal("close"))
        if self._worker:
            await self._worker.quiet(conversation)
        store = self._agent and self._agent.tracker_store
        if hasattr(store, "delete"):
            await store.delete(conversation)
        await self.disk.write(lambda store: store.erase_complete(conversation))

    async def _finish_erasing(self) -> None:
        while True:
            try:
                for conversation in await self.disk.read(lambda store: store.half_erased()):
                    await self.erase(conversation)
                return
            except (Unavailable, SQLAlchemyError) as error:
                logger.error("inbox: an erasure waits: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)


def attach(blueprint: Blueprint, database: str, adapter: Adapter | None = None) -> None:
    """Gives the process of this blueprint its desk. Every channel's stanza names the same file.

    `adapter` is the platform to which this channel's answers are sent.
    """
    assistant = "rasa.core.agent" in sys.modules  # else the gateway, which never loads it
    if assistant:
        from channels import runtime

        runtime.prepare()
    else:
        quiet_logs()

    @blueprint.listener("before_server_start")
    async def guard(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        if assistant:
            runtime.guard(app)
        adapters = app.ctx.__dict__.setdefault("adapters", [])
        adapters += [adapter] if adapter else []

    @blueprint.listener("after_server_start")
    async def start(app: Sanic, _: asyncio.AbstractEventLoop) -> None:
        if not hasattr(app.ctx, "desk"):
            if assistant:
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
            if assistant:
                await runtime.release(app.ctx.agent)


def desk_of(app: Sanic) -> Desk:
    return cast(Desk, app.ctx.desk)
