"""Where conversations are kept: `tracker_store: {type: channels.tracker.ConversationStore, url}`.

Differs from Rasa's SQL store where that one loses data or stops the server:
- trouble is raised, never answered by an empty conversation or by the end of the process;
- an event's place in its conversation is unique, so that two writers cannot silently
  overwrite each other, and a saved event is recognised by place, not by counting rows;
- a row that cannot be read is set aside instead of ending the process;
- reading stays equally fast in a conversation without end (`channels/fold.py`).
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

from channels.conversation import Conversation, Recent
from channels.database import engine_for
from channels.fold import FOLD_AT, fold, tail_start

logger = logging.getLogger(__name__)
_SAFE_ID = re.compile(r"[\w:.@+=/-]{1,200}", re.ASCII)

_meta = sa.MetaData()
EVENTS = sa.Table(
    "events",
    _meta,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("data", sa.Text, nullable=False),
)
sa.Index("events_sessions", EVENTS.c.sender_id, EVENTS.c.type_name, EVENTS.c.position)
FOLDS = sa.Table(
    "folds",
    _meta,
    sa.Column("sender_id", sa.String(255), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
)
SET_ASIDE = sa.Table(
    "unreadable_events",
    _meta,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("data", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("found", sa.Float),
)
LAST = sa.select(sa.func.max(EVENTS.c.position)).where(EVENTS.c.sender_id == sa.bindparam("key"))
"""Made once: to lay out a statement costs SQLAlchemy more than to run it."""


class Conflict(Exception):
    """Somebody else wrote to the conversation since it was read."""


@dataclass(frozen=True)
class Mark:
    """How much of a tracker in memory is stored, and the place of the next event."""

    stored: int
    position: int


class ConversationStore(TrackerStore):
    """Conversations in any database of SQLAlchemy; `url` such as `sqlite:///var/talk.db`."""

    def __init__(
        self,
        domain: Domain | None = None,
        host: str | None = None,
        event_broker: EventBroker | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(domain, event_broker, **kwargs)
        if not host:
            raise ValueError("tracker_store: url is missing")
        self._engine = engine_for(host)
        self._has_tables, self._making = False, threading.Lock()
        self._held = Recent()

    def init_tracker(self, sender_id: str) -> DialogueStateTracker:
        return Conversation(sender_id, self.domain.slots)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation since its last session began, long ones folded."""
        key = _key(sender_id)
        held = self._held.take(key)
        if held and await self._is_latest(key, held.mark.position):
            return held
        return await asyncio.to_thread(self._load, key, sender_id, False)

    async def retrieve_full_tracker(self, conversation_id: str) -> DialogueStateTracker | None:
        return await asyncio.to_thread(self._load, _key(conversation_id), conversation_id, True)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Appends what is new. Raises `Conflict` if the conversation went on elsewhere."""
        mark: Mark = getattr(tracker, "mark", None) or Mark(0, 1)
        fresh = list(tracker.events)[mark.stored :]
        await asyncio.to_thread(self._append, _key(tracker.sender_id), mark.position, fresh)
        tracker.mark = Mark(mark.stored + len(fresh), mark.position + len(fresh))
        self._keep(tracker, mark, fresh)
        self._publish(tracker.sender_id, fresh)

    def _keep(self, tracker: DialogueStateTracker, mark: Mark, fresh: list[Event]) -> None:
        """Holds it for the next turn, unless that turn is to read less: another session's events,
        or a long conversation folded."""
        is_new_session = mark.stored and any(isinstance(e, SessionStarted) for e in fresh)
        is_short = isinstance(tracker, Conversation) and len(tracker.events) <= FOLD_AT
        if is_short and not is_new_session:
            self._held.keep(_key(tracker.sender_id), tracker)

    async def keys(self) -> Iterable[str]:
        return await asyncio.to_thread(self._senders)

    async def delete(self, sender_id: str) -> None:
        """Every event of the conversation goes, from the file as well."""
        self._held.take(_key(sender_id))
        await asyncio.to_thread(self._delete, _key(sender_id))

    def _connect(self) -> sa.engine.Engine:
        with self._making:  # the first messages of several people come at once
            if not self._has_tables:
                _meta.create_all(self._engine)
                self._has_tables = True
        return self._engine

    def _load(self, key: str, sender_id: str, whole: bool) -> DialogueStateTracker | None:
        with self._connect().begin() as db:
            folded, rows = ([], self._rows(db, key, 0)) if whole else self._recent(db, key)
            read = self._readable(db, key, rows)
            if len(read) > FOLD_AT and not whole:
                folded, read = self._fold(db, key, folded, read)
        events = folded + [event for _, event in read]
        if not events:
            return None
        tracker = Conversation.from_events(sender_id, events, self.domain.slots)
        last = rows[-1].position if rows else 0
        tracker.mark = Mark(len(events), last + 1)
        return tracker

    async def _is_latest(self, key: str, position: int) -> bool:
        """A look into a file costs less than a thread's answer, and waits for nobody."""
        if self._engine.dialect.name == "sqlite":
            return self._ends_at(key, position)
        return await asyncio.to_thread(self._ends_at, key, position)

    def _ends_at(self, key: str, position: int) -> bool:
        """Whether nobody else wrote: the place of the next event is still `position`."""
        with self._connect().connect() as db:
            last = db.execute(LAST, {"key": key}).scalar()
        return (last or 0) + 1 == position

    def _recent(self, db: sa.engine.Connection, key: str) -> tuple[list[Event], list[Any]]:
        started = db.execute(
            sa.select(sa.func.max(EVENTS.c.position)).where(
                EVENTS.c.sender_id == key, EVENTS.c.type_name == "session_started"
            )
        ).scalar()
        known = db.execute(sa.select(FOLDS).where(FOLDS.c.sender_id == key)).first()
        if known is None or (started or 0) > known.position:
            return [], self._rows(db, key, started or 0)
        folded = [_event(event) for event in json.loads(known.data)]
        return folded, self._rows(db, key, known.position)

    def _rows(self, db: sa.engine.Connection, key: str, first: int) -> list[Any]:
        return list(
            db.execute(
                sa.select(EVENTS.c.position, EVENTS.c.data)
                .where(EVENTS.c.sender_id == key, EVENTS.c.position >= first)
                .order_by(EVENTS.c.position)
            )
        )

    def _readable(
        self, db: sa.engine.Connection, key: str, rows: list[Any]
    ) -> list[tuple[int, Event]]:
        read = []
        for row in rows:
            try:
                read.append((row.position, _event(json.loads(row.data))))
            except Exception as error:  # each event class raises its own
                self._set_aside(db, key, row, type(error).__name__)
        return read

    def _set_aside(self, db: sa.engine.Connection, key: str, row: Any, error: str) -> None:
        logger.error("conversations: an event cannot be read (%s), set aside", error)
        place = {"sender_id": key, "position": row.position}
        db.execute(
            SET_ASIDE.insert().values(**place, data=row.data, error=error, found=time.time())
        )
        db.execute(
            EVENTS.delete().where(EVENTS.c.sender_id == key, EVENTS.c.position == row.position)
        )

    def _fold(
        self,
        db: sa.engine.Connection,
        key: str,
        folded: list[Event],
        read: list[tuple[int, Event]],
    ) -> tuple[list[Event], list[tuple[int, Event]]]:
        start = tail_start([event for _, event in read])
        if not start:
            return folded, read
        past = folded + [event for _, event in read[:start]]
        head = fold(past, self.domain.slots)
        db.execute(FOLDS.delete().where(FOLDS.c.sender_id == key))
        db.execute(
            FOLDS.insert().values(
                sender_id=key, position=read[start][0], data=_json([e.as_dict() for e in head])
            )
        )
        return head, read[start:]

    def _append(self, key: str, position: int, events: list[Event]) -> None:
        rows = [
            {
                "sender_id": key,
                "position": place,
                "type_name": event.type_name,
                "timestamp": event.timestamp,
                "data": _json(event.as_dict()),
            }
            for place, event in enumerate(events, position)
        ]
        if not rows:
            return
        try:
            with self._connect().begin() as db:
                db.execute(EVENTS.insert(), rows)
        except sa.exc.IntegrityError as error:
            raise Conflict(f"position {position} is taken") from error

    def _senders(self) -> list[str]:
        with self._connect().connect() as db:
            return list(db.execute(sa.select(EVENTS.c.sender_id).distinct()).scalars())

    def _delete(self, key: str) -> None:
        with self._connect().begin() as db:
            for table in (EVENTS, FOLDS, SET_ASIDE):
                db.execute(table.delete().where(table.c.sender_id == key))
        if self._engine.dialect.name == "sqlite":
            with self._connect().connect() as db:
                db.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def _publish(self, sender_id: str, events: list[Event]) -> None:
        """After the commit, and its trouble stays its own: a broker is not the conversation."""
        if self.event_broker is None:
            return
        try:
            for event in events:
                self.event_broker.publish({"sender_id": sender_id, **event.as_dict()})
        except Exception:
            logger.exception("conversations: the event broker did not take the events")


def _event(data: dict[str, Any]) -> Event:
    """`Event.from_parameters`, without its walk through all classes for each event (80 %)."""
    return _event_class(data["event"])._from_parameters(data)


@cache
def _event_class(name: str) -> type[Event]:
    found = Event.resolve_by_type(name)
    if found is None:
        raise ValueError("no such event")
    return found


def _key(sender_id: str) -> str:
    """The id itself, or its hash where a database could not keep it (NUL, surrogates, length)."""
    if _SAFE_ID.fullmatch(sender_id):
        return sender_id
    return "sha256=" + hashlib.sha256(sender_id.encode("utf-8", "surrogatepass")).hexdigest()


def _json(data: Any) -> str:
    """JSON text that any database and any reader takes: no lone surrogates, NUL escaped."""
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
