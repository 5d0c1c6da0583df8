"""Processes that are killed while people write on six platforms, and what the platforms showed.

The platforms' side is counted: a text that was shown is neither lost nor unsent, whatever the
outbox knows of it; one that was shown twice is doubled, whatever the reason.
"""

from __future__ import annotations

import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import requests

from channels.inbox.store import Store
from tests.channels import voices
from tests.channels.fake_platform import Platform
from tests.channels.rig import Actions, Assistant, Process
from tests.channels.voices import VOICES, Voice

SETTLE_SECONDS = 240.0
START_SECONDS = 300.0
"""A busy machine takes its time."""


@dataclass(frozen=True)
class Count:
    """What was seen at the end; `unknown` letters are those of which the outbox cannot tell."""

    lost: list[str]
    doubled: list[str]
    in_order: bool
    states: Counter[str]
    turns: int


class Crowd:
    """Each person writes one message after the other; the platform repeats what was not taken."""

    def __init__(self, url: str, people: int, messages: int) -> None:
        self.url, self.messages = url, messages
        self.people = [(v, v.person(n)) for n in range(1, people + 1) for v in VOICES]
        self._may = threading.Semaphore(0)
        self._ids = iter(range(1, 1_000_000))
        self._over = False
        self._threads = [
            threading.Thread(target=self._write, args=who, daemon=True) for who in self.people
        ]

    def __enter__(self) -> Crowd:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, failed: object, *_: object) -> None:
        self._over = failed is not None
        for thread in () if failed else self._threads:
            thread.join(SETTLE_SECONDS)
            assert not thread.is_alive()

    def go_on(self, count: int) -> None:
        """So many more messages may be written."""
        for _ in range(count):
            self._may.release()

    def _write(self, voice: Voice, person: str) -> None:
        for number in range(self.messages):
            self._may.acquire()
            headers, body = voice.say(person, str(next(self._ids)), f"say {number}")
            while not self._over and not self._post(voice, headers, body):
                time.sleep(0.2)

    def _post(self, voice: Voice, headers: dict[str, str], body: bytes) -> bool:
        url = f"{self.url}/webhooks/{voice.name}/webhook"
        try:
            return requests.post(url, data=body, headers=headers, timeout=10).status_code == 200
        except requests.RequestException:
            return False


def play(
    assistant: Assistant,
    victims: Sequence[Process],
    platform: Platform,
    *,
    people: int,
    kills: int,
    each: int,
) -> Count:
    """Kills the victims in turn, `kills` times, at random moments, one message of each of the
    `people` of every platform before each; then the rest of the `each` messages of a person.

    The platforms post to the last victim.
    """
    chance = random.Random(kills)
    with Crowd(victims[-1].url, people, each) as crowd:
        for moment in range(kills):
            crowd.go_on(len(crowd.people))
            time.sleep(chance.uniform(0, 1.2))
            victim = victims[moment % len(victims)]
            victim.stop(signal.SIGKILL)
            victim.start(START_SECONDS)
        crowd.go_on(len(crowd.people) * (each - kills))
    states = settled(assistant.database, len(crowd.people) * each)
    return counted(crowd, platform, states, assistant.talk)


def counted(crowd: Crowd, platform: Platform, states: Counter[str], talk: Path) -> Count:
    seen = voices.shown(VOICES, list(platform.heard))
    lost, doubled, in_order = [], [], True
    for voice, person in crowd.people:
        texts = [text.partition(" (")[0] for text in seen.get((voice.name, person), [])]
        wanted = [f"say {number}" for number in range(crowd.messages)]
        where = f"{voice.name} {person}: "
        lost += [where + text for text in wanted if text not in texts]
        doubled += [where + text for text, times in Counter(texts).items() if times > 1]
        in_order = in_order and sorted(texts, key=wanted.index) == texts
    return Count(lost, doubled, in_order, states, turns(talk))


def turns(talk: Path) -> int:
    """How many messages of people the conversations hold."""
    db = sqlite3.connect(talk)
    query = "SELECT count(*) FROM events WHERE type_name = 'user'"
    found = int(db.execute(query).fetchone()[0])
    db.close()
    return found


def settled(database: str, letters: int) -> Counter[str]:
    """What became of the letters, when all of them have come to an end."""
    store, end = Store(database), time.monotonic() + SETTLE_SECONDS
    query = "SELECT state FROM outbox"
    while time.monotonic() < end:
        rows = store.look(lambda db: db.execute(query).fetchall())
        states = Counter(state for (state,) in rows)
        if states.total() >= letters and not {"waiting", "sending"} & set(states):
            store.close()
            return states
        time.sleep(0.2)
    raise AssertionError(f"not all was answered: {states}")


def opened(
    folder: Path, model: Path, actions: Actions, platform: Platform, inbox: str | None = None
) -> Assistant:
    stanzas = voices.stanzas(VOICES, platform.url)
    return Assistant(folder, model, actions, stanzas=stanzas, inbox=inbox)
