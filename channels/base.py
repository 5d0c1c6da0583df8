"""What an adapter is: one messaging platform behind three functions, and what they exchange.

1. `verify`, `items`, `event`: a webhook's request is the platform's, and these happened.
2. `draw`: a bubble of the turn as the platform's requests (pure).
3. `request`, `judge`: the HTTP request, and what the answer means.

All else is the same for every platform: `channels/receive.py` takes in, `channels/ladder.py` lays
a turn out within `can`, `channels/outbox.py` and `channels/sender.py` send.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import aiohttp
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.response import HTTPResponse

from channels.calls import Answer, Call, Pace, Request, Sent, Trouble, by_status, exchange
from channels.guard import Refused
from channels.ladder import layout
from channels.leaving import LEAVING
from channels.limits import Bubble, Can
from channels.receipts import Receipt
from channels.render import Reply

DAY = 24 * 3600.0
Address = Mapping[str, Any]
"""What a reply needs to find its way: an adapter's own, kept with the message."""


@dataclass(frozen=True)
class Incoming:
    """A webhook's request: the very bytes, and headers by lower-case name."""

    body: bytes
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """Something that a person did. `id` is the platform's own, the same when it is sent again."""

    kind: Literal["text", "choice", "media", "start", "left"]
    id: str
    user: str
    text: str = ""
    choice: str = ""
    media: str = ""
    """What a message without words is, in the platform's own word; see `media` in receive.py."""
    photo: str = ""
    """What the platform calls the picture that came, or its address: for staff to open it."""
    at: float | None = None
    """Seconds since 1970."""
    locale: str | None = None
    to: Address = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    """What else the platform says, such as the advertisement that led here."""


@dataclass(frozen=True)
class Rendered:
    calls: tuple[Call, ...]
    numbers: Mapping[str, int]
    """Choices that a text shows under a number."""


