"""A feed kept fresh: asked for again and again, and taken over whole where it has changed."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from shop import tables
from shop.catalogue import save_terms
from shop.commerce import snapshot
from shop.demo import catalogue
from shop.feed.load import take
from shop.feed.rows import FeedError
from shop.feed.source import Source
from shop.model import Unavailable
from shop.store import Store

logger = logging.getLogger(__name__)
SHORT = 2.0  # seconds that a shopper waits for a new feed while the old one will do
MOST_TOLD = 5  # bad rows that are logged


class Polling:
    """`poll`: seconds between two looks; `oldest`: seconds after the last look that succeeded for
    which the catalogue may be told."""

    def __init__(
        self, store: Store, source: Source, language: str, poll: float, oldest: float
    ) -> None:
        self._store, self._source, self._language = store, source, language
        self._poll, self._oldest = poll, max(poll, oldest)
        self._looked = self._sure = float("-inf")
        self._lock = threading.Lock()
        self._looking: threading.Thread | None = None

    def first(self, store: Store) -> None:
        """Work for a store's first use. Raises Unavailable where there is no catalogue at all."""
        with store.begin() as connection:
            bare = connection.scalar(select(tables.terms.c.id).limit(1)) is None
            if bare:  # colours, materials and kinds of goods have names in every language
                save_terms(connection, (t for t in catalogue.terms() if t.facet != "brand"))
        self._look()
        with store.begin(write=False) as connection:
            if connection.scalar(select(tables.products.c.id).limit(1)) is None:
                raise Unavailable("feed: none was read yet")

    async def fresh(self) -> None:
        """Looks for a new feed if it is time to. Raises Unavailable where what is known is too old
        to be told."""
        if time.monotonic() - self._looked >= self._poll:
            looking = self._start()
            await asyncio.to_thread(looking.join, SHORT)
        if time.monotonic() - self._sure > self._oldest:
            raise Unavailable("feed: not read for too long")

    def _start(self) -> threading.Thread:
        with self._lock:
            if self._looking is None or not self._looking.is_alive():
                self._looking = threading.Thread(target=self._look, daemon=True)
                self._looking.start()
            return self._looking

    def _look(self) -> None:
        """A feed that cannot be had or read leaves the catalogue as it is."""
        self._looked = asked = time.monotonic()
        try:
            with TemporaryDirectory() as folder:
                file = Path(folder) / "feed"
                if self._source.fetch(file):
                    self._take(file)
            self._sure = asked
        except (Unavailable, FeedError) as trouble:
            logger.warning("the feed was not taken over: %s", trouble)
        except Exception as trouble:  # the next look tries again
            logger.warning("the feed was not taken over: %s", type(trouble).__name__)

    def _take(self, file: Path) -> None:
        report = take(self._store, file, self._language, replace=True, trust=False)
        self._source.taken()
        snapshot.refresh(self._store)
        for line, trouble in report.bad[:MOST_TOLD]:
            logger.warning("feed, line %s left out: %s", line, trouble)
        logger.info("feed: %s products, %s rows left out", report.products, len(report.bad))
