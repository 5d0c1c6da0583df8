"""`python -m shop.front`: serves the front on FRONT_HOST and FRONT_PORT."""

from __future__ import annotations

import os

import uvicorn

from shop.front import create_app


def main() -> None:
    host = os.environ.get("FRONT_HOST", "127.0.0.1")
    port = int(os.environ.get("FRONT_PORT", "8000"))
    uvicorn.run(create_app(), host=host, port=port, log_level="warning", ws="none")


if __name__ == "__main__":
    main()
