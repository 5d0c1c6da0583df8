from __future__ import annotations

from datetime import date, datetime, timezone
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from shop.model import Locale, Money
from shop.policy import Policy, policy

RAW = yaml.safe_load(Path("shop/policy.yml").read_text(encoding="utf-8"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T09:30", "2026-11-23T10:30+01:00"),  # Monday morning: open now
        ("2026-11-23T06:00", "2026-11-23T09:00+01:00"),  # too early
        ("2026-11-23T16:00", "2026-11-24T09:00+01:00"),  # just closed
        ("2026-11-20T17:00", "2026-11-23T09:00+01:00"),  # Friday evening
        ("2026-12-23T20:00", "2026-12-28T09:00+01:00"),  # Christmas and a weekend
        ("2026-07-10T15:30", "2026-07-13T09:00+02:00"),  # summer time
        ("2027-03-28T12:00", "2027-03-30T09:00+02:00"),  # Easter Monday, a day that moves
    ],
)
def test_next_opening_is_in_the_shops_own_time(now: str, opens: str) -> None:
    assert policy().next_opening(at(now)) == datetime.fromisoformat(opens)


def test_open_is_open() -> None:
    assert policy().is_open(at("2026-11-23T08:00"))
    assert not policy().is_open(at("2026-11-23T16:00"))
    assert policy().is_open(at("2026-11-28T10:00"), "store")
    assert not policy().is_open(at("2026-11-11T10:00"))


def test_working_days_skip_weekends_and_holidays() -> None:
    assert policy().working_day(date(2026, 12, 23), 1) == date(2026, 12, 28)
    assert policy().working_day(date(2026, 11, 27), 2) == date(2026, 12, 1)


def test_delivery_is_free_from_its_limit_on() -> None:
    method = next(m for m in policy().delivery if m.id == "courier_pl")
    pl = Locale("pl", "PLN")
    limit = method.free_from["PLN"]
    assert method.offer(pl, Money(limit, "PLN"), "en").price.minor == 0
    assert method.offer(pl, Money(limit - 1, "PLN"), "en").price.minor == method.price["PLN"]
    assert method.offer(Locale("de", "EUR"), Money(0, "EUR"), "en").title == "Courier"


def test_an_unknown_language_falls_back_to_the_default_market() -> None:
    assert policy().market("ja") == policy().market(policy().default_language)


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": "Europe/Kraków"},
        {"default_language": "fr"},
        {"holidays": ["02-30"]},
        {"hours": {"support": {"monday": "9:00-17:00"}, "store": {}}},
        {"delivery": [{**RAW["delivery"][0], "price": {"PLN": 100}}]},
        {"surprise": True},
        {"after_sale": {**RAW["after_sale"], "cancel": {"states": ["nearly_sent"]}}},
        {"after_sale": {**RAW["after_sale"], "return": {"states": [], "refund_to": ["cash"]}}},
        {"after_sale": {**RAW["after_sale"], "problems": {"late": {"states": []}}}},
        {"after_sale": {**RAW["after_sale"], "change_items": {"states": ["paid"], "times": 2}}},
        {"identity": {**RAW["identity"], "code_tries": "many"}},
    ],
    ids=str,
)
def test_a_wrong_policy_is_refused(change: dict[str, object]) -> None:
    with pytest.raises((ValidationError, KeyError)):
        Policy.model_validate({**RAW, **change})


@pytest.mark.parametrize("what", ["cancel", "change_items", "change_payment", "return", "exchange"])
def test_what_is_allowed_is_found_by_its_name(what: str) -> None:
    states = [state.value for state in policy().after_sale.allowed(what).states]
    assert states == RAW["after_sale"][what]["states"]
