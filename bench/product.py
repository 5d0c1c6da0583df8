"""Training, start, memory and answer times of the product as it ships: `make bench`.

Starts the whole system on free ports with an empty var folder. Figures are of this machine in this
run; messages go through the web channel, from sending to the turn's end as the widget sees it.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.journeys.chat import Chat
from tests.journeys.system import ROOT, System

CONVERSATION = (
    "hi",
    "rain jacket under 150 euro",
    "only blue",
    "the second one",
    "is there an M?",
    "how much is delivery?",
    "what goes with it?",
    "what's in my cart?",
    "thanks",
)
CONVERSATIONS, SHOPPERS = 12, 8


def train_seconds(python: str) -> float:
    """`make train` without Rasa's cache."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "RASA_CACHE_DIRECTORY": f"{folder}/cache"}
        command = [python, "-m", "channels.train", "--out", folder]
        began = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True)
        return time.perf_counter() - began


def memory_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def answers(system: System) -> Iterator[float]:
    """Milliseconds of each message of one conversation. The web channel allows ten at once and
    twenty a minute, so a conversation is short and the next one is another shopper's."""
    chat = Chat(system.assistant, system.shop, "en", "EUR")
    for text in CONVERSATION:
        began = time.perf_counter()
        chat.say(text)
        yield (time.perf_counter() - began) * 1000


def main() -> None:
    var = Path(tempfile.mkdtemp())
    system = System(var)
    print(f"train without cache   {train_seconds(system.env['ASSISTANT_PYTHON']):8.1f} s")
    began = time.perf_counter()
    try:
        system.start()
        system.wait()
        print(f"ready                 {time.perf_counter() - began:8.1f} s")
        list(answers(system))  # a first shopper warms what is made lazily
        single = [ms for _ in range(CONVERSATIONS) for ms in answers(system)]
        print(f"answer, median        {statistics.median(single):8.0f} ms")
        print(f"answer, p95           {statistics.quantiles(single, n=20)[-1]:8.0f} ms")
        began = time.perf_counter()
        with ThreadPoolExecutor(SHOPPERS) as pool:
            many = list(pool.map(lambda _: len(list(answers(system))), range(SHOPPERS * 3)))
        rate = sum(many) / (time.perf_counter() - began)
        print(f"{SHOPPERS} shoppers at once   {rate:8.1f} messages/s")
        for name, process in system.processes.items():
            print(f"memory, {name:<13} {memory_mb(process.pid):8.0f} MB")
    finally:
        system.stop()
        shutil.rmtree(var)


if __name__ == "__main__":
    main()
