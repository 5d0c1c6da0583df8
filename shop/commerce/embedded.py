"""What all halves of the embedded shop stand on: one store, and shelves in a shopper's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection

from shop.commerce.shelf import Shelf
from shop.commerce.snapshot import Snapshot, Snapshots
from shop.demo.seed import open_shop
from shop.model import Locale
from shop.settings import public_url
from shop.store import Store

Result = TypeVar("Result")


class Embedded:
    def __init__(self, url: str | None = None, public_url: str | None = None) -> None:
        self.store = self._open(url)
        self._public_url = public_url
        self._snapshots = Snapshots(self.store)
        self.store.on_first_use.append(self._snapshots.warm_up)

    def _open(self, url: str | None) -> Store:
        return open_shop(url)

    def _shelf(self, snapshot: Snapshot, locale: Locale) -> Shelf:
        return Shelf(snapshot.names, public_url(self._public_url), locale)

    async def _reading(
        self, call: str, locale: Locale, work: Callable[[Connection, Shelf], Result]
    ) -> Result:
        return await self.store.read(self._on_shelf(work, locale), call)

    async def _writing(
        self, call: str, locale: Locale, work: Callable[[Connection, Shelf], Result]
    ) -> Result:
        return await self.store.write(self._on_shelf(work, locale), call)

    async def _on_order(
        self,
        call: str,
        number: str,
        key: str,
        locale: Locale,
        work: Callable[[Connection, Shelf], Result],
    ) -> Result:
        """A write to one order, under its key."""
        return await self._writing(call, locale, work)

    def _on_shelf(
        self, work: Callable[[Connection, Shelf], Result], locale: Locale
    ) -> Callable[[Connection], Result]:
        def run(connection: Connection) -> Result:
            return work(connection, self._shelf(self._snapshots.get(connection), locale))

        return run
