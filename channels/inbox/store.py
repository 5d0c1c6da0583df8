"""The inbox, the log and the choices: what they promise, in any database."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

from channels import choices, menu, outbox
from channels.inbox.engine import Db, engine_for
from channels.inbox.model import Entry, Erased, Full, Inbound, Outcome, Row
from channels.render import Button, Reply

Result = TypeVar("Result")
MAX_WAITING = 10_000
PAGE = 200
"""Lines of the log that are read at once."""


class Store:
    """Blocking calls; each object belongs to one thread. Raises `Unavailable` on trouble."""

    def __init__(
        self, address: str, renders: Mapping[str, outbox.Render] | None = None, quick: bool = False
    ) -> None:
        """`renders` are the channels whose answers are sent, not fetched."""
        self._renders = renders or {}
        self._engine = engine_for(address, quick)

    def accept(self, message: Inbound) -> bool:
        """On return the message is on disk; False if it was there already.

        Raises `Erased` if the conversation was, `Full` if too much is waiting.
        """
        held = message.conversation
        with self._engine.writing() as db:
            self._engine.hold(db, held)
            if _erased(db, held):
                raise Erased
            row = _insert(db, message)
            if row is None:
                return False
            waiting = db.execute("SELECT count(*) FROM inbox WHERE state = 'waiting'").fetchone()
            if waiting[0] > MAX_WAITING:
                raise Full
            if message.shown is not None:
                body = Reply(message.shown, message.metadata.get("locale")).as_dict(lambda _: "")
                _log(db, held, "user", None, message.client_id, body)
            if message.to is not None:
                outbox.meet(db, held, message.to)
            self._engine.queue(db, row, held)
            return True

    def claim(self, busy: Collection[str], limit: int) -> list[Row]:
        """The oldest message of each conversation that is not `busy`, counted as an attempt."""
        with self._engine.writing() as db:
            taken = (_take(db, head) for head in _heads(db, busy, limit))
            return [row for row in taken if row]

    def waits(self, busy: Collection[str]) -> bool:
        """Whether `claim` would find any."""
        return self.look(lambda db: bool(_heads(db, busy, 1)))

    def take(self, number: int) -> Row | None:
        """This very message, counted as an attempt; None if it does not wait any more."""
        with self._engine.writing() as db:
            return _take(db, number)

    def finish(self, row: Row, outcome: Outcome) -> bool:
        """Writes the answers and closes the row; or nothing, if meanwhile it was erased or taken
        again by another process, whose answers then count."""
        held = row.message.conversation
        with self._engine.writing() as db:
            self._engine.hold(db, held)
            closed = db.execute(
                "UPDATE inbox SET state = ?, error = ?, body = CASE ? WHEN 'dead' THEN body END"
                " WHERE id = ? AND state = 'waiting' AND attempts = ?",
                (outcome.state, outcome.error, outcome.state, row.id, row.attempts + 1),
            )
            if closed.rowcount:
                turn = [_say(db, row.message, reply) for reply in outcome.replies]
                render = self._renders.get(held.partition(":")[0])
                if turn and render:
                    outbox.put(db, held, render, turn, row.message.to)
            return bool(closed.rowcount)

    def together(self, calls: Sequence[Callable[[Store], Any]]) -> list[Any]:
        """Runs the calls in one transaction, so that many wait for the platter once. Gives what
        they give, or the error that undid one of them. Raises if all of it is undone."""

        def outcome(call: Callable[[Store], Any]) -> Any:
            try:
                return call(self)
            except Exception as error:
                return error

        if len(calls) == 1 or not self._engine.groups:
            return [outcome(call) for call in calls]
        with self._engine.writing():
            return [outcome(call) for call in calls]

    def look(self, call: Callable[[Db], Result]) -> Result:
        """Runs `call`, which only reads."""
        with self._engine.reading() as db:
            return call(db)

    def transact(self, call: Callable[[Db], Result]) -> Result:
        """Runs `call` in a transaction of its own."""
        with self._engine.writing() as db:
            return call(db)

    def entries(self, conversation: str, after: int = 0, limit: int = PAGE) -> list[Entry]:
        """The log after number `after`, oldest first."""
        rows = self._all(
            "SELECT n, author, reply_to, client_id, body, created FROM log"
            " WHERE conversation = ? AND n > ? ORDER BY n LIMIT ?",
            conversation, after, limit,
        )  # fmt: skip
        return [
            Entry(n, author, reply_to, client_id, json.loads(body), created)
            for n, author, reply_to, client_id, body, created in rows
        ]

    def last(self, conversation: str) -> int:
        """The number of the newest line of the log, 0 before the first."""
        return self.look(lambda db: _next(db, conversation)) - 1

    def unanswered(self, conversation: str) -> list[str]:
        """The client ids that still wait for an answer, oldest first."""
        rows = self._all(
            "SELECT client_id FROM inbox WHERE conversation = ? AND state = 'waiting'"
            " AND client_id IS NOT NULL ORDER BY id",
            conversation,
        )
        return [client_id for (client_id,) in rows]

    def last_asked(self, conversation: str) -> str | None:
        """The client id of the shopper's newest line."""
        newest = _newest(self._all, "client_id", conversation, "user")
        return str(newest) if newest is not None else None

    def language(self, conversation: str) -> str | None:
        """The language in which the bot spoke last."""
        body = _newest(self._all, "body", conversation, "bot")
        return json.loads(body).get("lang") if body else None

    def choice(self, conversation: str, chosen: str) -> choices.Choice | None:
        return self.look(lambda db: choices.find(db, conversation, chosen))

    def typed(self, conversation: str, text: str) -> choices.Choice | None:
        """The choice of the last turn that the typed `text` means."""
        return self.look(lambda db: menu.find(db, conversation, text))

    def erased(self, conversation: str) -> bool:
        return self.look(lambda db: _erased(db, conversation))

    def erase(self, conversation: str) -> None:
        """Forgets every word of the conversation and refuses it from now on."""
        with self._engine.writing() as db:
            self._engine.hold(db, conversation)
            mark = "INSERT INTO erased (conversation) VALUES (?) ON CONFLICT DO NOTHING"
            db.execute(mark, (conversation,))
            for table in ("inbox", "log", "choices", "outbox", "receipts", "people", "menus"):
                db.execute(f"DELETE FROM {table} WHERE conversation = ?", (conversation,))  # noqa: S608
        self._engine.wipe()

    def erase_complete(self, conversation: str) -> None:
        """Says that the tracker is gone as well."""
        with self._engine.writing() as db:
            db.execute("UPDATE erased SET complete = 1 WHERE conversation = ?", (conversation,))

    def half_erased(self) -> list[str]:
        """Conversations whose erasure was cut short."""
        rows = self._all("SELECT conversation FROM erased WHERE complete = 0")
        return [conversation for (conversation,) in rows]

    def dead(self) -> list[tuple[str, str | None]]:
        """Message id and error of each dead letter."""
        return self._all("SELECT message_id, error FROM inbox WHERE state = 'dead'")

    def close(self) -> None:
        self._engine.close()

    def _all(self, query: str, *values: Any) -> list[Any]:
        return self.look(lambda db: db.execute(query, values).fetchall())


