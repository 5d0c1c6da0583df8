"""Reading a feed row by row, whatever its format, without holding the file in memory."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.parsers import expat

Row = dict[str, str]
ITEMS = ("item", "entry")  # RSS, Atom
CHUNK = 1 << 16


class FeedError(Exception):
    """The file as a whole cannot be read; `line` is where reading ended."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")


def read(path: Path) -> Iterator[tuple[int, Row | str]]:
    """Line numbers with rows, or with what is wrong there. Raises FeedError."""
    with path.open("rb") as file:
        start = file.read(512)
    if start.lstrip(codecs.BOM_UTF8).lstrip().startswith(b"<"):
        return read_xml(path)
    return read_table(path, start)


def read_table(path: Path, start: bytes) -> Iterator[tuple[int, Row | str]]:
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encoding = "utf-16" if wide else "utf-8-sig"
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=max("\t;,", key=first.count))
        header = [attribute(name) for name in next(reader, [])]
        if "id" not in header:
            raise FeedError(1, "no column called id")
        yield from table_rows(reader, header)


def table_rows(reader: Any, header: list[str]) -> Iterator[tuple[int, Row | str]]:
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as trouble:
            yield line, str(trouble)
            continue
        if not any(values):
            continue
        if len(values) > len(header):
            yield line, f"{len(values)} values for {len(header)} columns"
        elif any("\ufffd" in value for value in values):
            yield line, "not in UTF-8"
        else:
            filled = [*values, *[""] * (len(header) - len(values))]
            yield line, {n: v.strip() for n, v in zip(header, filled, strict=True) if n}


def attribute(name: str) -> str:
    """ "g:image link" is image_link."""
    return name.strip().lower().removeprefix("g:").replace(" ", "_")


def read_xml(path: Path) -> Iterator[tuple[int, Row | str]]:
    """A file that breaks off or is not XML raises FeedError at its end: half a feed is none."""
    items = Items()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                items.parser.Parse(chunk, False)
                yield from items.take()
            items.parser.Parse(b"", True)
            yield from items.take()
    except expat.ExpatError as trouble:
        raise FeedError(trouble.lineno, expat.ErrorString(trouble.code)) from trouble


class Items:
    """Collects the items of an XML feed while expat reads it."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse
        self._done: list[tuple[int, Row | str]] = []
        self._row: Row | None = None
        self._line = 0
        self._path: list[str] = []
        self._words: list[str] = []

    def take(self) -> list[tuple[int, Row | str]]:
        done, self._done = self._done, []
        return done

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = attribute(name.rpartition(":")[2])
        if self._row is None:
            if name in ITEMS:
                self._row, self._line, self._path = {}, self.parser.CurrentLineNumber, []
            return
        self._path.append(name)
        self._words = []
        if name == "link" and "href" in attributes:
            self._row.setdefault("link", attributes["href"])

    def _end(self, _name: str) -> None:
        if self._row is None:
            return
        if not self._path:
            self._done.append((self._line, self._row))
            self._row = None
            return
        name = self._path.pop()
        value = "".join(self._words).strip()
        if not self._path and value:  # what is nested deeper (shipping, tax) is not ours
            self._row.setdefault(name, value)

    def _text(self, data: str) -> None:
        self._words.append(data)

    def _refuse(self, *_: object) -> None:
        # A document type may declare entities that grow without end.
        raise FeedError(self.parser.CurrentLineNumber, "document types are not allowed")
