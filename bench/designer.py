"""How long a conversation designer waits: `make bench-designer`.

In a copy of the project: training anew, training after one more phrase (Rasa's cache and that of
the encoder filled), and from saving a reworded reply to reading it in the chat of the running
assistant. Actions say one word (bench/acting.py).
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import yaml

from bench.plain import project
from bench.stock import PYTHON, shopkeeper, train, wait
from shop.environment import settings
from tests.journeys.chat import Chat
from tests.journeys.system import ROOT

LANGUAGES = ("en", "pl", "es")
THANKS, REPLY, NEW = "thanks", "utter_welcome", "That was nothing at all."
PATIENCE_SECONDS = 60.0


def add_phrase(file: Path, intent: str, phrase: str) -> None:
    data = yaml.safe_load(file.read_text("utf-8"))
    block = next(block for block in data["nlu"] if block["intent"] == intent)
    block["examples"] += f"- {phrase}\n"
    file.write_text(yaml.safe_dump(data, allow_unicode=True, width=1000), "utf-8")


def reword(file: Path, reply: str, text: str) -> None:
    data = yaml.safe_load(file.read_text("utf-8"))
    data["responses"][reply] = [{"text": text}]
    file.write_text(yaml.safe_dump(data, allow_unicode=True, width=1000), "utf-8")


def seconds_to_see(chat: Chat, text: str) -> float:
    """From now until the reply to THANKS is `text`; asked no faster than the channel allows."""
    began = time.perf_counter()
    while time.perf_counter() - began < PATIENCE_SECONDS:
        if text in chat.say(THANKS).text:
            return time.perf_counter() - began
        time.sleep(0.3)
    raise RuntimeError(f"{text!r} was not said")


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    env = {**os.environ, **settings({"VAR_DIR": str(folder / "var")}), "PYTHONPATH": str(ROOT)}
    (folder / "var").mkdir()
    copy = folder / "project"
    project(copy, 0, LANGUAGES)
    for name, label in (("trained.json", "training anew"), ("again.json", "with one more phrase")):
        took, used = train(copy, env, "shopkeeper", name)
        print(f"{label:<28}{took:8.1f} s, of that processor {used:.1f} s")
        add_phrase(copy / "data/cart/en.yml", "add_to_cart", "put that thing on my tab, I take it")
    command, probe, _ = shopkeeper(copy, env)
    server = subprocess.Popen(command, cwd=copy, env=env, stdout=subprocess.DEVNULL)
    acting = subprocess.Popen([PYTHON, "-m", "bench.acting", env["ACTIONS_PORT"]], cwd=ROOT)
    try:
        wait(probe, server)
        chat = Chat(env["ASSISTANT_URL"], env["PUBLIC_URL"], "en", "EUR")
        chat.say(THANKS)
        reword(copy / "data/smalltalk/en.yml", REPLY, NEW)
        print(f"{'a reworded reply in the chat':<28}{seconds_to_see(chat, NEW):8.1f} s")
    finally:
        server.terminate()
        acting.terminate()


if __name__ == "__main__":
    main()
