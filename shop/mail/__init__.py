"""Letters to shoppers: words from <language>.yml beside this file, by SMTP or into a folder.

SMTP_URL (smtp://user:password@host:587, smtps:// for TLS from the first byte) names the server;
STARTTLS is used where the server has it and needed where there is a password. Without SMTP_URL
letters are files (*.eml) in VAR_DIR/mail.
"""

from __future__ import annotations

import asyncio
import os
import smtplib
import ssl
from collections.abc import Mapping
from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, formatdate, make_msgid
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import yaml

from shop.model import Unavailable
from shop.policy import policy

FOLDER = Path(__file__).parent
TIMEOUT = 4.0  # seconds for each answer of the server
PORTS = {"smtp": 25, "smtps": 465}


async def send(to: str, template: str, language: str, values: Mapping[str, object]) -> None:
    """Writes to a shopper. Raises Unavailable where the mail server does not take the letter."""
    await deliver(letter(to, template, language, values))


async def rehearse() -> None:
    """All of sending but the letter: what takes as long, and fails alike."""
    await deliver(None)


async def deliver(message: EmailMessage | None) -> None:
    url = os.environ.get("SMTP_URL", "")
    try:
        await asyncio.to_thread(by_smtp if url else to_folder, url, message)
    except (OSError, smtplib.SMTPException) as trouble:
        raise Unavailable(f"mail: {type(trouble).__name__}") from trouble


def letter(to: str, template: str, language: str, values: Mapping[str, object]) -> EmailMessage:
    words = texts(language)[template]
    sender = policy().contact.email
    named = {"shop": policy().name, "email": sender, **values}
    message = EmailMessage(policy=SMTP)
    message["From"] = formataddr((policy().name, sender))
    message["To"] = to
    message["Subject"] = words["subject"].format(**named)
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(words["text"].format(**named))
    message["Content-Language"] = language
    return message


@cache
def texts(language: str) -> dict[str, Any]:
    """The letters in a language, or in the shop's own."""
    path = FOLDER / f"{language}.yml"
    if not language.isalpha() or not path.exists():
        path = FOLDER / f"{policy().default_language}.yml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def by_smtp(url: str, message: EmailMessage | None) -> None:
    server = urlsplit(url)
    with connection_to(server) as connection:
        connection.ehlo()
        if server.scheme == "smtp" and (server.password or connection.has_extn("starttls")):
            connection.starttls(context=ssl.create_default_context())
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
        if message is None:
            connection.noop()
        else:
            connection.send_message(message)


def connection_to(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "localhost", server.port or PORTS[server.scheme]
    if server.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(host, port, timeout=TIMEOUT)


def to_folder(_url: str, message: EmailMessage | None) -> None:
    folder = Path(os.environ.get("VAR_DIR", "var")) / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    if message is not None:
        file = folder / f"{datetime.now(timezone.utc):%Y%m%d-%H%M%S-%f}.eml"
        file.touch(0o600)
        file.write_bytes(message.as_bytes())
