"""The sandbox provider's hosted page, and a payment provider's call when something was paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import shop
from shop.front.site import site_of
from shop.model import NotFound, PaymentState
from shop.webhooks import payment_webhook

if TYPE_CHECKING:
    from shop.payments.demo import DemoPayments

MAX_WEBHOOK = 64_000  # bytes
OPEN_CHAT = "#shopkeeper"
CHOICES = {
    "pay": PaymentState.SUCCEEDED,
    "decline": PaymentState.FAILED,
    "cancel": PaymentState.CANCELLED,
}


def sandbox() -> DemoPayments:
    """The demo provider; any other has its own hosted page, and this one is not there."""
    payments = shop.connect("payments")
    if not hasattr(payments, "settle"):
        raise NotFound("sandbox page")
    return cast("DemoPayments", payments)


def way_back(return_url: str, language: str) -> str:
    """The shop's page that the shopper came from, with the chat open. Only its path is believed."""
    path = urlsplit(return_url).path
    if not path.startswith("/") or path.startswith(("//", "/\\", "/pay/")):
        path = f"/{language}/"
    return path + OPEN_CHAT


async def show(request: Request) -> Response:
    payment, language, return_url = await sandbox().page(request.path_params["session"])
    site = site_of(request)
    language = language if language in site.languages else site.language(request)
    back = way_back(return_url, language)
    return site.render(request, "pay.html", lang=language, payment=payment, back=back)


async def settle(request: Request) -> Response:
    """Takes the choice; one made earlier stays, and the page shows it."""
    provider, session = sandbox(), request.path_params["session"]
    async with request.form(max_fields=5, max_files=0) as form:
        state = CHOICES.get(str(form.get("choice")))
    if state is None:
        return RedirectResponse(f"/pay/{session}", 303)
    settled = await provider.settle(session, state)
    if settled.state is not state:
        return RedirectResponse(f"/pay/{session}", 303)
    _, language, return_url = await provider.page(session)
    site = site_of(request)
    language = language if language in site.languages else site.language(request)
    return RedirectResponse(way_back(return_url, language), 303)


async def webhook(request: Request) -> Response:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_WEBHOOK:
            return Response(status_code=413)
    return Response(status_code=await payment_webhook(request.headers, body))
