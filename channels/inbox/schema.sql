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

-- What waits to be sent to the platforms, and what became of it.
CREATE TABLE IF NOT EXISTS outbox (
    id           INTEGER PRIMARY KEY,           -- order within a conversation
    channel      TEXT NOT NULL,
    conversation TEXT NOT NULL,
    path         TEXT NOT NULL,
    body         TEXT NOT NULL,                 -- JSON; emptied when it arrived
    once         INTEGER NOT NULL,              -- 1: the platform takes it once however often it comes
    state        TEXT NOT NULL,                 -- waiting, sending, sent; else it did not arrive
    attempts     INTEGER NOT NULL DEFAULT 0,
    error        TEXT,
    due          REAL NOT NULL,                 -- not before, later when it left; seconds since 1970
    created      REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_open ON outbox (channel, conversation, id) WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS outbox_conversation ON outbox (conversation);

-- What platforms call the messages that letters became, where their receipts say no more.
CREATE TABLE IF NOT EXISTS receipts (
    channel      TEXT NOT NULL,
    message      TEXT NOT NULL,
    conversation TEXT NOT NULL,
    letter       INTEGER NOT NULL,
    PRIMARY KEY (channel, message)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS receipts_conversation ON receipts (conversation);

-- Where a conversation's person is written to, and when they last wrote.
CREATE TABLE IF NOT EXISTS people (
    conversation TEXT PRIMARY KEY,
    address      TEXT NOT NULL,                 -- JSON, the adapter's own
    heard        REAL NOT NULL,
    gone         INTEGER NOT NULL DEFAULT 0     -- 1: wants no messages
) WITHOUT ROWID;

-- The numbers that the last turn's text gave to choices.
CREATE TABLE IF NOT EXISTS menus (
    conversation TEXT NOT NULL,
    number       INTEGER NOT NULL,
    choice       TEXT NOT NULL,
    PRIMARY KEY (conversation, number)
) WITHOUT ROWID;
