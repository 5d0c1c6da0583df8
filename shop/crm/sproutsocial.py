"""Sprout Social: reads its cases into the CRM's log. Read only: Sprout Social has no endpoint to
reply by, so shoppers cannot be answered through it (connect their platforms as channels instead).

    SPROUT_TOKEN=... python -m shop.crm.sproutsocial CUSTOMER CONTACT 2026-11-01 [2026-11-23]

logs the cases that changed from the first day on, until before the second (default: today), in the
CRM of endpoints.yml as notes of CONTACT, an e-mail of your own (social@halny.example): a case names
no e-mail or phone of its author. A case is noted once a status; running it again adds nothing.

Advanced or Enterprise plan; Settings > API > Access Management: a token, which an account owner
makes after Sprout Social has switched the API on. CUSTOMER is the customer_id that
GET https://api.sproutsocial.com/v1/metadata/client tells. 60 calls a minute, 250,000 a month.
https://api.sproutsocial.com/docs/ (cases: POST /v1/<customer>/cases/filter, a week at a time)
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime, timedelta, timezone
from typing import Any

from shop import connect
from shop.crm.base import CRM, named
from shop.http import BackEnd, Header
from shop.model import Note, Refused, ShopError, Unavailable

API = "https://api.sproutsocial.com"
WEEK = timedelta(days=7)
BETWEEN = 1.0  # seconds between two calls, of which 60 a minute are allowed
TOLD = ("status", "type", "priority", "created_time", "queue_id")


class SproutSocial:
    def __init__(self, customer: str, token: str, api: str = API) -> None:
        self._api = BackEnd("sproutsocial", api, Header("Authorization", f"Bearer {token}"))
        self._path = f"/v1/{customer}/cases/filter"

    async def cases(self, since: date, until: date) -> AsyncIterator[dict[str, Any]]:
        """Those that changed from `since` on and before `until`. Raises Unavailable and Refused."""
        for start, end in weeks(since, until):
            cursor = ""
            while True:
                page = await self._page(start, end, cursor)
                for case in page["data"]:
                    yield case
                cursor = (page.get("paging") or {}).get("next_cursor") or ""
                if not cursor:
                    break

    async def _page(self, start: date, end: date, cursor: str) -> dict[str, Any]:
        asked = {
            "filters": [f"updated_time.in({start.isoformat()}...{end.isoformat()})"],
            "sort": ["updated_time:asc"],
            "timezone": "UTC",
            **({"page_cursor": cursor} if cursor else {}),
        }
        await asyncio.sleep(BETWEEN)
        answer = await self._api.call("POST", self._path, json=asked, repeatable=True)
        if answer.status in (400, 403, 404):
            raise Refused("sproutsocial", status=answer.status)
        if not answer.ok or not isinstance(answer.content, dict) or "data" not in answer.content:
            raise Unavailable(f"sproutsocial: {answer.status}")
        return answer.content


def weeks(since: date, until: date) -> Iterator[tuple[date, date]]:
    """The time between two days in pieces of a week, each with its first day and the one after."""
    while since < until:
        end = min(since + WEEK, until)
        yield since, end
        since = end


def to_note(case: dict[str, Any], who: str) -> Note:
    number = str(case.get("case_id") or case["id"])
    details = {name: str(case[name]) for name in TOLD if case.get(name) is not None}
    updated = datetime.fromisoformat(str(case["updated_time"]).replace("Z", "+00:00"))
    aware = updated if updated.tzinfo else updated.replace(tzinfo=timezone.utc)
    outcome = f"sprout_case_{str(case.get('status', 'seen')).lower()}"
    conversation = f"sproutsocial:{number}"
    return Note(conversation, outcome, number, who, int(aware.timestamp()), details)


async def load(sprout: SproutSocial, crm: CRM, who: str, since: date, until: date) -> int:
    """How many cases were found."""
    count = 0
    await crm.save_contact(named(who))
    async for case in sprout.cases(since, until):
        await crm.log(to_note(case, who))
        count += 1
    return count


def main(arguments: list[str]) -> str:
    if len(arguments) not in (3, 4) or "SPROUT_TOKEN" not in os.environ:
        return __doc__ or ""
    customer, who, *days = arguments
    since, until = date.fromisoformat(days[0]), datetime.now(timezone.utc).date()
    until = date.fromisoformat(days[1]) if len(days) == 2 else until
    sprout = SproutSocial(customer, os.environ["SPROUT_TOKEN"])
    try:
        return f"{asyncio.run(load(sprout, connect('crm'), who, since, until))} cases"
    except ShopError as trouble:
        return f"stopped: {trouble}"


if __name__ == "__main__":
    print(main(sys.argv[1:]))
