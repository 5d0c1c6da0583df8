"""What Shopify says when it does not do what it was asked."""

from __future__ import annotations

from typing import Any

import pytest

from shop.commerce.shopify.api import Objection, code_of, pause_of
from shop.commerce.shopify.vendor import no_use
from shop.model import Money


def test_why_a_code_brings_nothing() -> None:
    least = {"greaterThanOrEqualToSubtotal": {"amount": "300.0", "currencyCode": "PLN"}}
    refusal = no_use({"usageLimit": None, "asyncUsageCount": 0, "minimumRequirement": least})
    assert (refusal.reason, refusal.details) == ("code_minimum", {"minimum": Money(30000, "PLN")})
    assert no_use({"usageLimit": 2, "asyncUsageCount": 2}).reason == "code_used"
    assert no_use({"usageLimit": 2, "asyncUsageCount": 1}).reason == "code_not_combinable"


@pytest.mark.parametrize(
    ("requested", "available", "rate", "pause"),
    [(52, 42, 100.0, 0.1), (752, 252, 100.0, 5.0), (52, 42, 0, 1.0), (None, None, None, 1.0)],
)
def test_what_was_throttled_waits_for_its_points(
    requested: Any, available: Any, rate: Any, pause: float
) -> None:
    status = {"currentlyAvailable": available, "restoreRate": rate}
    cost = {"requestedQueryCost": requested, "throttleStatus": status}
    throttled = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    assert pause_of({"errors": throttled, "extensions": {"cost": cost}}) == pause
    assert pause_of({"data": {}, "extensions": {"cost": cost}}) == 0


def test_errors_tell_codes_and_no_messages() -> None:
    said = {"message": "ewa@example.org is unknown", "extensions": {"code": "ACCESS_DENIED"}}
    assert code_of({"errors": [said]}) == "ACCESS_DENIED"
    assert code_of({"errors": "Not Found"}) == code_of({}) == "nonsense"
    error = {"field": ["input", "email"], "message": "ewa@example.org is taken", "code": "TAKEN"}
    assert str(Objection("orderUpdate", [error])) == "shopify: orderUpdate TAKEN input.email"
