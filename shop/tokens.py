"""OAuth tokens that expire, by the grant for an application's own account (client credentials)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests

from shop.http import BUDGET, Auth, BackEnd, Call
from shop.model import Unavailable

EARLY = 60.0  # seconds before its end at which a token is replaced
UNSAID = 1800.0  # seconds that a token is used whose server names no end


class Token(Auth):
    """Signs requests with a token that is fetched when first needed, shortly before its end, and
    after a 401: once, however many calls wait for it.

    `address` is the full URL of the token endpoint, `form` what is posted to it; `auth` how the
    application names itself where the form does not. `header` and `prefix` are where it goes;
    `as_json`: the form is posted as JSON."""

    def __init__(
        self,
        name: str,
        address: str,
        form: Mapping[str, str],
        auth: Auth | None = None,
        header: str = "Authorization",
        prefix: str = "Bearer ",
        as_json: bool = False,
    ) -> None:
        self._back_end = BackEnd(f"{name} token", address, auth)
        self._form = {"grant_type": "client_credentials", **form}
        self._header, self._prefix, self._as_json = header, prefix, as_json
        self._lock = threading.Lock()
        self._value, self._end = "", 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self._header] = self._prefix + self._current()
        return request

    def renew(self, refused: requests.PreparedRequest) -> bool:
        with self._lock:
            if refused.headers.get(self._header) == self._prefix + self._value:
                self._end = 0.0
        return True

    def _current(self) -> str:
        with self._lock:
            if time.monotonic() >= self._end:
                self._fetch()
            return self._value

    def _fetch(self) -> None:
        asked = time.monotonic()
        posted: dict[str, Any] = {"json" if self._as_json else "data": self._form}
        request = requests.Request("POST", self._back_end.url, **posted)
        answer = self._back_end.send(Call(request, True, json.loads), asked + BUDGET)
        content = answer.content
        if not (answer.ok and isinstance(content, dict) and content.get("access_token")):
            raise Unavailable(f"{self._back_end.name}: {answer.status}")
        self._value = str(content["access_token"])
        self._end = asked + max(float(content.get("expires_in") or UNSAID) - EARLY, 1.0)
