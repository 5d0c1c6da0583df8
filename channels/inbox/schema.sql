-- One file holds what came in, what was said, and the choices that were offered.

CREATE TABLE IF NOT EXISTS inbox (
    id           INTEGER PRIMARY KEY,           -- order of arrival
    channel      TEXT NOT NULL,
    message_id   TEXT NOT NULL,                 -- the platform's own id
    conversation TEXT NOT NULL,
    client_id    TEXT,                          -- what `reply_to` names
    body         TEXT,                          -- JSON; emptied when answered: the log has the words
    state        TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'dead')),
    attempts     INTEGER NOT NULL DEFAULT 0,
    error        TEXT,
    received     REAL NOT NULL,                 -- seconds since 1970
    UNIQUE (channel, message_id)
);
CREATE INDEX IF NOT EXISTS inbox_waiting ON inbox (conversation, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS inbox_conversation ON inbox (conversation);

CREATE TABLE IF NOT EXISTS log (
    conversation TEXT NOT NULL,
    n            INTEGER NOT NULL,              -- grows by 1 in a conversation
    author       TEXT NOT NULL CHECK (author IN ('bot', 'user')),
    reply_to     TEXT,
    client_id    TEXT,
    body         TEXT NOT NULL,                 -- JSON: text, lang, buttons, cards, image
    created      REAL NOT NULL,
    PRIMARY KEY (conversation, n)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS choices (
    id           TEXT PRIMARY KEY,
    conversation TEXT NOT NULL,
    n            INTEGER NOT NULL,              -- the message of the log that offered it
    position     INTEGER NOT NULL,              -- place in that message, from 1
    title        TEXT NOT NULL,
    payload      TEXT NOT NULL                  -- what the dialogue is given, `/intent{...}`
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS choices_conversation ON choices (conversation, n, position);

-- A conversation that was erased: only its random id, so that its session stays refused.
CREATE TABLE IF NOT EXISTS erased (
    conversation TEXT PRIMARY KEY,
    complete     INTEGER NOT NULL DEFAULT 0     -- 1 when the tracker is gone too
) WITHOUT ROWID;
