"""Settings from the environment that several parts of the shop share."""

from __future__ import annotations

import os

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"


def public_url(given: str | None = None) -> str:
    """Where shoppers reach the shop's pages, without a slash at the end."""
    return (given or os.environ.get("PUBLIC_URL") or DEFAULT_PUBLIC_URL).rstrip("/")
