"""What the routes of our own pages share: allow-list of origins, and refusals as JSON."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any

from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json
from sqlalchemy.exc import SQLAlchemyError

from channels.guard import Refused
from channels.inbox.model import Erased, Full, Unavailable

STREAM_TYPE = "text/event-stream; charset=utf-8"
STREAM_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}
PREFLIGHT_SECONDS = 600
RETRY_SECONDS = 2

logger = logging.getLogger(__name__)
Handler = Callable[[Request], Coroutine[Any, Any, HTTPResponse | None]]


def guarded(handler: Handler, origins: frozenset[str]) -> Handler:
    """`handler` for listed origins only; whatever it raises becomes an answer, never a 500."""

    @wraps(handler)
    async def answer(request: Request) -> HTTPResponse | None:
        headers = cors_headers(request, origins)
        if headers is None:
            return json({"error": "origin"}, status=403)
        request.ctx.cors = headers
        response = await _answer(handler, request)
        if response is not None:
            response.headers.update({**headers, "Cache-Control": "no-store"})
        return response

    return answer


def preflight(origins: frozenset[str]) -> Handler:
    async def options(request: Request) -> HTTPResponse:
        headers = cors_headers(request, origins)
        if headers is None:
            return json({"error": "origin"}, status=403)
        allowed = {
            "Access-Control-Allow-Methods": "GET, POST, DELETE",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }
        return HTTPResponse(status=204, headers={**headers, **allowed})

    return options


def cors_headers(request: Request, origins: frozenset[str]) -> dict[str, str] | None:
    """Headers for this request's origin; None if it is not listed. No origin: no browser page."""
    origin = request.headers.get("origin")
    if origin is None:
        return {"Vary": "Origin"}
    if origin not in origins:
        return None
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Retry-After",
        "Vary": "Origin",
    }


async def _answer(handler: Handler, request: Request) -> HTTPResponse | None:
    try:
        return await handler(request)
    except Refused as refused:
        return _refusal(refused.status, refused.error, refused.wait)
    except Erased:
        return _refusal(401, "session")
    except (Full, Unavailable, SQLAlchemyError) as trouble:
        logger.error("a request must be repeated: %s", type(trouble).__name__)
        return _refusal(503, "busy", RETRY_SECONDS)
    except SanicException:
        raise
    except Exception:
        logger.exception("a request failed")
        return _refusal(503, "trouble", RETRY_SECONDS)


def _refusal(status: int, error: str, wait: int | None = None) -> HTTPResponse:
    headers = {"Retry-After": str(wait)} if wait else {}
    return json({"error": error, "retryable": bool(wait)}, status=status, headers=headers)
