"""Throw-away databases of PostgreSQL."""

from __future__ import annotations

from itertools import count

import psycopg

_number = count(1)


def empty(cluster: str) -> str:
    """The URL of an empty database of its own."""
    name = f"inbox{next(_number)}"
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as db:
        db.execute(f"CREATE DATABASE {name}".encode())
    return f"{cluster}/{name}"
