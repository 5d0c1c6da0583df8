"""What the catalogue's terms are called in each language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from shop.tables import terms

SIZE_AXES = ("size", "volume", "length")  # all of them answer to the wish "size"


@dataclass(frozen=True)
class Names:
    """facet -> term id -> language -> label and synonyms; `parents` of categories."""

    facets: dict[str, dict[str, dict[str, list[str]]]]
    parents: dict[str, str | None]
    default_language: str

    def label(self, facet: str, id_: str, language: str) -> str:
        """The name to show; a term that nobody named shows its id."""
        names = self.facets.get(facet, {}).get(id_, {})
        said = names.get(language) or names.get(self.default_language) or [id_]
        return said[0]

    def value(self, axis: str, id_: str, language: str) -> str:
        """An option's name: a colour is a term, a size is its own name."""
        return self.label(axis, id_, language)

    def all(self, facet: str, id_: str) -> dict[str, list[str]]:
        return self.facets.get(facet, {}).get(id_, {})

    def lineage(self, category: str) -> list[str]:
        """The category and those above it."""
        line: list[str] = []
        at: str | None = category
        while at and at not in line:
            line.append(at)
            at = self.parents.get(at)
        return line


def read(connection: Connection, default_language: str) -> Names:
    facets: dict[str, dict[str, dict[str, list[str]]]] = {}
    parents: dict[str, str | None] = {}
    rows: Any = connection.execute(select(terms).order_by(terms.c.facet, terms.c.position))
    for row in rows:
        facets.setdefault(row.facet, {})[row.id] = row.names
        if row.facet == "category":
            parents[row.id] = row.parent
    return Names(facets, parents, default_language)
