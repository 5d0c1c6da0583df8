"""A product as data for the page's script and for search engines (schema.org)."""

from __future__ import annotations

from typing import Any

from babel import Locale as BabelLocale
from babel.numbers import format_currency

from shop.model import Product, Variant

LOW = 4


def variants(product: Product, texts: dict[str, Any], language: str) -> list[dict[str, Any]]:
    return [
        {
            "options": variant.options,
            "labels": variant.labels,
            "image": variant.image,
            "stock": variant.stock,
            "stock_text": stock_text(variant, texts, language),
            "price": format_currency(
                variant.price.amount.decimal, variant.price.amount.currency, locale=language
            ),
        }
        for variant in product.variants
    ]


def stock_text(variant: Variant, texts: dict[str, Any], language: str) -> str:
    if variant.stock == 0:
        return texts["sold_out"]
    if variant.stock >= LOW:
        return texts["in_stock"]
    forms = texts["left"]
    form = BabelLocale(language).plural_form(variant.stock)
    return forms.get(form, forms["other"]).format(n=variant.stock)


def json_ld(product: Product, url: str) -> dict[str, Any]:
    offer = {
        "@type": "Offer",
        "url": url,
        "price": product.price.amount.decimal,
        "priceCurrency": product.price.amount.currency,
        "availability": f"https://schema.org/{'InStock' if product.in_stock else 'OutOfStock'}",
    }
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": product.title,
        "description": product.description,
        "image": product.image,
        "sku": product.id,
        "brand": {"@type": "Brand", "name": product.brand},
        "offers": offer,
    }
    if product.rating:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": product.rating.average,
            "reviewCount": product.rating.count,
        }
    return data
