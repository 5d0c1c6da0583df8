"""Which messages of a platform were fetched before, where it marks none as fetched itself."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

KEPT = 1000
"""Ids of a conversation that are remembered."""

logger = logging.getLogger(__name__)


class Seen:
    """Kept in a file. A message that is taken twice does no harm: the inbox has its id."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, list[str]] | None = None

    def has(self, conversation: str, ident: str) -> bool:
        return ident in self._ids().get(conversation, ())

    def new(self, conversation: str, ids: Sequence[str]) -> list[str]:
        """Those that came since the last look, oldest first; at the first look: none.

        Platforms give the newest first, or the oldest: what is known stands at the other end.
        """
        if conversation not in self._ids():
            self.add(conversation, ids)
            return []
        new = [ident for ident in ids if not self.has(conversation, ident)]
        oldest_first = bool(new) and self.has(conversation, ids[0])
        return new if oldest_first else new[::-1]

    def add(self, conversation: str, ids: Sequence[str]) -> None:
        kept = self._ids().setdefault(conversation, [])
        kept.extend(ids)
        del kept[:-KEPT]
        new = self._file.with_name(self._file.name + ".new")
        new.write_text(json.dumps(self._ids()), "utf-8")
        new.replace(self._file)

    def _ids(self) -> dict[str, list[Any]]:
        if self._known is None:
            try:
                self._known = dict(json.loads(self._file.read_text("utf-8")))
            except FileNotFoundError:
                self._known = {}
            except (ValueError, TypeError):
                logger.warning("%s is unreadable: begun anew", self._file.name)
                self._known = {}
        return self._known
