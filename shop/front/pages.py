"""The shop's pages."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import shop
from shop.front import offers
from shop.front.pictures import colours
from shop.front.site import Site, site_of
from shop.model import Found, Product, Sort, Wishes

TILES = 8
PAGE = 96
SORTS = (Sort.RELEVANCE, Sort.CHEAPEST, Sort.BEST_RATED, Sort.NEWEST)


def place(request: Request) -> tuple[Site, str]:
    """The site and the language of the address; 404 for a language that the shop does not speak."""
    site = site_of(request)
    language = request.path_params["lang"]
    if language not in site.languages:
        raise HTTPException(404)
    return site, language


async def find(site: Site, language: str, limit: int, **wishes: Any) -> Found:
    commerce = shop.connect("commerce")
    return await commerce.search(Wishes(**wishes), site.locale(language), limit=limit)


async def choose_language(request: Request) -> Response:
    """Addresses without a language, as the catalogue and the policy give them."""
    site = site_of(request)
    language = site.language(request)
    page, id_ = request.path_params.get("page"), request.path_params.get("id")
    if page in site.languages:
        return RedirectResponse(f"/{page}/", 308)
    if page and page not in site.settings["legal"]:
        raise HTTPException(404)
    rest = f"legal/{page}" if page else f"product/{id_}" if id_ else ""
    return RedirectResponse(f"/{language}/{rest}", 302, {"Vary": "Accept-Language, Referer"})


async def home(request: Request) -> Response:
    site, language = place(request)
    sale = await find(site, language, TILES // 2, on_sale=True, in_stock=True)
    loved = await find(site, language, TILES, sort=Sort.BEST_RATED, in_stock=True)
    return site.render(request, "home.html", sale=sale.products, loved=loved.products)


async def category(request: Request) -> Response:
    site, language = place(request)
    id_, sort = request.path_params["id"], sort_of(request)
    if id_ not in site.texts[language]["category_names"]:
        raise HTTPException(404)
    found = await find(site, language, PAGE, facets={"category": (id_,)}, sort=sort)
    title = site.texts[language]["category_names"][id_]
    return site.render(
        request, "list.html", title=title, found=found, sort=sort, query="", here=id_
    )


async def search(request: Request) -> Response:
    site, language = place(request)
    query = request.query_params.get("q", "").strip()[:200]
    on_sale, sort = "sale" in request.query_params, sort_of(request)
    found = await find(site, language, PAGE, text=query, on_sale=on_sale, sort=sort)
    texts = site.texts[language]
    title = (
        texts["results"].format(query=query) if query else texts["on_sale" if on_sale else "search"]
    )
    return site.render(
        request, "list.html", title=title, found=found, sort=sort, query=query, here=""
    )


def sort_of(request: Request) -> Sort:
    try:
        return Sort(request.query_params.get("sort", ""))
    except ValueError:
        return Sort.RELEVANCE


async def product(request: Request) -> Response:
    site, language = place(request)
    commerce, locale = shop.connect("commerce"), site.locale(language)
    thing = await commerce.product(request.path_params["id"], locale)
    similar = await commerce.related("similar", thing.id, locale, limit=4)
    choices = {axis: values_of(thing, axis) for axis in thing.axes}
    return site.render(
        request,
        "product.html",
        product=thing,
        similar=similar,
        choices=choices,
        colours=colours(),
        variants=offers.variants(thing, site.texts[language], language),
        json_ld=offers.json_ld(thing, f"{site.public_url}/{language}/product/{thing.id}"),
    )


def values_of(thing: Product, axis: str) -> dict[str, str]:
    """Ids and names of the values that the variants have on one axis, in their order."""
    return {variant.options[axis]: variant.labels[axis] for variant in thing.variants}


async def legal(request: Request) -> Response:
    site, _ = place(request)
    if request.path_params["page"] not in site.settings["legal"]:
        raise HTTPException(404)
    return site.render(request, "legal.html", page=request.path_params["page"])


async def not_found(request: Request, trouble: Exception) -> Response:
    return site_of(request).render(request, "missing.html", 404)


async def closed(request: Request, trouble: Exception) -> Response:
    return site_of(request).render(request, "closed.html", 503)
