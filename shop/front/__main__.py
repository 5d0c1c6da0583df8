"""`python -m shop.front`: serves the front on FRONT_HOST and FRONT_PORT."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence

import httpx
import uvicorn

from shop import connect_all
from shop.front import create_app
from shop.settings import public_url


def announce(probes: Sequence[str]) -> None:
    """Prints the one address to open as soon as all these answer."""
    for probe in probes:
        while not answers(probe):
            time.sleep(1)
    print(f"Shopkeeper is ready: {public_url()}", flush=True)


def answers(probe: str) -> bool:
    try:
        return httpx.get(probe, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def main() -> None:
    connect_all()
    host = os.environ.get("FRONT_HOST", "127.0.0.1")
    port = int(os.environ.get("FRONT_PORT", "8000"))
    assistant = os.environ.get("ASSISTANT_URL")
    if assistant:
        probes = [f"{assistant}/webhooks/web/health"]
        if actions := os.environ.get("ACTIONS_PORT"):
            probes.append(f"http://127.0.0.1:{actions}/health")
        threading.Thread(target=announce, args=(probes,), daemon=True).start()
    uvicorn.run(create_app(), host=host, port=port, log_level="warning", ws="none")


if __name__ == "__main__":
    main()
