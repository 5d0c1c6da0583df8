"""A seeded shop on SQLite and on PostgreSQL. Tests share it: each has a conversation of its own."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import shop
from shop.demo.seed import open_shop
from shop.model import Locale
from shop.store import Store, open_store
from tests.shop import postgres

SECRET = "whsec_c2hvcGtlZXBlci10ZXN0LXNlY3JldC0wMDAwMDAwMA=="


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[pytest.MonkeyPatch]:
    """No setting of the machine reaches the tests, and nothing of theirs reaches its var/."""
    folder = tmp_path_factory.mktemp("shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPKEEPER_VOCABULARY", str(folder / "vocabulary.json"))
        patch.setenv("SHOPKEEPER_ENDPOINTS", str(folder / "endpoints.yml"))
        patch.setenv("PAYMENT_SECRET", SECRET)
        patch.setenv("NOTICE_SECRET", SECRET)
        patch.setenv("PUBLIC_URL", "http://shop.test")
        patch.delenv("SHOPKEEPER_POLICY", raising=False)
        # A busy machine may be slow: what is tested is what happens, not how soon.
        patch.setattr("shop.store.LOCK_WAIT", 20.0)
        yield patch


@pytest.fixture(scope="session")
def sqlite_url(environment: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'shop.db'}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with postgres.server() as url:
        yield url


def new_database(server: str) -> str:
    name = f"shop_{uuid.uuid4().hex[:8]}"
    admin = server.replace("postgresql:", "postgresql+pg8000:")
    engine = create_engine(f"{admin}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server}/{name}"


@pytest.fixture(scope="session")
def postgres_url(environment: pytest.MonkeyPatch, postgres_server: str) -> str:
    return new_database(postgres_server)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """The shop's database, on either kind of server."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture(scope="session")
def store(url: str) -> Store:
    """The seeded store."""
    opened = open_shop(url)
    opened.prepare()
    return opened


@pytest.fixture
def connected(store: Store, environment: pytest.MonkeyPatch) -> Iterator[Store]:
    """`shop.connect` gives the demo adapters on this store."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPKEEPER_DB", store.url)
        shop.connect.cache_clear()
        open_store.cache_clear()
        yield open_shop()
    shop.connect.cache_clear()
    open_store.cache_clear()


@pytest.fixture
def conversation() -> str:
    return f"conversation-{uuid.uuid4().hex}"


@pytest.fixture
def empty_url(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A database of its own for a test, with nothing in it."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return new_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def pl() -> Locale:
    return Locale("pl", "PLN")


@pytest.fixture
def en() -> Locale:
    return Locale("en", "EUR")
