"""For whoever runs the channels.

    python -m channels doctor            what is wrong with credentials and webhooks
    python -m channels register NAME     has the platform call this assistant
    python -m channels letters           answers that did not arrive, and why

Reads the stanzas of `credentials.yml` (or `--credentials FILE`), with ${VAR} from the environment.
A stanza's `url` is the address under which platforms reach the assistant.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path

import aiohttp
import yaml
from rasa.shared.exceptions import RasaException

from channels import outbox
from channels.base import Adapter
from channels.calls import Trouble
from channels.inbox.store import Store

OWN = ("channels.web.", "channels.notice.")
"""Channels that no platform calls."""
DATABASE = "var/inbox.db"


def main(arguments: Sequence[str]) -> int:
    """0 if all is well, 1 if somebody must do something."""
    parser = argparse.ArgumentParser("channels", description=__doc__.splitlines()[0])
    parser.add_argument("--credentials", type=Path, default=Path("credentials.yml"))
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("doctor")
    commands.add_parser("register").add_argument("name")
    commands.add_parser("letters")
    given = parser.parse_args(arguments)
    made = list(stanzas(given.credentials))
    adapters = [one for one in made if isinstance(one, Adapter)]
    problems = [one for one in made if isinstance(one, str)]
    if given.command == "register":
        for problem in problems if given.name not in {one.name() for one in adapters} else ():
            print(problem)
        return asyncio.run(register(adapters, given.name))
    if given.command == "letters":
        return letters(adapters)
    for problem in problems:
        print(problem)
    if not made:
        print(f"No messaging channel is open: {given.credentials} has no stanza without marks.")
    return max(asyncio.run(doctor(adapters)), letters(adapters), int(bool(problems)))


def stanzas(file: Path) -> Iterator[Adapter | str]:
    """The adapter of each stanza, or in words why there is none."""
    known = yaml.safe_load(os.path.expandvars(file.read_text("utf-8"))) or {}
    for path, settings in known.items():
        module, _, name = path.rpartition(".")
        if path.startswith("channels.") and not path.startswith(OWN):
            try:
                yield getattr(import_module(module), name).from_credentials(settings)
            except (RasaException, ImportError, AttributeError) as error:
                yield str(error)


def webhook(adapter: Adapter) -> str:
    return f"{adapter['url'].rstrip('/')}/webhooks/{adapter.name()}/webhook"


async def doctor(adapters: Sequence[Adapter]) -> int:
    ill = False
    async with aiohttp.ClientSession() as http:
        for adapter in adapters:
            problems = await examine(adapter, http)
            ill = ill or bool(problems)
            print(f"{adapter.name()}: {'; '.join(problems) or 'well'}")
    return int(ill)


async def examine(adapter: Adapter, http: aiohttp.ClientSession) -> list[str]:
    problems = []
    if adapter.called and not adapter["url"].startswith("https://"):
        problems.append("set `url` to the public https address of the assistant")
    try:
        problems += await adapter.check(http, webhook(adapter))
    except (Trouble, aiohttp.ClientError, asyncio.TimeoutError) as error:
        problems.append(f"{type(error).__name__}: {error}")
    return problems


async def register(adapters: Sequence[Adapter], name: str) -> int:
    adapter = next((adapter for adapter in adapters if adapter.name() == name), None)
    if adapter is None:
        print(f"{name}: no stanza of the credentials is complete")
        return 1
    if adapter.called and not adapter["url"].startswith("https://"):
        print(f"{name}: set `url` to the public https address of the assistant")
        return 1
    try:
        async with aiohttp.ClientSession() as http:
            left = await adapter.register(http, webhook(adapter))
    except (Trouble, aiohttp.ClientError, asyncio.TimeoutError) as error:
        print(f"{name}: {type(error).__name__}: {error}")
        return 1
    print(f"{name}: {f'registered {webhook(adapter)}' if adapter.called else 'ready'}")
    for task in left:
        print(f"{name}: to do: {task}")
    return 0


def letters(adapters: Sequence[Adapter]) -> int:
    """Those of the last week; their words stay in the database."""
    found = False
    for file in sorted({adapter["database"] or DATABASE for adapter in adapters}):
        store = Store(file)
        for number, channel, state, error, created in store.look(outbox.unsent):
            if created > time.time() - 7 * 86400:
                found = True
                when = time.strftime("%Y-%m-%d %H:%M", time.localtime(created))
                print(f"{channel}: letter {number} of {when} is {state}: {error}")
        store.close()
    return int(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
