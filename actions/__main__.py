"""The action server: answers the assistant alone (loopback, shared secret). `python -m actions`"""

from __future__ import annotations

import hmac
import logging
import os
from collections import OrderedDict
from typing import Any

from rasa_sdk.endpoint import create_app
from sanic import Sanic, response
from sanic.request import Request
from sanic.response import HTTPResponse

from shop import connect, connect_all
from shop.model import Locale, Unavailable, Wishes
from shop.policy import policy

logger = logging.getLogger(__name__)
MAX_BODY = 4_000_000  # bytes; a call carries the conversation
DOMAINS = 4  # of assistants trained differently


class Domains:
    """An assistant sends its domain once, and the domain's digest with every call."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, dict[str, Any]] = OrderedDict()

    def complete(self, call: dict[str, Any], digest: str) -> bool:
        """Gives the call its domain; False if that must be sent first."""
        if "domain" in call:
            self._known[digest] = call["domain"]
            if len(self._known) > DOMAINS:
                self._known.popitem(last=False)
        elif digest in self._known:
            call["domain"] = self._known[digest]
        return "domain" in call


def app(secret: str) -> Sanic:
    """rasa_sdk's server behind the secret that endpoints.yml sends as a bearer token."""
    if not secret:
        raise ValueError("ACTIONS_SECRET is not set: the action server would answer anybody")
    server = create_app("actions", cors_origins=[])
    server.config.REQUEST_MAX_SIZE = MAX_BODY
    expected = f"Bearer {secret}".encode()

    async def only_the_assistant(request: Request) -> HTTPResponse | None:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        if request.path == "/health" or hmac.compare_digest(given, expected):
            return None
        return response.json({"error": "unauthorized"}, status=401)

    domains = Domains()

    async def know_the_domain(request: Request) -> HTTPResponse | None:
        digest = request.headers.get("x-domain")
        if digest is None or domains.complete(request.json, digest):
            return None
        return response.json({"error": "domain"}, status=409)

    async def warm(_: Sanic, __: object) -> None:
        """The catalogue's index is made before the first shopper asks, not while they wait. With
        the shop away there is still somebody who says so."""
        market = policy().market(policy().default_language)
        try:
            await connect("commerce").search(Wishes(), Locale(market.language, market.currency))
        except Unavailable as trouble:
            logger.warning("not warmed up: %s", trouble)

    server.register_middleware(only_the_assistant, "request")
    server.register_middleware(know_the_domain, "request")
    server.register_listener(warm, "before_server_start")
    return server


def main() -> None:
    logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"))
    connect_all()
    host = os.environ.get("ACTIONS_HOST", "127.0.0.1")
    app(os.environ.get("ACTIONS_SECRET", "")).run(
        host, int(os.environ.get("ACTIONS_PORT", "5055")), access_log=False
    )


if __name__ == "__main__":
    main()
