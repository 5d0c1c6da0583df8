"""A CRM's double: takes requests as the vendor's documents say, refuses others, keeps records."""

from __future__ import annotations

import itertools
from abc import ABC, abstractmethod
from threading import Lock
from typing import Any

from shop.crm.remote import RemoteCRM
from tests.shop.vendor import Asked, Said

Record = dict[str, Any]


class CRMDouble(ABC):
    def __init__(self) -> None:
        self.problems: list[str] = []  # of requests, against the specification
        self.kept: dict[str, dict[str, Record]] = {}  # kind -> id -> record
        self.lock = Lock()
        self._numbers = itertools.count(101)

    def answer(self, asked: Asked) -> Said:
        with self.lock:
            return self.serve(asked)

    @abstractmethod
    def serve(self, asked: Asked) -> Said: ...

    @abstractmethod
    def adapter(self, api: str) -> RemoteCRM: ...

    @abstractmethod
    def notes(self, who: str) -> list[str]:
        """What is shown of what was logged of a person, as plain text."""

    @abstractmethod
    def leads(self, who: str) -> list[str]: ...

    def of(self, kind: str) -> dict[str, Record]:
        return self.kept.setdefault(kind, {})

    def add(self, kind: str, record: Record, id_: str = "") -> str:
        id_ = id_ or str(next(self._numbers))
        self.of(kind)[id_] = record
        return id_

    def wrong(self, asked: Asked, why: str) -> None:
        self.problems.append(f"{asked.method} {asked.path}: {why}")
