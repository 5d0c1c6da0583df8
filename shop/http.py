"""Calls to a vendor's back end: in time, again only where that is safe, and with nothing said of
shoppers or secrets in errors.

    shop = BackEnd("medusa", "https://shop.example.com", Header("x-publishable-api-key", key))
    answer = await shop.call("GET", "/store/carts/1", query={"fields": "id"})
    answer = await shop.call("POST", "/refunds", json={"amount": 100}, repeatable=True,
                             headers={"Idempotency-Key": key})

A back end that is away, slow, overloaded (429), refuses our credentials (401) or talks nonsense is
Unavailable; everything else, its refusals (4xx) included, is an Answer for the adapter to read.
"""

from __future__ import annotations

import asyncio
import base64
import json as jsons
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

import pybreaker
import requests

from shop.exchange import Answer, Trouble, exchange, new_session
from shop.model import Unavailable
from shop.patience import deadline

BUDGET = 8.0  # seconds for a call with all its attempts, unless somebody waits (shop/patience.py)
ATTEMPTS = 3
PAUSE = 0.2  # seconds before the second attempt, twice as many before the third
AT_ONCE = 16  # calls to one back end at the same time; others wait, within their budget
FAILURES, REST = 5, 20.0  # failed calls in a row that open the breaker; seconds until it is tried
Pairs = Mapping[str, Any] | Sequence[tuple[str, str]]
Decode = Callable[[bytes], Any]


class Auth(requests.auth.AuthBase):
    """Puts our credentials into a request; signs it, when all else is in it."""

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """After a 401: whether another attempt would have new credentials."""
        return False


class Header(Auth):
    def __init__(self, name: str = "", value: str = "") -> None:
        self._name, self._value = name, value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._name:
            request.headers[self._name] = self._value
        return request


def basic(user: str, password: str) -> Header:
    return Header(
        "Authorization", f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"
    )


@dataclass(frozen=True)
class Call:
    """A request, and whether sending it twice does no harm."""

    request: requests.Request
    repeatable: bool
    decode: Decode


class BackEnd:
    """One vendor's server with its connections and its breaker: make one and keep it."""

    def __init__(self, name: str, url: str, auth: Auth | None = None) -> None:
        self.name, self.url = name, url.rstrip("/")
        self._auth = auth or Header()
        self._breaker = pybreaker.CircuitBreaker(FAILURES, REST, throw_new_error_on_trip=False)
        self._session = new_session(AT_ONCE)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix=name)
        # What it logs are addresses, and those hold e-mails and keys.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)

    async def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        form: Pairs | bytes | None = None,
        query: Pairs | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
        decode: Decode = jsons.loads,
    ) -> Answer:
        """`path` is below the back end's URL. `repeatable`: it only reads, or has an idempotency
        key in it (default: GET and HEAD do, others do not). Raises Unavailable."""
        body = form if json is None else jsons.dumps(json, ensure_ascii=False).encode()
        sent = {"Accept": "application/json", **(headers or {})}
        if json is not None:
            sent.setdefault("Content-Type", "application/json")
        request = requests.Request(method, self.url + path, sent, data=body, params=query)
        safe = method in ("GET", "HEAD") if repeatable is None else repeatable
        until = deadline(BUDGET)
        if until <= time.monotonic():
            raise Unavailable(f"{self.name}: no time is left to ask it")
        work = partial(self.send, Call(request, safe, decode), until)
        running = asyncio.get_running_loop().run_in_executor(self._threads, work)
        try:
            return await asyncio.wait_for(running, until - time.monotonic())
        except asyncio.TimeoutError:
            pass  # raised below, where no context drags the request along
        raise Unavailable(f"{self.name}: too slow")

    def send(self, call: Call, until: float) -> Answer:
        """The same for blocking code, until a moment of time.monotonic()."""
        try:
            with self._breaker.calling():
                found = self._insist(call, until)
                if isinstance(found, Trouble):
                    raise Unavailable(f"{self.name}: {found.reason}")
                return found
        except pybreaker.CircuitBreakerError:
            pass
        raise Unavailable(f"{self.name}: rests after too many failures")

    def _insist(self, call: Call, until: float) -> Answer | Trouble:
        for attempt in range(ATTEMPTS):
            found = self._attempt(call, until, first=attempt == 0)
            if isinstance(found, Answer):
                return found
            pause = max(found.wait, PAUSE * 2**attempt * random.uniform(0.5, 1))  # noqa: S311
            again = call.repeatable if found.again is None else found.again
            if not again or time.monotonic() + pause > until:
                break
            time.sleep(pause)
        return found

    def _attempt(self, call: Call, until: float, first: bool) -> Answer | Trouble:
        call.request.auth = self._auth
        prepared = self._session.prepare_request(call.request)
        found = exchange(self._session, prepared, until, call.decode)
        if isinstance(found, Answer) and found.status == 401:
            return Trouble("401", again=first and self._auth.renew(prepared))
        return found
