"""One task played through the running assistant, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from bench.retail import gold, state
from bench.retail.data import World
from bench.retail.shopper import MOST_TURNS, Shopper
from bench.retail.state import Database, comparable, differences
from bench.retail.talk import Talk
from bench.retail.wishes import wishes
from tests.journeys.system import System


@dataclass
class Outcome:
    task: int
    kinds: list[str]
    turns: int = 0
    faults: list[str] = field(default_factory=list)  # what is not as the gold actions leave it
    illegal: list[str] = field(default_factory=list)  # what nobody should ever have written
    transcript: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.faults and not self.illegal

    def report(self) -> str:
        found = [f"- {fault}" for fault in (*self.illegal, *self.faults)]
        return "\n".join([f"task {self.task}: {', '.join(self.kinds)}", *found, *self.transcript])


class Player:
    def __init__(self, system: System, database: Database, language: str, seed: int) -> None:
        self.system, self.database = system, database
        self.language, self.seed = language, seed

    def play(self, task: dict[str, Any]) -> Outcome:
        shopper = Shopper(task, self.language, self.seed)
        outcome = Outcome(task["id"], [wish.kind for wish in wishes(task["instruction"])])
        talk = Talk(self.system, self.language)
        try:
            self.talk(shopper, talk, task["user_id"], outcome)
        except httpx.HTTPError as trouble:
            outcome.faults.append(f"no answer: {trouble!r}")
        finally:
            talk.close()
        self.judge(task, outcome)
        self.database.restore([task["user_id"]])
        return outcome

    def talk(self, shopper: Shopper, talk: Talk, user_id: str, outcome: Outcome) -> None:
        says: str | None = shopper.opening()
        before = self.world(user_id)
        while says and outcome.turns < MOST_TURNS:
            outcome.turns += 1
            outcome.transcript.append(f"> {says}")
            agreed = shopper.agreed
            replies = talk.say(says)
            outcome.transcript += [shown(reply) for reply in replies]
            after = self.world(user_id)
            if after != before and not agreed:
                outcome.illegal.append(f"written without a yes: {differences(before, after)}")
            before = after
            says = shopper.answer([reply["text"] or "" for reply in replies])

    def world(self, user_id: str) -> World:
        return comparable(self.database.world(user_id))

    def judge(self, task: dict[str, Any], outcome: Outcome) -> None:
        after, done = gold.expected(task)
        found = self.world(task["user_id"])
        expected = comparable(after)
        outcome.faults += differences(expected, found)
        outcome.illegal += forbidden(task, done, expected, found)


def forbidden(task: dict[str, Any], done: list[bool], expected: World, found: World) -> list[str]:
    """Changes of orders that nobody asked to change, and of those where the rules allow none."""
    before = state.pristine(task["user_id"])
    wished = {a["kwargs"]["order_id"] for a in task["actions"]}
    allowed = {a["kwargs"]["order_id"] for a, ok in zip(task["actions"], done, strict=True) if ok}
    changed = {number for number, o in found["orders"].items() if o != before["orders"].get(number)}
    refused = {n for n in wished - allowed if found["orders"][n] != expected["orders"][n]}
    unasked = [f"{number} was not to be touched" for number in sorted(changed - wished)]
    return unasked + [f"the rules do not allow it for {number}" for number in sorted(refused)]


def shown(reply: dict[str, Any]) -> str:
    buttons = " ".join(f"[{button['title']}]" for button in reply["buttons"])
    return f"< {reply['text']} {buttons}".rstrip()
