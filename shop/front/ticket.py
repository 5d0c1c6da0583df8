"""A help desk's call when something happened to a ticket."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from shop.front.payment import received
from shop.tickets import ticket_webhook


async def webhook(request: Request) -> Response:
    body = await received(request)
    if body is None:
        return Response(status_code=413)
    return Response(status_code=await ticket_webhook(request.headers, body))
