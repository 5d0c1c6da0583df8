"""Requests to a platform, how they are made, and what their answers mean."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from aiohttp.payload import BytesPayload

from channels.leaving import Leaving, Marked

TIMEOUT = aiohttp.ClientTimeout(total=15, connect=5)


@dataclass(frozen=True)
class Call:
    """A request to the platform, without host and secrets; this is what the outbox keeps."""

    path: str
    body: Mapping[str, Any]
    key: bool = False
    """Whether the platform takes it once however often it is sent; the letter's id is the key."""


@dataclass(frozen=True)
class File:
    field: str
    name: str
    type: str
    content: bytes


@dataclass(frozen=True)
class Request:
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Sequence[tuple[str, str]] | None = None
    method: str = "POST"
    file: File | None = None
    """Goes with the fields of `form`, which is then a multipart one."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: Any
    """The JSON of the body, or None."""


@dataclass(frozen=True)
class Sent:
    """What became of a request.

    `sent`; `later`: try again, after `wait` seconds if the platform said so; `refused`: it never
    will be taken; `closed`: the platform's window for messages is over; `left`: the person does
    not want any; `unknown`: it may have arrived, so it is not sent again; `late`: it waited too
    long.
    """

    state: Literal["sent", "later", "refused", "closed", "left", "unknown", "late"]
    error: str | None = None
    wait: float | None = None
    everyone: bool = False
    """Whether the account must wait, not only this conversation."""
    message: str = ""
    """What the platform calls the message, where its receipts name it so."""


@dataclass(frozen=True)
class Pace:
    """At most `burst` at once and `per_second` in the long run."""

    per_second: float
    burst: int = 1


class Trouble(Exception):
    """A platform that did not do what it was asked."""


def by_status(answer: Answer) -> Sent:
    """The usual meaning of an HTTP status."""
    status, error = answer.status, f"HTTP {answer.status}"
    if status < 300:
        return Sent("sent")
    if status == 429:
        return Sent("later", error, retry_after(answer) or 5.0, everyone=True)
    if status in (401, 408) or status >= 500:
        return Sent("later", error, retry_after(answer))
    return Sent("refused", error)


def retry_after(answer: Answer) -> float | None:
    value = answer.headers.get("retry-after", "")
    return float(value) if value.replace(".", "", 1).isdigit() else None


def encoded(body: Any) -> bytes:
    """The JSON that is sent, for those who sign it."""
    return json.dumps(body, ensure_ascii=False).encode()


async def exchange(
    http: aiohttp.ClientSession, request: Request, leaving: Leaving | None = None
) -> Answer:
    """Makes the request. Raises `aiohttp.ClientError` and `asyncio.TimeoutError`.

    `leaving` hears when its body is about to be written.
    """
    headers = dict(request.headers)
    data: Any = aiohttp.FormData(request.form) if request.form is not None else None
    if (file := request.file) is not None:
        data.add_field(file.field, file.content, filename=file.name, content_type=file.type)
    if request.json is not None:
        data = BytesPayload(encoded(request.json))
        headers["Content-Type"] = "application/json; charset=utf-8"
    if leaving and data is not None:
        data = Marked(data() if isinstance(data, aiohttp.FormData) else data, leaving)
    async with http.request(
        request.method, request.url, data=data, headers=headers, timeout=TIMEOUT,
        allow_redirects=False,
    ) as response:  # fmt: skip
        body = await response.read()
    try:
        parsed = json.loads(body)
    except ValueError:
        parsed = None
    lower = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, lower, parsed)
