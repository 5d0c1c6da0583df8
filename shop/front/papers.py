"""Pages to print, opened by a signed address only: an order's invoice and a return's label."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

import shop
from shop import links
from shop.front.pages import place
from shop.model import NotFound, Order, Return
from shop.policy import policy

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


async def invoice(request: Request) -> Response:
    order = await signed_order(request)
    return paper(request, "invoice.html", order=order)


async def label(request: Request) -> Response:
    order = await signed_order(request)
    site, language = place(request)
    known = await shop.connect("commerce").returns(order.number, site.locale(language))
    return paper(
        request, "label.html", order=order, back=one(known, request), carrier=carrier(order)
    )


async def signed_order(request: Request) -> Order:
    """Raises NotFound for an address that was not signed here or whose time is over."""
    site, language = place(request)
    commerce, query = shop.connect("commerce"), request.query_params
    store = getattr(commerce, "store", None)
    if store is None:
        raise NotFound("a page of the embedded shop")
    secret = await store.read(links.secret)
    given = query.get("until", ""), query.get("signature", "")
    if not links.holds(secret, request.scope["path"], *given):
        raise NotFound("signature")
    return await commerce.order(request.path_params["number"], site.locale(language))


def one(known: tuple[Return, ...], request: Request) -> Return:
    for back in known:
        if back.id == request.path_params["id"] and back.label:
            return back
    raise NotFound("label")


def carrier(order: Order) -> str:
    """Who brought the parcel also takes it back."""
    carriers = {method.id: method.carrier for method in policy().delivery}
    return carriers.get(order.delivery.id, "")


def paper(request: Request, template: str, **values: Any) -> Response:
    site, _ = place(request)
    response = site.render(request, template, **values)
    response.headers.update(PRIVATE)
    return response
