"""Vendure's two GraphQL APIs: one for a shopper's session, one for us.

https://docs.vendure.io/reference/graphql-api/shop/ and .../admin/
"""

from __future__ import annotations

import threading
import time
from typing import Any

import requests

from shop.http import BUDGET, Auth, BackEnd, Call, jsons
from shop.model import NotFound, Unavailable

TOKEN = "vendure-auth-token"  # noqa: S105 - a header's name
LOGIN = """mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) { __typename }
}"""


class Login(Auth):
    """Signs requests with the administrator's session, which begins with the first of them."""

    def __init__(self, server: str, username: str, password: str) -> None:
        self._back_end = BackEnd("vendure login", f"{server}/admin-api")
        self._who = {"username": username, "password": password}
        self._lock = threading.Lock()
        self._token = ""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        with self._lock:
            if not self._token:
                self._token = self._log_in()
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request

    def forget(self) -> None:
        """The session has ended: the next request begins another."""
        with self._lock:
            self._token = ""

    def _log_in(self) -> str:
        body = {"query": LOGIN, "variables": self._who}
        sent = {"Content-Type": "application/json"}
        data = jsons.dumps(body).encode()
        request = requests.Request("POST", self._back_end.url, sent, data=data)
        answer = self._back_end.send(Call(request, True, jsons.loads), time.monotonic() + BUDGET)
        token = answer.headers.get(TOKEN, "")
        if not token:
            raise Unavailable("vendure: the administrator may not log in")
        return str(token)


class Api:
    def __init__(self, server: str, username: str, password: str, channel: str = "") -> None:
        server = server.rstrip("/")
        self._login = Login(server, username, password)
        self._shop = BackEnd("vendure", f"{server}/shop-api")
        self._admin = BackEnd("vendure admin", f"{server}/admin-api", self._login)
        self._headers = {"vendure-token": channel} if channel else {}

    async def shop(
        self, session: str, document: str, currency: str, **variables: Any
    ) -> tuple[Any, str]:
        """The answer's one field, and the session, which "" begins."""
        headers = dict(self._headers)
        if session:
            headers["Authorization"] = f"Bearer {session}"
        data, token = await self._ask(self._shop, document, variables, currency, headers)
        return data, token or session

    async def admin(self, document: str, currency: str = "", **variables: Any) -> Any:
        try:
            data, _ = await self._ask(self._admin, document, variables, currency, self._headers)
        except LoggedOut:
            self._login.forget()
            data, _ = await self._ask(self._admin, document, variables, currency, self._headers)
        return data

    async def _ask(
        self,
        back_end: BackEnd,
        document: str,
        variables: dict[str, Any],
        currency: str,
        headers: dict[str, str],
    ) -> tuple[Any, str]:
        answer = await back_end.call(
            "POST",
            "",
            json={"query": document, "variables": variables},
            query={"currencyCode": currency} if currency else None,
            headers=headers,
            repeatable=document.lstrip().startswith("query"),
        )
        content = answer.content if isinstance(answer.content, dict) else {}
        if content.get("errors") or not content.get("data"):
            raise trouble(content)
        return next(iter(content["data"].values())), str(answer.headers.get(TOKEN, ""))


class LoggedOut(Unavailable):
    """Vendure does not know the session (any more), or it may not do this."""


def trouble(content: dict[str, Any]) -> Exception:
    """Codes only: the messages may name shoppers."""
    errors = content.get("errors") or [{}]
    code = str((errors[0].get("extensions") or {}).get("code", "nonsense"))
    if code == "FORBIDDEN":
        return LoggedOut("vendure: FORBIDDEN")
    if code == "ENTITY_NOT_FOUND":
        return NotFound("vendure: ENTITY_NOT_FOUND")
    return Unavailable(f"vendure: {code}")
