"""Finding a feed's words among the catalogue's terms, and taking up those that are new."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection

from shop import text
from shop.catalogue import Term, save_terms
from shop.commerce.names import Names
from shop.feed.items import Item

OTHER = "other"
PARTS = re.compile(r"\s*[/,;|+&]\s*|\s+-\s+")
SHARE = re.compile(r"\d+(?:[.,]\d+)?\s*%")
FACETS = ("category", "colour", "material", "brand")


@cache
def words() -> dict[str, Any]:
    path = Path(__file__).with_name("terms.yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))


class Terms:
    """Known terms by every name they have; new ones are collected for `save`."""

    def __init__(self, names: Names, languages: tuple[str, ...]) -> None:
        self.languages = languages
        self.new: list[Term] = []
        self._ids: dict[tuple[str, str], str] = {}
        self._taken = {(facet, id_) for facet in FACETS for id_ in names.facets.get(facet, {})}
        for facet in FACETS:
            for id_, by_language in names.facets.get(facet, {}).items():
                for name in (id_, *(n for said in by_language.values() for n in said)):
                    self._ids.setdefault((facet, key(name)), id_)

    def save(self, connection: Connection) -> None:
        save_terms(connection, self.new)

    def colour(self, item: Item) -> str | None:
        """The first colour of "black/white"."""
        said = PARTS.split(item.colour.strip())[0]
        return self._id("colour", said) if said else None

    def materials(self, item: Item) -> tuple[str, ...]:
        """ "70% Baumwolle, 30% Polyester" are two."""
        said = [SHARE.sub("", part).strip() for part in PARTS.split(item.material)]
        return tuple(dict.fromkeys(self._id("material", part) for part in said if part))

    def brand(self, item: Item) -> str:
        return self._id("brand", item.brand, id_=item.brand) if item.brand else ""

    def audience(self, item: Item) -> tuple[str, ...]:
        young = words()["ages"].get(item.age_group)
        said = young or words()["audiences"].get(item.gender)
        return (said,) if said else ()

    def category(self, item: Item) -> str:
        """The deepest known name of the shop's own path or of Google's; else the path itself is
        taken up; else the title says what it is."""
        paths = [path(item.product_type), path(item.google_category)]
        for parts in paths:
            for part in reversed(parts):
                if found := self._ids.get(("category", key(part))):
                    return found
        parts = paths[0] or paths[1]
        return self._new_path(parts) if parts else self._from_title(item.title)

    def _from_title(self, title: str) -> str:
        found = list(text.words(title))
        for size in (3, 2, 1):
            for start in range(len(found) - size + 1):
                name = key(" ".join(found[start : start + size]))
                if id_ := self._ids.get(("category", name)):
                    return id_
        return self._id("category", OTHER, id_=OTHER, names=words()["other"])

    def _new_path(self, parts: list[str]) -> str:
        above: str | None = None
        for part in parts:
            above = self._id("category", part, parent=above)
        return above or OTHER

    def _id(
        self,
        facet: str,
        name: str,
        id_: str = "",
        parent: str | None = None,
        names: dict[str, list[str]] | None = None,
    ) -> str:
        known = self._ids.get((facet, key(name)))
        if known:
            return known
        id_ = id_ or slug(name)
        if (facet, id_) in self._taken:
            return id_
        names = names or {language: [name] for language in self.languages}
        self.new.append(Term(facet, id_, names, parent))
        self._ids[facet, key(name)] = id_
        self._taken.add((facet, id_))
        return id_


def path(said: str) -> list[str]:
    """ "Odzież > Kurtki"; Google's category may be a bare number, which says nothing here."""
    parts = [part.strip() for part in said.split(">")]
    return [part for part in parts if part and not part.isdigit()]


def key(name: str) -> str:
    return " ".join(text.fold(name).replace("-", " ").split())


def slug(name: str) -> str:
    return "-".join(re.findall(r"[^\W_]+", text.fold(name))) or "unnamed"
