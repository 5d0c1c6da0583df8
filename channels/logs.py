"""Keeps shoppers' words and addresses out of the process's logs.

Rasa's loggers carry message texts in named fields and, on errors, the local variables of every
frame; other libraries put values into their messages.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from channels.clean import mask

WORDS = {
    *("text", "response_text", "user_text", "token_text", "parse_data_text", "message"),
    *("user_message", "json_message", "response", "parse_data_entities", "entity"),
    *("current_entity", "next_entity", "slot_values", "slot_candidates", "prefilled_slots"),
    *("successes", "states", "tracker_states", "current_states", "old_states"),
    *("tracker_latest_message", "prediction_events", "rasa_event", "rasa_events"),
}
"""The fields of Rasa's log lines that its own anonymizer would work on, had it one."""
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.:-])\+?\d(?:[ ()-]?\d){8,14}(?![\w.:-])")
_TALKATIVE = ("rasa.core.policies", "rasa.core.featurizers", "rasa.shared.core", "aiosqlite")
"""Loggers whose debug lines are made of the conversation itself."""


def redact(line: str) -> str:
    """`line` without e-mail addresses, phone numbers, card numbers and one-time codes."""
    return _PHONE.sub("<phone>", mask(_EMAIL.sub("<e-mail>", line)))


def quiet_logs() -> None:
    """From here on every log line of the process is redacted, whoever writes it."""
    _quiet_structlog()
    logging.setLogRecordFactory(_record)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO)


def _quiet_structlog() -> None:
    """Changes the list in place: loggers that were used before hold on to that very list."""
    processors = structlog.get_config()["processors"]
    processors[:] = [
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.UnicodeDecoder(),
        structlog.dev.set_exc_info,
        structlog.processors.format_exc_info,
        _without_words,
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if sys.stderr.isatty()
        else structlog.processors.JSONRenderer(),
    ]
    structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())


def _without_words(_: Any, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in WORDS & fields.keys():
        fields[name] = "<words>"
    return fields


def _record(*args: Any, **kwargs: Any) -> logging.LogRecord:
    record = logging.LogRecord(*args, **kwargs)
    try:
        record.msg, record.args = redact(record.getMessage()), None
    except Exception:  # a log call with wrong arguments must not end the turn
        record.msg, record.args = "a log line that cannot be formatted", None
    if record.exc_info and record.exc_info[1]:
        record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
    return record
