"""Replies as the language files word them, taken up while the assistant runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

LOOK_SECONDS = 1.0
Variation = dict[str, Any]

logger = logging.getLogger(__name__)


def spoken_in(language: str, variation: Mapping[str, Any], default: str) -> Variation:
    """A variation of a reply as it stands in the file of a language, for that language alone; the
    default language's is also the fallback where another lacks this reply."""
    if language == default and "channel" not in variation:
        return dict(variation)
    condition = {"type": "slot", "name": "language", "value": language}
    return {**variation, "condition": [condition, *variation.get("condition", [])]}


class Wording:
    """Watches `folder/<topic>/<language>.yml`. What a file says replaces what it said before; a
    file that cannot be read changes nothing, and a reply that is gone stays until the next start.
    """

    def __init__(self, folder: Path, default: str = "en") -> None:
        self._folder = folder
        self._default = default
        self._looked = time.monotonic()
        self._known = self._times()

    def take_up(self, responses: dict[str, list[Variation]]) -> None:
        """Puts what was reworded since the last look, a second ago or more, into `responses`."""
        if time.monotonic() - self._looked < LOOK_SECONDS:
            return
        self._looked = time.monotonic()
        before, self._known = self._known, self._times()
        for file, changed in self._known.items():
            if before.get(file) != changed:
                self._reword(file, responses)

    def _times(self) -> dict[Path, int]:
        return {file: file.stat().st_mtime_ns for file in sorted(self._folder.glob("*/??.yml"))}

    def _reword(self, file: Path, responses: dict[str, list[Variation]]) -> None:
        try:
            worded = _read(file)
        except (OSError, ValueError, yaml.YAMLError) as error:
            logger.warning("%s cannot be read, replies stay: %s", file, type(error).__name__)
            return
        for name, variations in worded.items():
            others = [v for v in responses.get(name, []) if self._language(v) != file.stem]
            own = [spoken_in(file.stem, variation, self._default) for variation in variations]
            responses[name] = [*own, *others] if file.stem == self._default else [*others, *own]

    def _language(self, variation: Variation) -> str:
        conditions = variation.get("condition") or []
        named = [c["value"] for c in conditions if c.get("name") == "language"]
        return named[0] if named else self._default


def _read(file: Path) -> dict[str, list[Variation]]:
    """Raises ValueError where a reply is not a list of mappings."""
    said = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) or {}
    worded = said.get("responses") or {} if isinstance(said, dict) else None
    if not isinstance(worded, dict) or not all(
        isinstance(each, list) and all(isinstance(v, dict) for v in each)
        for each in worded.values()
    ):
        raise ValueError("responses: name: [variation, ...]")
    return worded
