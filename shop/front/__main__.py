"""`python -m shop.front`: serves the front on FRONT_HOST and FRONT_PORT."""

from __future__ import annotations

import os
import threading
import time

import httpx
import uvicorn

from shop.front import create_app
from shop.settings import public_url


def announce(assistant: str) -> None:
    """Prints the one address to open as soon as the assistant answers."""
    while True:
        try:
            if httpx.get(f"{assistant}/webhooks/web/health", timeout=5).status_code == 200:
                break
        except httpx.HTTPError:
            pass
        time.sleep(1)
    print(f"Shopkeeper is ready: {public_url()}", flush=True)


def main() -> None:
    host = os.environ.get("FRONT_HOST", "127.0.0.1")
    port = int(os.environ.get("FRONT_PORT", "8000"))
    assistant = os.environ.get("ASSISTANT_URL")
    if assistant:
        threading.Thread(target=announce, args=(assistant,), daemon=True).start()
    uvicorn.run(create_app(), host=host, port=port, log_level="warning", ws="none")


if __name__ == "__main__":
    main()