def _erased(db: Db, conversation: str) -> bool:
    query = "SELECT 1 FROM erased WHERE conversation = ?"
    return db.execute(query, (conversation,)).fetchone() is not None


def _insert(db: Db, message: Inbound) -> int | None:
    """The new row's number, None if the message is there already."""
    added = db.execute(
        "INSERT INTO inbox (channel, message_id, conversation, client_id, body, received)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id",
        (
            message.channel,
            message.message_id,
            message.conversation,
            message.client_id,
            json.dumps(asdict(message)),
            time.time(),
        ),
    ).fetchone()
    return added[0] if added else None


def _heads(db: Db, busy: Collection[str], limit: int) -> list[int]:
    """The number of the oldest message that waits, of each conversation that is not `busy`."""
    heads = db.execute(
        "SELECT min(id), conversation FROM inbox WHERE state = 'waiting'"
        " GROUP BY conversation ORDER BY 1 LIMIT ?",
        (limit + len(busy),),
    ).fetchall()
    return [head for head, conversation in heads if conversation not in busy][:limit]


def _take(db: Db, number: int) -> Row | None:
    query = "SELECT attempts, body FROM inbox WHERE id = ? AND state = 'waiting'"
    found = db.execute(query, (number,)).fetchone()
    if found is None:
        return None
    attempts, body = found
    try:
        message = Inbound(**json.loads(body))
    except (TypeError, ValueError):  # of another version: it must not hold up the others
        unreadable = "UPDATE inbox SET state = 'dead', error = 'unreadable' WHERE id = ?"
        db.execute(unreadable, (number,))
        return None
    db.execute("UPDATE inbox SET attempts = attempts + 1 WHERE id = ?", (number,))
    return Row(number, attempts, message)


def _say(db: Db, message: Inbound, reply: Reply) -> Reply:
    """Writes the reply to the log; gives it with the ids of the choices it offers."""
    conversation, n = message.conversation, _next(db, message.conversation)
    places = {id(button): place for place, button in enumerate(reply.choices(), 1)}

    def offer(button: Button) -> str:
        return choices.offer(db, conversation, n, button, places[id(button)])

    offered = reply.offered(offer)
    body = offered.as_dict(lambda button: button.payload or "")
    _log(db, conversation, "bot", message.client_id, None, body)
    return offered


def _log(
    db: Db,
    conversation: str,
    author: str,
    reply_to: str | None,
    client_id: str | None,
    body: dict[str, Any],
) -> None:
    written = json.dumps(body, ensure_ascii=False)
    db.execute(
        "INSERT INTO log (conversation, n, author, reply_to, client_id, body, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (conversation, _next(db, conversation), author, reply_to, client_id, written, time.time()),
    )


def _next(db: Db, conversation: str) -> int:
    query = "SELECT coalesce(max(n), 0) + 1 FROM log WHERE conversation = ?"
    return int(db.execute(query, (conversation,)).fetchone()[0])


def _newest(
    rows: Callable[..., list[Any]], column: str, conversation: str, author: str
) -> str | None:
    """A column of the log's newest line of this author."""
    query = (
        f"SELECT {column} FROM log WHERE conversation = ? AND author = ?"  # noqa: S608
        " ORDER BY n DESC LIMIT 1"
    )
    found = rows(query, conversation, author)
    return found[0][0] if found else None
