"""Cases of a Sprout Social double, a week at a time and page by page, into the CRM's log."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from shop.crm import sproutsocial
from shop.crm.demo import DemoCRM
from shop.crm.sproutsocial import SproutSocial, load, weeks
from shop.model import Refused, Unavailable
from shop.store import Store
from shop.tables import outcomes
from tests.shop.vendor import Asked, Said, serving

WHO = "social@halny.example"
CASES = [
    {
        "case_id": str(4000 + day),
        "status": "OPEN",
        "priority": "HIGH",
        "created_time": "2026-11-01T08:00:00Z",
        "updated_time": f"2026-11-{day:02}T10:00:00Z",
    }
    for day in range(1, 21)
]
FILTER = re.compile(r"updated_time\.in\((\d{4}-\d\d-\d\d)\.\.\.(\d{4}-\d\d-\d\d)\)")


def answer(asked: Asked) -> Said:
    """Three cases a page; more than a week, or a field that the documents do not have, is a 400."""
    body = asked.json
    known = {"filters", "sort", "timezone", "page_cursor", "limit", "fields"}
    window = FILTER.fullmatch(body["filters"][0])
    if asked.headers.get("authorization") != "Bearer token-1":
        return Said(401, {"error": "Unauthorized"})
    if asked.path != "/v1/77/cases/filter" or {*body} - known or not window:
        return Said(400, {"error": "Bad Request"})
    start, end = map(date.fromisoformat, window.groups())
    if end - start > timedelta(days=7):
        return Said(400, {"error": "more than a week"})
    found = [c for c in CASES if start.isoformat() <= c["updated_time"] < end.isoformat()]
    first = int(body.get("page_cursor", 0))
    more = {"next_cursor": str(first + 3)} if first + 3 < len(found) else {}
    return Said(200, {"data": found[first : first + 3], "paging": more})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sproutsocial, "BETWEEN", 0.0)


async def test_every_case_is_logged_once(store: Store) -> None:
    crm = DemoCRM(store.url)
    query = select(outcomes.c.reference, outcomes.c.details).where(outcomes.c.who == WHO)
    with serving(answer) as vendor:
        sprout = SproutSocial("77", "token-1", vendor.url)
        for _ in range(2):
            assert await load(sprout, crm, WHO, date(2026, 11, 1), date(2026, 11, 21)) == 20
    kept = await store.read(lambda connection: list(connection.execute(query)))
    assert sorted(row.reference for row in kept) == [case["case_id"] for case in CASES]
    assert kept[0].details["priority"] == "HIGH"


async def test_refusals_and_nonsense_stop_it() -> None:
    with serving(lambda _: Said(403, {"error": "plan"})) as vendor:
        sprout = SproutSocial("77", "token-1", vendor.url)
        with pytest.raises(Refused):
            await anext(sprout.cases(date(2026, 11, 1), date(2026, 11, 2)))
        vendor.answer = lambda _: Said(200, {})
        with pytest.raises(Unavailable):
            await anext(sprout.cases(date(2026, 11, 1), date(2026, 11, 2)))


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 100))
def test_weeks_cover_the_time_without_gaps(since: date, days: int) -> None:
    until = since + timedelta(days=days)
    pieces = list(weeks(since, until))
    assert [start for start, _ in pieces[1:]] == [end for _, end in pieces[:-1]]
    assert all(start < end <= start + timedelta(days=7) for start, end in pieces)
    assert not pieces or (pieces[0][0], pieces[-1][1]) == (since, until)


def test_the_command_says_how_it_is_used() -> None:
    assert "no endpoint to reply" in " ".join(sproutsocial.main([]).split())
