"""What a cart rule takes off. The webservice does not put rules into carts, so the rule is read and
reckoned here, and written to the order when that is placed. It does not say either which products,
countries or groups a rule is meant for: those rules are refused."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from shop.commerce.prestashop.api import Row
from shop.commerce.prestashop.facts import Facts, on
from shop.commerce.remote.amounts import minor
from shop.model import Locale, Money, Refused
from shop.store import now

BEYOND_US = (
    "country_restriction",
    "carrier_restriction",
    "group_restriction",
    "product_restriction",
    "id_customer",
    "gift_product",
    "free_shipping",
    "reduction_product",
    "reduction_exclude_special",
)


def check(rule: Row | None, facts: Facts) -> Row:
    """Whether it can be used at all. Raises Refused."""
    if rule is None or not on(rule, "active") or facts.seconds(rule["date_from"]) > now():
        raise Refused("code_unknown")
    if facts.seconds(rule["date_to"]) < now():
        raise Refused("code_expired")
    if not on(rule, "quantity"):
        raise Refused("code_used")
    untaxed = Decimal(rule["reduction_amount"] or 0) and not on(rule, "reduction_tax")
    if any(on(rule, flag) for flag in BEYOND_US) or untaxed:
        raise Refused("code_not_combinable")
    return rule


def discount(rule: Row, goods: int, locale: Locale, facts: Facts) -> int:
    """Off goods that cost so much with tax. Raises Refused(code_minimum)."""
    least = converted(rule["minimum_amount"], rule["minimum_amount_currency"], locale, facts)
    if goods < least:
        raise Refused("code_minimum", minimum=Money(least, locale.currency))
    percent = Decimal(rule["reduction_percent"] or 0)
    if percent:
        return int((goods * percent / 100).quantize(Decimal(1), ROUND_HALF_UP))
    amount = converted(rule["reduction_amount"], rule["reduction_currency"], locale, facts)
    return min(goods, amount)


def converted(amount: str, currency: str, locale: Locale, facts: Facts) -> int:
    """Minor units of the shopper's currency."""
    value = Decimal(amount or 0)
    if not value:
        return 0
    theirs = facts.currency_of(currency) if currency.strip("0") else facts.default_currency
    return minor(value / theirs.rate * facts.currency(locale.currency).rate, locale.currency)
