"""Requests that nobody but the platform may make, and what happens to all others."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from channels.base import Adapter, Incoming
from channels.guard import Refused


def changed(signed: bytes) -> list[bytes]:
    """`signed` with one bit of one byte changed, for each of its bytes."""
    return [bytes([*signed[:at], signed[at] ^ 1, *signed[at + 1 :]]) for at in range(len(signed))]


def changed_text(text: str) -> list[str]:
    return [other.decode("latin-1") for other in changed(text.encode("latin-1"))]


def refuses(adapter: Adapter, requests: Iterable[Incoming], status: int = 401) -> None:
    for request in requests:
        with pytest.raises(Refused) as refused:
            adapter.verify(request)
        assert refused.value.status == status, request