class Adapter(InputChannel):
    """One account of a platform: a stanza of credentials.yml, whose keys are its settings."""

    needs: ClassVar[tuple[str, ...]] = ()
    """Settings without which the assistant does not start."""
    can: ClassVar[Can]
    window: float | None = None
    """Seconds after a person's last message in which they may be written to; None: always."""
    most: ClassVar[int | None] = None
    """How many messages the platform takes until the person writes again; None: any number."""
    account_pace: ClassVar[Pace] = Pace(20, 20)
    person_pace: ClassVar[Pace] = Pace(5, 10)
    api: ClassVar[str] = ""
    """The platform's address; the setting `api` replaces it."""
    photos: ClassVar[bool] = False
    """Whether events have the `photo` that came, so that the dialogue may ask for one."""
    replays: ClassVar[bool] = False
    """Whether it delivers again what was not taken, but only when it is asked (`catch_up`)."""
    again: bool = False
    """The setting `again`: what may have arrived is sent again (at least once), else it is not
    (at most once). Where the platform knows a request again (`Call.key`) it is exactly once."""
    called: bool = True
    """Whether the platform calls us (a webhook); what does not, listens (channels/listen.py)."""

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Adapter:
        """Raises if a setting is missing: a channel without its secret would be open to all."""
        given = credentials or {}
        missing = [name for name in cls.needs if not _is_set(given.get(name))]
        if missing:
            where = f"{cls.__module__}.{cls.__name__}"
            raise RasaException(f"credentials: {where}: {', '.join(missing)} is missing")
        return cls(given)

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self.settings = settings
        self.host = str(settings.get("api") or self.api).rstrip("/")
        self.site = str(settings.get("site") or "")
        self.again = settings.get("again") is True

    def __getitem__(self, name: str) -> str:
        """A setting as text, "" if it is not given."""
        value = self.settings.get(name)
        return "" if value is None else str(value)

    @property
    @abstractmethod
    def account(self) -> str:
        """Which of the platform's accounts this is; a part of every conversation's name."""

    @abstractmethod
    def verify(self, request: Incoming) -> None:
        """Raises `Refused` (401) unless the platform, and nobody else, sent these bytes."""

    async def prepare(self, body: bytes) -> None:
        """Fetches what it takes to read these bytes, such as keys; `body` is verified.

        Raises `Refused` (503) if the platform must send them again.
        """

    @abstractmethod
    def items(self, body: bytes) -> Iterable[Any]:
        """The single messages of a request. Raises `Refused` or any error if there are none."""

    @abstractmethod
    def event(self, item: Any) -> Event | Receipt | None:
        """What a person did, or what became of a message of ours; None for all else."""

    @abstractmethod
    def draw(self, bubble: Bubble, to: Address) -> Iterable[Call]:
        """The requests that show a bubble. Pure."""

    def request(self, call: Call, key: str) -> Request:
        """The HTTP request with host and secrets; `key` is the same at every try.

        A channel that is not written to by HTTP has `send` instead.
        """
        raise NotImplementedError

    @abstractmethod
    async def register(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """Has the platform call `url`. Gives what is left for a person to do. Raises `Trouble`."""

    @abstractmethod
    async def check(self, http: aiohttp.ClientSession, url: str) -> list[str]:
        """What is wrong with the credentials or the webhook, in words. Raises `Trouble`."""

    async def catch_up(self, http: aiohttp.ClientSession, since: float) -> None:
        """Has the platform deliver again what it tried to since then, if it `replays`.

        Raises `Trouble` and `aiohttp.ClientError` if it must be asked again.
        """

    async def ready(self, http: aiohttp.ClientSession, call: Call) -> Call:
        """The call as it can be made now: the token is fresh, the picture uploaded.

        Raises `Trouble` and `aiohttp.ClientError` if it must be tried again later.
        """
        return call

    async def send(self, http: aiohttp.ClientSession, call: Call, key: str) -> Sent:
        """Sends one letter and says what became of it; never raises for trouble with the net.

        A letter is marked as sent right before its first byte leaves: another way than HTTP
        calls `leaving.leaves()` then.
        """
        try:
            request = self.request(await self.ready(http, call), key)
        except (Trouble, aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            return Sent("later", f"not ready: {type(error).__name__}")
        try:
            answer = await exchange(http, request, LEAVING.get())
        except aiohttp.ClientConnectorError as error:
            return Sent("later", type(error).__name__)  # nothing left this machine
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError) as error:
            return Sent("later" if call.key else "unknown", type(error).__name__)
        return self.judge(answer)

    def judge(self, answer: Answer) -> Sent:
        """What an answer means; platforms with an own idea of errors say so here."""
        return by_status(answer)

    async def ask(
        self,
        http: aiohttp.ClientSession,
        path: str,
        body: Mapping[str, Any] | None = None,
        method: str = "POST",
    ) -> dict[str, Any]:
        """What the platform answers to a call of `register` and `check`. Raises `Trouble`."""
        call = await self.ready(http, Call(path, body or {}))
        request = replace(self.request(call, ""), method=method)
        if body is None:
            request = replace(request, method="GET", json=None, form=None)
        answer = await exchange(http, request)
        sent = self.judge(answer)
        if sent.error or not isinstance(answer.body, dict):
            raise Trouble(f"{path}: {sent.error or 'no JSON'}")
        return answer.body

    def render(self, turn: Sequence[Reply], to: Address) -> Rendered:
        """The requests of a whole turn, in order. Pure."""
        bubbles, numbers = layout(turn, self.room(to), self.site)
        calls = [call for bubble in bubbles for call in self.draw(bubble, to)]
        return Rendered(tuple(self.packed(calls, to)), numbers)

    def room(self, to: Address) -> Can:
        """The limits of this conversation, where there are several kinds of them."""
        return self.can

    def packed(self, calls: Sequence[Call], to: Address) -> Iterable[Call]:
        """The calls of a turn put together, where the platform takes several messages in one."""
        return calls

    def hints(self, to: Address) -> Iterable[Call]:
        """What tells the person that the message was seen: read, typing. Sent once, or not."""
        return ()

    def reopened(self, call: Call) -> Call | None:
        """The template that may be sent when the window is over, if one is configured."""
        return None

    def instead(self, call: Call) -> Call | None:
        """The same in plainer form, when a call was refused: a text for an image."""
        return None

    def challenge(self, request: Incoming) -> HTTPResponse | None:
        """The answer to a GET by which a platform tries an address. Raises `Refused`."""
        return None

    def taken(self, body: bytes = b"") -> HTTPResponse:
        """The answer to a request, `body`, whose messages are on disk."""
        return HTTPResponse(status=200)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """`on_new_message` is not used: messages go through the inbox."""
        from channels.receive import routes  # it needs this module's types

        return routes(self)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in `body`. Raises `ValueError`."""
    parsed = json.loads(body.decode("utf-8"))
    if not isinstance(parsed, dict):
        raise ValueError("not an object")
    return parsed


def each(holder: Any, name: str) -> list[dict[str, Any]]:
    """The objects of a list that should be there; what is no object is left out."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def part(holder: Any, name: str) -> dict[str, Any]:
    """The object that should be there, else an empty one."""
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def same(given: str | None, expected: str) -> None:
    """Raises `Refused` (401) unless the two are equal; takes the same time wherever they differ."""
    if not hmac.compare_digest((given or "").encode("utf-8", "replace"), expected.encode()):
        raise Refused(401, "signature")


def _is_set(value: Any) -> bool:
    text = str(value).strip() if value is not None else ""
    return bool(text) and not text.startswith("${")
