"""How soon a platform hears that its webhook was taken: `make bench-channels`.

50 webhooks a second, of six platforms mixed, for two minutes, while the assistant answers what it
can of them (the whole system, with the shop's conversation); once against the gateway and once,
for less time, against the assistant itself. A webhook's time runs from the moment at which it was
due, so that one which waits for another counts. What is not taken is sent again after two seconds,
as the platforms do. Lost is what was taken and is not in the inbox.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import yaml

from channels.inbox.engine import Db
from channels.inbox.store import Store
from tests.channels import voices
from tests.channels.fake_platform import Platform
from tests.channels.rig import Gateway
from tests.channels.voices import VOICES
from tests.journeys.system import ROOT, System

PER_SECOND, SECONDS, SECONDS_WITHOUT = 50, 120, 30
PEOPLE = 100
"""Of each platform."""
AGAIN_SECONDS = 2.0
TEXTS = ("hi", "rain jacket under 150 euro", "only blue", "how much is delivery?", "thanks")


@dataclass
class Taken:
    """What the platforms saw: milliseconds until each was taken, statuses of what was not."""

    times: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)


async def post(http: aiohttp.ClientSession, url: str, number: int, due: float, seen: Taken) -> None:
    voice = VOICES[number % len(VOICES)]
    person = voice.person(1 + number // len(VOICES) % PEOPLE)
    headers, body = voice.say(person, str(number + 1), TEXTS[number % len(TEXTS)])
    while True:
        try:
            where = f"{url}/webhooks/{voice.name}/webhook"
            async with http.post(where, data=body, headers=headers) as answer:
                await answer.read()
            if answer.status == 200:
                seen.times.append((time.perf_counter() - due) * 1000)
                return
            seen.refused[str(answer.status)] += 1
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            seen.refused[type(error).__name__] += 1
        await asyncio.sleep(AGAIN_SECONDS)


async def load(url: str, seconds: int) -> Taken:
    seen, begun = Taken(), time.perf_counter() + 0.5
    limits = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=20)
    async with aiohttp.ClientSession(connector=limits, timeout=timeout) as http:
        posts = []
        for number in range(PER_SECOND * seconds):
            due = begun + number / PER_SECOND
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            posts.append(asyncio.create_task(post(http, url, number, due, seen)))
        await asyncio.gather(*posts)
    return seen


def report(title: str, seen: Taken, store: Store) -> None:
    def look(db: Db) -> tuple[int, int]:
        count = "SELECT count(*) FROM inbox WHERE channel != 'notice'"  # the shop's own
        answered = f"{count} AND state != 'waiting'"
        return db.execute(count).fetchone()[0], db.execute(answered).fetchone()[0]

    kept, answered = store.look(look)
    parts = statistics.quantiles(seen.times, n=1000)
    busy = "/".join(f"{one:.1f}" for one in os.getloadavg()[:2])
    print(f"{title}: {len(seen.times)} webhooks at {PER_SECOND} a second; load {busy}")
    print(f"  taken after  median {parts[499]:.0f} ms, p99 {parts[989]:.0f} ms,", end=" ")
    print(f"longest {max(seen.times):.0f} ms; not at once: {dict(seen.refused) or 'none'}")
    print(f"  lost {len(seen.times) - kept}; answered meanwhile {answered}", flush=True)


def credentials(folder: Path, api: str) -> Path:
    """The project's own, and the six platforms'."""
    known = yaml.safe_load((ROOT / "credentials.yml").read_text("utf-8"))
    for path, settings in voices.stanzas(VOICES, api).items():
        known[path] = {**settings, "database": str(folder / "inbox.db")}
    file = folder / "credentials.yml"
    file.write_text(yaml.safe_dump(known))
    return file


def run(title: str, seconds: int, *, beside: bool) -> None:
    """The system in a folder of its own; `beside`: with a gateway."""
    with tempfile.TemporaryDirectory() as name, Platform(voices.ANSWER) as platform:
        folder = Path(name)
        opened = credentials(folder, platform.url)
        system = System(folder, opened, CHANNELS_GATEWAY="yes" if beside else "no")
        gateway = Gateway(folder)
        system.start("actions", "assistant")
        try:
            if beside:
                gateway.start()
            system.wait("actions", "assistant")
            seen = asyncio.run(load(gateway.url if beside else system.assistant, seconds))
            report(title, seen, Store(str(folder / "inbox.db")))
            if beside:
                print(f"  memory of the gateway {gateway.memory:.0f} MB")
        finally:
            gateway.stop()
            system.stop()


def main() -> None:
    run("with a gateway", SECONDS, beside=True)
    run("without", SECONDS_WITHOUT, beside=False)


if __name__ == "__main__":
    main()
