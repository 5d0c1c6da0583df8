"""Mails out: each is left with the SMTP server on a connection of its own."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress

import aiosmtplib

from channels.calls import Sent
from channels.leaving import leaves
from channels.mailing.servers import TIMEOUT_SECONDS, Login, Server


async def enter(place: Server, login: Login) -> aiosmtplib.SMTP:
    """A connection that may send. Raises `aiosmtplib.SMTPException` and `OSError`."""
    smtp = aiosmtplib.SMTP(
        hostname=place.host,
        port=place.port,
        use_tls=place.kind == "smtps",
        start_tls=place.kind == "smtp",
        timeout=TIMEOUT_SECONDS,
        tls_context=None if place.kind == "smtp+plain" else ssl.create_default_context(),
    )
    try:
        await smtp.connect()
        if login.token:
            await smtp.auth_xoauth2(login.user, login.token)
        elif login.password:
            await smtp.login(login.user, login.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


async def deliver(place: Server, login: Login, sender: str, to: str, content: bytes) -> Sent:
    """Leaves one mail with the server and says what became of it."""
    smtp, given = None, False
    try:
        smtp = await enter(place, login)
        await smtp.mail(sender)
        await smtp.rcpt(to)
        await leaves()
        given = True
        await smtp.data(content)
        with suppress(Exception):
            await asyncio.wait_for(smtp.quit(), 5)
        return Sent("sent")
    except aiosmtplib.SMTPAuthenticationError as error:  # somebody is going to mend it
        return Sent("later", f"SMTP {error.code}", 60.0, everyone=True)
    except aiosmtplib.SMTPResponseException as error:
        final = error.code >= 500 and not isinstance(error, aiosmtplib.SMTPConnectError)
        return Sent("refused" if final else "later", f"SMTP {error.code}")
    except (aiosmtplib.SMTPException, OSError, asyncio.TimeoutError) as error:
        return Sent("unknown" if given else "later", type(error).__name__)
    finally:
        if smtp:
            smtp.close()
