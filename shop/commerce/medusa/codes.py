"""Why Medusa does not take a promotion code, or takes it and gives nothing for it."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from shop.commerce.medusa.api import Api
from shop.commerce.medusa.goods import minor
from shop.model import Locale, Money, Refused

FIELDS = "*campaign,*campaign.budget,*rules,*rules.values,+status,+limit,+used"
SUMS = ("item_total", "item_subtotal", "subtotal", "total", "original_item_total")


async def refusal(api: Api, code: str, locale: Locale) -> Refused:
    found = await api.admin("GET", "/promotions", code=code, fields=FIELDS)
    promotion = next(iter(found["promotions"]), None)
    return why(promotion, datetime.now(timezone.utc), locale.currency)


def why(promotion: dict[str, Any] | None, now: datetime, currency: str) -> Refused:
    if promotion is None or promotion.get("status") == "draft":
        return Refused("code_unknown")
    campaign = promotion.get("campaign") or {}
    if promotion.get("status") == "inactive" or over(campaign, now):
        return Refused("code_expired")
    if used_up(promotion, campaign):
        return Refused("code_used")
    for rule in promotion.get("rules") or ():
        if rule["attribute"] in SUMS and rule["operator"] in ("gte", "gt"):
            least = minor(rule["values"][0]["value"], currency)
            return Refused("code_minimum", minimum=Money(least, currency))
    return Refused("code_not_combinable")


def over(campaign: dict[str, Any], now: datetime) -> bool:
    ends = str(campaign.get("ends_at") or "")
    return bool(ends) and datetime.fromisoformat(ends.replace("Z", "+00:00")) < now


def used_up(promotion: dict[str, Any], campaign: dict[str, Any]) -> bool:
    counted = (promotion, campaign.get("budget") or {})
    return any(one.get("limit") and (one.get("used") or 0) >= one["limit"] for one in counted)
