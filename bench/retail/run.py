"""All tasks of the retail set, played through the running assistant: `make retail`.

python -m bench.retail.run [--language en|pl|es] [--seed N ...] [--tasks 0-99] [--limit N]

Without options: English with three seeds, then forty tasks each in Polish and in Spanish. Ends with
a status other than 0 if anything was written that should not have been.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.retail import data
from bench.retail.play import Outcome, Player
from bench.retail.state import Database
from tests.journeys.system import ROOT, System

OUTPUT = ROOT / "tests" / "output" / "retail"
POLICY = ROOT / "shop" / "retail" / "policy.yml"
PLAN = {"en": ((1, 2, 3), 400), "pl": ((1,), 40), "es": ((1,), 40)}  # seeds, tasks
WORKERS = 2


@contextmanager
def shop() -> Iterator[tuple[System, Database]]:
    """The whole system with the retail set loaded as its shop, in a folder that goes away."""
    var = Path(tempfile.mkdtemp(prefix="retail-"))
    system = System(var)
    system.env["SHOPKEEPER_POLICY"] = str(POLICY)
    OUTPUT.mkdir(parents=True, exist_ok=True)
    try:
        load = [system.env["ACTIONS_PYTHON"], "-m", "shop.retail", str(data.folder())]
        subprocess.run(load, cwd=ROOT, env=system.env, check=True)
        shutil.copy(var / "shop.db", var / "before.db")
        system.start("actions", "assistant")
        system.wait_for(f"http://127.0.0.1:{system.env['ACTIONS_PORT']}/health")
        system.wait_for(f"{system.assistant}/webhooks/web/health")
        yield system, Database(var / "shop.db", var / "before.db")
    finally:
        system.stop()
        for log in var.glob("*.log"):
            shutil.copy(log, OUTPUT)
        shutil.rmtree(var)


def play(
    system: System, database: Database, tasks: list[dict[str, Any]], language: str, seed: int
) -> Iterator[Outcome]:
    """Two conversations at a time, never two of one shopper."""
    player = Player(system, database, language, seed)
    of_shopper: dict[str, list[dict[str, Any]]] = {}
    for task in tasks:
        of_shopper.setdefault(task["user_id"], []).append(task)
    with ThreadPoolExecutor(WORKERS) as pool:
        played = pool.map(lambda own: [player.play(task) for task in own], of_shopper.values())
        for outcomes in played:
            yield from outcomes


def chosen(span: str | None, limit: int) -> list[dict[str, Any]]:
    """The tasks of a span of ids; some of them, always the same ones, where there are too many."""
    tasks = data.tasks()
    if span:
        first, _, last = span.partition("-")
        tasks = [task for task in tasks if int(first) <= task["id"] <= int(last or first)]
    return random.Random(0).sample(tasks, limit) if limit < len(tasks) else tasks


def report(outcomes: list[Outcome], title: str) -> None:
    """Passed and failed by kind of action, single and multiple."""
    print(f"\n{title}")
    kinds: dict[str, list[bool]] = {}
    for outcome in outcomes:
        size = "single" if len(outcome.kinds) == 1 else "multiple"
        for name in ("all", size, *sorted(set(outcome.kinds))):
            kinds.setdefault(name, []).append(outcome.passed)
    for name, results in sorted(kinds.items(), key=lambda entry: -len(entry[1])):
        share = sum(results) / len(results)
        print(f"{name:<10}{sum(results):>5} of {len(results):<5}{share:>7.1%}")
    turns = Counter(outcome.turns for outcome in outcomes)
    mean = sum(count * turn for turn, count in turns.items()) / len(outcomes)
    print(f"turns a task {mean:.1f}, at most {max(turns)}")
    print(f"illegal writes {sum(len(outcome.illegal) for outcome in outcomes)}")


def kept(outcomes: Iterable[Outcome], name: str) -> Iterator[Outcome]:
    """Writes down what failed, for reading, as soon as it has."""
    folder = OUTPUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for outcome in outcomes:
        print("." if outcome.passed else "F", end="", flush=True)
        if not outcome.passed:
            (folder / f"{outcome.task:03}.txt").write_text(outcome.report(), encoding="utf-8")
        yield outcome


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--language", choices=list(PLAN), action="append")
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--tasks", help="first-last")
    parser.add_argument("--limit", type=int)
    return parser.parse_args()


def main() -> None:
    data.require()
    arguments = options()
    illegal = 0
    with shop() as (system, database):
        for language in arguments.language or PLAN:
            seeds, limit = PLAN[language]
            tasks = chosen(arguments.tasks, arguments.limit or limit)
            for seed in arguments.seed or seeds:
                began = time.monotonic()
                played = play(system, database, tasks, language, seed)
                outcomes = list(kept(played, f"{language}-{seed}"))
                minutes = (time.monotonic() - began) / 60
                report(outcomes, f"{language}, seed {seed}, {minutes:.1f} minutes")
                illegal += sum(len(outcome.illegal) for outcome in outcomes)
        touched = database.others_touched(())
        print(f"\nnot as before, in all: {touched or 'nothing'}")
    sys.exit(bool(illegal or touched))


if __name__ == "__main__":
    main()
