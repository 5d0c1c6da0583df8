"""The sandbox provider's hosted page, and a payment provider's call when something was paid."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import shop
from shop.front.site import site_of
from shop.model import NotFound, PaymentState, ShopError
from shop.payments import kept
from shop.settings import public_url
from shop.store import open_store
from shop.tables import payments
from shop.webhooks import DONE, payment_webhook
from shop.webhooks import settle as settle_payment

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


async def back(request: Request) -> Response:
    """Where a provider sends the shopper after its page. That proves nothing, but is a reason to
    ask: some providers wait for our last word, and not every webhook arrives."""
    mine = payments.c.reference == request.path_params["reference"]
    found = await open_store().read(lambda connection: kept.find(connection, mine))
    if found is None:
        raise NotFound("payment")
    with contextlib.suppress(ShopError):
        await settle_payment(found.id)
    site = site_of(request)
    language = found.language if found.language in site.languages else site.language(request)
    return RedirectResponse(home_page(found.return_url, language), 303)


def home_page(return_url: str, language: str) -> str:
    """The page that the shopper came from, if the chat may be embedded there."""
    parts = urlsplit(return_url)
    known = {public_url(), *os.environ.get("WEB_ORIGINS", "").split(",")}
    if f"{parts.scheme}://{parts.netloc}" in known:
        return return_url.partition("#")[0] + OPEN_CHAT
    return way_back(return_url, language)


async def webhook(request: Request) -> Response:
    body = await received(request)
    if body is None:
        return Response(status_code=413)
    status = await payment_webhook(request.headers, body)
    said = shop.connect("payments").accepted if status == DONE else b""
    return Response(said, status_code=status)


async def received(request: Request) -> bytes | None:
    """The body of a webhook; None if it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_WEBHOOK:
            return None
    return body
