"""E-mail: `channels.mail.Mail: {address, imap, smtp, password}` in credentials.yml.

In by IMAP (RFC 3501, IDLE of RFC 2177), out by SMTP. A turn is one mail, in plain text with a
numbered menu and as HTML with links that begin the answer. What no person wrote is not answered
(RFC 3834), nor is anybody more than 20 times an hour. An address can be forged, so it proves
nothing by itself: answers go only to the address that the conversation is named after, and with
the setting `authserv` (the name of the own mail server in `Authentication-Results`) mails that it
has not found genuine are a conversation of their own. Gmail and Microsoft take no passwords: there
`oauth: {url, client, secret, refresh}` (or `scope` for Microsoft's grant to the application).
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import aiohttp
import aiosmtplib
from rasa.shared.exceptions import RasaException

from channels.base import Address, Event, Rendered, part
from channels.calls import Call, Pace, Request, Sent, Trouble, exchange
from channels.clean import mask
from channels.desk import DEFAULT_DATABASE
from channels.guard import Limiter, Refused
from channels.limits import Bubble, Can
from channels.listen import Listener, Take
from channels.mailing import servers, smtp
from channels.mailing.auto import automatic
from channels.mailing.compose import Page, answered, message
from channels.mailing.imap import Box, watch
from channels.mailing.parse import Parsed, authenticated, parse
from channels.mailing.reply import forwarded, written
from channels.mailing.servers import Login
from channels.render import Reply
from channels.tokens import Token, Tokens, file_for

HOURLY = 20
"""Answers to one address."""
THREAD = 10
"""Message-IDs of a thread that an answer names."""
UNPROVEN = "/unproven"
_CHOSEN = re.compile(r"\[#([\w-]{16})\]")
_NUMBER = re.compile(r"\d{4,}")
_FORWARDED = re.compile(r"\s*(fwd?|wg|pd|rv|tr)\s*:", re.IGNORECASE)
_PLAIN = re.compile(r"[\w.@+=-]{1,100}", re.ASCII)

logger = logging.getLogger(__name__)


class Mail(Listener):
    needs = ("address", "imap", "smtp")
    account_pace, person_pace = Pace(2, 10), Pace(0.5, 5)
    can = Can(text=100_000)

    @classmethod
    def name(cls) -> str:
        return "mail"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__(settings)
        self._oauth = part(settings, "oauth")
        try:
            self._imap, self._smtp = servers.server(self["imap"]), servers.server(self["smtp"])
        except ValueError as error:
            raise RasaException(f"credentials: channels.mail.Mail: {error}") from error
        if not self._oauth and (not self["password"] or self["password"].startswith("${")):
            raise RasaException("credentials: channels.mail.Mail: password is missing")
        file = file_for(self["database"] or DEFAULT_DATABASE, self.name(), self.account)
        secret = str(self._oauth.get("secret", ""))
        self._tokens = Tokens(file, secret, self._renewed, str(self._oauth.get("refresh", "")))
        self._limit = Limiter(per_minute=HOURLY / 60, burst=HOURLY)

    @property
    def account(self) -> str:
        return self["address"].lower()

    def event(self, item: Any) -> Event | None:
        mail = parse(item.raw)
        people = {mail.sender, mail.answers}
        ours = {self.account, *str(self["aliases"]).lower().split()}
        if reason := "our own" if people & ours else automatic(mail.message, mail.subject, people):
            logger.info("mail: not answered: %s", reason)
            return None
        try:
            self._limit.take(mail.answers)
        except Refused:
            logger.warning("mail: somebody writes more than %s mails an hour", HOURLY)
            return None
        proven, subject = self._proven(mail), mask(mail.subject)
        text = _words(mail)
        chosen = _CHOSEN.search(text)
        text = _CHOSEN.sub("", text).strip()
        kind: Any = "choice" if chosen else "text" if text else "media"
        return Event(
            kind,
            _short(mail.id or item.place, 400),
            _user(mail.answers) + ("" if proven is not False else UNPROVEN),
            text=text,
            choice=chosen[1] if chosen else "",
            media="" if text else mail.media,
            at=item.at,
            locale=mail.language,
            to={
                "address": mail.answers,
                "subject": subject,
                "id": mail.id,
                "references": [*mail.references, *([mail.id] if mail.id else [])][-THREAD:],
            },
            about={
                "subject": subject,
                **({"attachments": list(mail.attachments)} if mail.attachments else {}),
                **({"authenticated": proven} if proven is not None else {}),
            },
        )

    def _proven(self, mail: Parsed) -> bool | None:
        """Whether the address is the sender's own; None where nobody looks."""
        if not self["authserv"]:
            return None
        domain = mail.sender.rpartition("@")[2]
        found = authenticated(mail.message, self["authserv"], domain)
        return found and mail.answers == mail.sender

    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        return [Call("", {"text": bubble.text})]

    def packed(self, calls: Sequence[Call], to: Address) -> Iterable[Call]:
        if text := "\n\n".join(call.body["text"] for call in calls):
            head = {"to": to["address"], "subject": answered(to.get("subject", ""), text)}
            thread = {"answers": to.get("id", ""), "references": to.get("references", [])}
            yield Call("", {**head, **thread, "text": text})

    def render(self, turn: Sequence[Reply], to: Address) -> Rendered:
        rendered = super().render(turn, to)
        calls = []
        for call in rendered.calls:
            page = Page(self.account, call.body["subject"], self.site, rendered.numbers)
            calls.append(replace(call, body={**call.body, "html": page.html(turn)}))
        return replace(rendered, calls=tuple(calls))

    async def send(self, http: aiohttp.ClientSession, call: Call, key: str) -> Sent:
        try:
            mail = message(call.body, self.account, self["sender"], key)
            login = await self._login(http)
        except ValueError as error:
            return Sent("refused", type(error).__name__)
        except (Trouble, aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            return Sent("later", f"not ready: {type(error).__name__}")
        return await smtp.deliver(self._smtp, login, self.account, mail["To"], mail.as_bytes())

    async def listen(self, http: aiohttp.ClientSession, take: Take) -> None:
        login = await self._login(http)
        await watch(lambda: self._box(login), take)

    def _box(self, login: Login) -> Box:
        return Box(self._imap, login, self["folder"] or "INBOX")

    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        return ["nothing calls us: the assistant fetches mails as soon as it runs"]

    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        problems = [] if self["authserv"] else ["set `authserv`, or forged senders are believed"]
        login = await self._login(http)
        try:
            (await asyncio.to_thread(self._box, login)).close()
        except Exception as error:  # imaplib and imap_tools raise kinds of their own
            problems.append(f"IMAP: {type(error).__name__}")
        try:
            (await smtp.enter(self._smtp, login)).close()
        except (aiosmtplib.SMTPException, OSError, asyncio.TimeoutError) as error:
            problems.append(f"SMTP: {type(error).__name__}")
        return problems

    async def _login(self, http: aiohttp.ClientSession) -> Login:
        """Raises `Trouble` and `aiohttp.ClientError` where a token must be got first."""
        user = self["user"] or self["address"]
        if self._oauth:
            return Login(user, token=await self._tokens.fresh(http))
        return Login(user, self["password"])

    async def _renewed(self, http: aiohttp.ClientSession, refresh: str) -> Token:
        known = self._oauth
        grant = {"grant_type": "refresh_token", "refresh_token": refresh}
        form = grant if refresh else {"grant_type": "client_credentials"}
        form |= {"client_id": str(known.get("client")), "client_secret": str(known.get("secret"))}
        form |= {"scope": str(known["scope"])} if known.get("scope") else {}
        answer = await exchange(http, Request(str(known.get("url")), form=list(form.items())))
        given = answer.body if isinstance(answer.body, dict) else {}
        if answer.status != 200 or not given.get("access_token"):
            raise Trouble(f"oauth: HTTP {answer.status} {str(given.get('error', ''))[:60]}".strip())
        until = time.time() + float(given.get("expires_in") or 3600)
        return Token(given["access_token"], until, str(given.get("refresh_token") or refresh))


def _words(mail: Parsed) -> str:
    """What the person asks: in the text, in a mail that was passed on, or in the subject."""
    text = written(mail.text)
    passed_on = _FORWARDED.match(mail.subject) or "message/rfc822" in mail.attachments
    if not text and (passed_on or not mail.is_reply):
        text = forwarded(mail.text)
    subject = "" if mail.is_reply else mail.subject
    if subject and (not text or _adds(subject, text)):
        return f"{subject}\n{text}".strip()
    return text


def _adds(subject: str, text: str) -> bool:
    """Whether the subject has a number, of an order perhaps, that the text has not."""
    return any(number not in text for number in _NUMBER.findall(subject))


def _user(address: str) -> str:
    """The address as a part of the conversation's name; a digest of an odd or long one."""
    return address if _PLAIN.fullmatch(address) else _digest(address)


def _short(text: str, limit: int) -> str:
    return text if len(text.encode()) <= limit else _digest(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
