"""The inbox, the log and the choices in one SQLite file.

The standard library's driver, not SQLAlchemy: what matters here is when a transaction begins
and that it is on the platter before a platform hears "accepted" (WAL, synchronous FULL). The
engine for PostgreSQL is a queue of its own, not the same SQL.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

from channels import choices, menu, outbox
from channels.inbox.model import Entry, Erased, Full, Inbound, Outcome, Row
from channels.render import Button, Reply

Result = TypeVar("Result")
MAX_WAITING = 2_000
BUSY_SECONDS = 1.0
"""A writer that waits longer answers "try again" instead of keeping everybody waiting."""


class Store:
    """Blocking calls; each object belongs to one thread. Raises `sqlite3.Error` on trouble.

    The file is opened by the first call, so that a database which cannot be opened today
    refuses messages today and works again when it can.
    """

    def __init__(self, path: str, renders: Mapping[str, outbox.Render] | None = None) -> None:
        """`renders` are the channels whose answers are sent, not fetched."""
        self._path = path
        self._renders = renders or {}
        self._db: sqlite3.Connection | None = None

    def accept(self, message: Inbound) -> bool:
        """On return the message is on disk; False if it was there already.

        Raises `Erased` if the conversation was, `Full` if too much is waiting.
        """
        with self._transaction() as db:
            if self._erased(db, message.conversation):
                raise Erased
            if _known(db, message):
                return False
            waiting = db.execute("SELECT count(*) FROM inbox WHERE state = 'waiting'").fetchone()
            if waiting[0] >= MAX_WAITING:
                raise Full
            self._insert(db, message)
            if message.to is not None:
                outbox.meet(db, message.conversation, message.to)
            return True

    def claim(self, busy: Collection[str], limit: int) -> list[Row]:
        """The oldest message of each conversation that is not `busy`, counted as an attempt."""
        with self._transaction() as db:
            heads = db.execute(
                "SELECT min(id), conversation FROM inbox WHERE state = 'waiting'"
                " GROUP BY conversation ORDER BY 1 LIMIT ?",
                (limit + len(busy),),
            ).fetchall()
            free = [head for head, conversation in heads if conversation not in busy][:limit]
            taken = (self._take(db, head) for head in free)
            return [row for row in taken if row]

    def finish(self, row: Row, outcome: Outcome) -> bool:
        """Writes the answers and closes the row, or nothing if the row was erased meanwhile."""
        with self._transaction() as db:
            closed = db.execute(
                "UPDATE inbox SET state = ?, error = ?,"
                " body = CASE ? WHEN 'dead' THEN body END WHERE id = ?",
                (outcome.state, outcome.error, outcome.state, row.id),
            )
            if closed.rowcount:
                turn = [self._say(db, row.message, reply) for reply in outcome.replies]
                held = row.message.conversation
                render = self._renders.get(held.partition(":")[0])
                if turn and render:
                    outbox.put(db, held, render, turn, row.message.to)
            return bool(closed.rowcount)

    def look(self, call: Callable[[sqlite3.Connection], Result]) -> Result:
        """Runs `call`, which only reads."""
        return call(self._open())

    def transact(self, call: Callable[[sqlite3.Connection], Result]) -> Result:
        """Runs `call` in a transaction of its own."""
        with self._transaction() as db:
            return call(db)

    def entries(self, conversation: str, after: int = 0, limit: int = 200) -> list[Entry]:
        """The log after number `after`, oldest first."""
        rows = self._open().execute(
            "SELECT n, author, reply_to, client_id, body, created FROM log"
            " WHERE conversation = ? AND n > ? ORDER BY n LIMIT ?",
            (conversation, after, limit),
        )
        return [
            Entry(n, author, reply_to, client_id, json.loads(body), created)
            for n, author, reply_to, client_id, body, created in rows
        ]

    def last(self, conversation: str) -> int:
        """The number of the newest line of the log, 0 before the first."""
        query = "SELECT coalesce(max(n), 0) FROM log WHERE conversation = ?"
        return int(self._open().execute(query, (conversation,)).fetchone()[0])

    def unanswered(self, conversation: str) -> list[str]:
        """The client ids that still wait for an answer, oldest first."""
        rows = self._open().execute(
            "SELECT client_id FROM inbox WHERE conversation = ? AND state = 'waiting'"
            " AND client_id IS NOT NULL ORDER BY id",
            (conversation,),
        )
        return [client_id for (client_id,) in rows]

    def last_asked(self, conversation: str) -> str | None:
        """The client id of the shopper's newest line."""
        query = (
            "SELECT client_id FROM log WHERE conversation = ? AND author = 'user'"
            " ORDER BY n DESC LIMIT 1"
        )
        row = self._open().execute(query, (conversation,)).fetchone()
        return row[0] if row else None

    def language(self, conversation: str) -> str | None:
        """The language in which the bot spoke last."""
        row = (
            self._open()
            .execute(
                "SELECT json_extract(body, '$.lang') FROM log"
                " WHERE conversation = ? AND author = 'bot' ORDER BY n DESC LIMIT 1",
                (conversation,),
            )
            .fetchone()
        )
        return row[0] if row else None

    def choice(self, conversation: str, chosen: str) -> choices.Choice | None:
        return choices.find(self._open(), conversation, chosen)

    def typed(self, conversation: str, text: str) -> choices.Choice | None:
        """The choice of the last turn that the typed `text` means."""
        return menu.find(self._open(), conversation, text)

    def erased(self, conversation: str) -> bool:
        return self._erased(self._open(), conversation)

    def erase(self, conversation: str) -> None:
        """Forgets every word of the conversation and refuses it from now on."""
        with self._transaction() as db:
            db.execute("INSERT OR IGNORE INTO erased (conversation) VALUES (?)", (conversation,))
            for table in ("inbox", "log", "choices", "outbox", "people", "menus"):
                db.execute(f"DELETE FROM {table} WHERE conversation = ?", (conversation,))  # noqa: S608
        self._open().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # old pages hold the words too

    def erase_complete(self, conversation: str) -> None:
        """Says that the tracker is gone as well."""
        with self._transaction() as db:
            db.execute("UPDATE erased SET complete = 1 WHERE conversation = ?", (conversation,))

    def half_erased(self) -> list[str]:
        """Conversations whose erasure was cut short."""
        rows = self._open().execute("SELECT conversation FROM erased WHERE complete = 0")
        return [conversation for (conversation,) in rows]

    def dead(self) -> list[tuple[str, str | None]]:
        """Message id and error of each dead letter."""
        rows = self._open().execute("SELECT message_id, error FROM inbox WHERE state = 'dead'")
        return rows.fetchall()

    def close(self) -> None:
        if self._db:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        if self._db is None:
            Path(self._path).parent.mkdir(parents=True, exist_ok=True)
            db = sqlite3.connect(self._path, BUSY_SECONDS, isolation_level=None)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.execute("PRAGMA synchronous = FULL")
                db.execute("PRAGMA secure_delete = ON")
                db.executescript(Path(__file__).with_name("schema.sql").read_text("utf-8"))
            except sqlite3.Error:
                db.close()
                raise
            self._db = db
        return self._db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._open()
        db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _erased(self, db: sqlite3.Connection, conversation: str) -> bool:
        query = "SELECT 1 FROM erased WHERE conversation = ?"
        return db.execute(query, (conversation,)).fetchone() is not None

    def _insert(self, db: sqlite3.Connection, message: Inbound) -> None:
        db.execute(
            "INSERT INTO inbox (channel, message_id, conversation, client_id, body, received)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (
                message.channel,
                message.message_id,
                message.conversation,
                message.client_id,
                json.dumps(asdict(message)),
                time.time(),
            ),
        )
        if message.shown is not None:
            body = Reply(message.shown, message.metadata.get("locale")).as_dict(lambda _: "")
            self._log(db, message.conversation, "user", None, message.client_id, body)

    def _take(self, db: sqlite3.Connection, head: int) -> Row | None:
        query = "SELECT attempts, body FROM inbox WHERE id = ?"
        attempts, body = db.execute(query, (head,)).fetchone()
        try:
            message = Inbound(**json.loads(body))
        except (TypeError, ValueError):  # of another version: it must not hold up the others
            unreadable = "UPDATE inbox SET state = 'dead', error = 'unreadable' WHERE id = ?"
            db.execute(unreadable, (head,))
            return None
        db.execute("UPDATE inbox SET attempts = attempts + 1 WHERE id = ?", (head,))
        return Row(head, attempts, message)

    def _say(self, db: sqlite3.Connection, message: Inbound, reply: Reply) -> Reply:
        """Writes the reply to the log; gives it with the ids of the choices it offers."""
        conversation, n = message.conversation, self._next(db, message.conversation)
        places = {id(button): place for place, button in enumerate(reply.choices(), 1)}

        def offer(button: Button) -> str:
            return choices.offer(db, conversation, n, button, places[id(button)])

        offered = reply.offered(offer)
        body = offered.as_dict(lambda button: button.payload or "")
        self._log(db, conversation, "bot", message.client_id, None, body)
        return offered

    def _log(
        self,
        db: sqlite3.Connection,
        conversation: str,
        author: str,
        reply_to: str | None,
        client_id: str | None,
        body: dict[str, Any],
    ) -> None:
        db.execute(
            "INSERT INTO log (conversation, n, author, reply_to, client_id, body, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                conversation,
                self._next(db, conversation),
                author,
                reply_to,
                client_id,
                json.dumps(body, ensure_ascii=False),
                time.time(),
            ),
        )

    def _next(self, db: sqlite3.Connection, conversation: str) -> int:
        query = "SELECT coalesce(max(n), 0) + 1 FROM log WHERE conversation = ?"
        return int(db.execute(query, (conversation,)).fetchone()[0])


def _known(db: sqlite3.Connection, message: Inbound) -> bool:
    query = "SELECT 1 FROM inbox WHERE channel = ? AND message_id = ?"
    return db.execute(query, (message.channel, message.message_id)).fetchone() is not None
