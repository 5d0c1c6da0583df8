"""The demo shop's pages, the widget's files, pictures and the sandbox payment page, as an ASGI app.

    python -m shop.front

Reads PUBLIC_URL (of these pages), ASSISTANT_URL (the assistant's), FRONT_HOST and FRONT_PORT. It
also delivers what is in the shop's outbox, takes the webhooks of payment provider and help desk,
and sees to what is to be done there (shop/jobs.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route

from shop import connect, jobs, notice
from shop.front import pages, papers, payment, ticket
from shop.front.files import Files
from shop.front.pictures import picture
from shop.front.security import SecurityHeaders
from shop.front.site import WEB, Site
from shop.model import NotFound, ShopError, Wishes
from shop.policy import policy
from shop.store import open_store


@contextlib.asynccontextmanager
async def deliveries(app: Starlette) -> AsyncIterator[None]:
    """Sends what the shop has to tell for as long as the front runs; the first search, which reads
    the whole catalogue, is done before the first shopper asks."""
    with contextlib.suppress(ShopError):
        await connect("commerce").search(Wishes(), app.state.site.locale(policy().default_language))
    tasks = [asyncio.create_task(work) for work in (notice.run(), jobs.run(open_store()))]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def create_app() -> Starlette:
    site = Site.load()
    app = Starlette(
        lifespan=deliveries,
        routes=[
            Route("/", pages.choose_language),
            Mount("/widget", Files(directory=WEB / "widget", cross_origin=True)),
            Mount("/static", Files(directory=WEB / "shop" / "static")),
            Route("/pictures/{name}/{colour}.svg", picture),
            Route("/pay/back/{reference}", payment.back),
            Route("/pay/{session}", payment.show),
            Route("/pay/{session}", payment.settle, methods=["POST"]),
            Route("/products/{id}", pages.choose_language),
            Route("/webhooks/payments", payment.webhook, methods=["POST"]),
            Route("/webhooks/helpdesk", ticket.webhook, methods=["POST"]),
            Route("/{page}", pages.choose_language),
            Route("/{lang}/", pages.home),
            Route("/{lang}/search", pages.search),
            Route("/{lang}/category/{id}", pages.category),
            Route("/{lang}/product/{id}", pages.product),
            Route("/{lang}/legal/{page}", pages.legal),
            Route("/{lang}/order/{number}/invoice", papers.invoice),
            Route("/{lang}/order/{number}/label/{id}", papers.label),
        ],
        middleware=[
            Middleware(SecurityHeaders, site=site),
            Middleware(GZipMiddleware, minimum_size=1000),
        ],
        exception_handlers={
            404: pages.not_found,
            NotFound: pages.not_found,
            ShopError: pages.closed,
            Exception: pages.closed,
        },
    )
    app.state.site = site
    return app
