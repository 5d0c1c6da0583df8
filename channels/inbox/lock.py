"""One process at a time: a lock on a file, which the kernel frees however the process ends."""

from __future__ import annotations

import asyncio
import fcntl
from pathlib import Path
from typing import IO

POLL_SECONDS = 0.5


async def only_one(path: str) -> IO[str]:
    """Returns when no other process holds `path`; closing the file frees it."""
    while True:
        try:
            return _lock(path)
        except OSError:
            await asyncio.sleep(POLL_SECONDS)


def _lock(path: str) -> IO[str]:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    file = open(path, "w")  # noqa: SIM115
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise
    return file
