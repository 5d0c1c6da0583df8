"""A sample of the retail set, played as conversations through the running system; `make retail`
plays all of it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest

from bench.retail import data
from bench.retail.run import chosen, kept, play, shop
from bench.retail.state import Database
from tests.journeys.system import System

missing = not (data.folder() / "tasks.json").exists() and not os.environ.get("CI")
pytestmark = pytest.mark.skipif(missing, reason=f"THE RETAIL SET IS NOT AT {data.folder()}")
SAMPLE = {"en": 24, "pl": 8, "es": 8}
LEAST = 0.9  # of the sample; the whole is measured with 0.95


@pytest.fixture(scope="module")
def retail() -> Iterator[tuple[System, Database]]:
    with shop() as running:
        yield running


@pytest.mark.parametrize("language", SAMPLE)
def test_tasks_end_as_the_gold_actions_do(language: str, retail: tuple[System, Database]) -> None:
    system, database = retail
    tasks = chosen(None, SAMPLE[language])
    outcomes = list(kept(play(system, database, tasks, language, 1), f"sample-{language}"))
    assert not [outcome.illegal for outcome in outcomes if outcome.illegal]
    assert not database.others_touched(())
    passed = Counter(outcome.passed for outcome in outcomes)
    failed = [outcome.report() for outcome in outcomes if not outcome.passed]
    assert passed[True] >= LEAST * len(tasks), "\n\n".join(failed)
