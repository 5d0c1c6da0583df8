"""What answers may quote of the shop, as values for responses; the numbers are the policy's."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from actions.turn import said
from shop.model import Locale, Money
from shop.policy import DAYS, Delivery, Policy, policy


def facts(locale: Locale, country: str | None = None) -> dict[str, Any]:
    """Every value that an answer of data/faq may name, in the shopper's currency and for the
    country asked about, else the market's."""
    shop = policy()
    country = country or shop.market(locale.language).country
    return {
        **contact(shop, locale),
        **delivery(shop, locale, country),
        **payment(shop, locale),
        **after_sale(shop, country),
        **offers(shop, locale),
    }


def contact(shop: Policy, locale: Locale) -> dict[str, Any]:
    where = shop.contact.address
    return {
        "shop": shop.name,
        "phone": shop.contact.phone_es if locale.language == "es" else shop.contact.phone,
        "email": shop.contact.email,
        "business_email": shop.contact.business_email,
        "jobs_email": shop.contact.jobs_email,
        "privacy_email": shop.contact.privacy_email,
        "address": f"{where.street}, {where.postcode} {where.city}",
        "address_country": {"country": where.country},
        "deletion_days": shop.account["deletion_days"],
        "business_pieces": shop.business["minimum_pieces"],
        "business_days": shop.business["answer_days"],
        "store_hours": week(shop, "store"),
        **support(shop),
    }


def support(shop: Policy) -> dict[str, Any]:
    """When a person answers: `open` is "yes" while somebody is there, `next` when again."""
    now = datetime.now(timezone.utc)
    return {
        "hours": week(shop, "support"),
        "open": "yes" if shop.is_open(now) else "no",
        "next": shop.next_opening(now),
    }


def week(shop: Policy, place: str) -> dict[str, Any]:
    hours = shop.hours[place]  # type: ignore[index]
    span = {day: [f"{t:%H:%M}" for t in hours[day]] if day in hours else None for day in DAYS}
    return {"week": span}


def delivery(shop: Policy, locale: Locale, country: str) -> dict[str, Any]:
    home = shop.deliveries(country)
    abroad = [method for method in shop.delivery if len(method.countries) > 5]
    points = [method for method in home if method.to_point]
    free = min(
        (method.free_from[locale.currency] for method in home if method.free_from), default=0
    )
    return {
        "country": {"country": country},
        "methods": [in_words(method, locale) for method in home],
        "points": [in_words(method, locale) for method in points],
        "collect": "yes" if points else "no",
        "abroad": [in_words(method, locale) for method in abroad],
        "countries": sum(len(method.countries) for method in abroad),
        "free_from": Money(free, locale.currency),
        "cutoff": f"{shop.dispatch.cutoff:%H:%M}",
        "fastest": min(method.days[0] for method in home),
        "slowest": max(method.days[1] for method in home),
    }


def in_words(method: Delivery, locale: Locale) -> dict[str, Any]:
    price = Money(method.price[locale.currency], locale.currency)
    title = method.title[locale.language]
    return delivery_in_words(f"{title} ({method.carrier})", price, method.days)


def delivery_in_words(title: str, price: Money, days: tuple[int, int]) -> dict[str, Any]:
    return said(
        "utter_name_delivery",
        title=title,
        price=price,
        free="yes" if not price.minor else "no",
        from_days=days[0],
        to_days=days[1],
    )


def payment(shop: Policy, locale: Locale) -> dict[str, Any]:
    terms = shop.payment
    parts, later, cash = terms.instalments, terms.pay_later, terms.cash_on_delivery
    return {
        "payments": [said(f"utter_name_payment_{method}") for method in terms.methods],
        "transfer_days": terms.transfer_days,
        "instalments": "yes" if parts else "no",
        "parts": parts.parts if parts else 0,
        "instalments_by": parts.provider if parts else "",
        "instalments_from": Money(parts.minimum[locale.currency] if parts else 0, locale.currency),
        "pay_later": "yes" if later else "no",
        "pay_later_by": later.provider if later else "",
        "pay_later_days": later.days if later else 0,
        "cash": "yes" if cash else "no",
        "cash_price": Money(cash.price[locale.currency] if cash else 0, locale.currency),
        "cash_countries": [{"country": code} for code in cash.countries] if cash else [],
    }


def after_sale(shop: Policy, country: str) -> dict[str, Any]:
    years, days = shop.warranty.conformity_years, shop.warranty.complaint_days
    return {
        "return_days": shop.returns.window_days,
        "withdrawal_days": shop.returns.withdrawal_days,
        "send_back_days": shop.returns.send_back_days,
        "refund_days": shop.returns.refund_days,
        "refund_from": shop.returns.usual_refund_days[0],
        "refund_to": shop.returns.usual_refund_days[1],
        "label_free": [{"country": code} for code in shop.returns.label_free],
        "exchange_days": shop.returns.exchange_days,
        "warranty_years": years.get(country, years["default"]),
        "complaint_days": days.get(country, days["default"]),
    }


def offers(shop: Policy, locale: Locale) -> dict[str, Any]:
    gifts, promotions = shop.gifts, shop.promotions
    cards = [Money(value, locale.currency) for value in gifts.card_values[locale.currency]]
    return {
        "card_values": cards,
        "card_months": gifts.card_months,
        "wrapping": Money(gifts.wrapping[locale.currency], locale.currency),
        "newsletter_code": promotions.newsletter_code,
        "newsletter_percent": promotions.newsletter_percent,
        "add_up": "yes" if promotions.codes_add_up else "no",
        "student": promotions.student_percent,
        "loyalty": "yes" if shop.loyalty["programme"] else "no",
        "restock_from": shop.restock["weeks"][0],
        "restock_to": shop.restock["weeks"][1],
    }
