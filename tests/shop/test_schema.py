from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text

from shop import schema
from shop.store import Store, make_engine
from shop.tables import metadata, orders

OLD_ORDER = (
    "INSERT INTO shoppers (id, name, email, name_key, postcode_key)"
    " VALUES ('a', 'A', 'a', 'a', '1')",
    "INSERT INTO orders (number, shopper_id, email, language, currency, state, placed, delivery,"
    " delivery_price, address, discount, total)"
    " VALUES ('10001', 'a', 'a', 'pl', 'PLN', 'paid', 1, 'courier_pl', 0, '{}', 0, 100)",
)


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        return compare_metadata(MigrationContext.configure(connection), metadata)


def test_an_empty_database_gets_the_schema_of_the_tables(empty_url: str) -> None:
    engine = make_engine(empty_url)
    schema.upgrade(engine)
    assert differences(engine) == []
    schema.upgrade(engine)
    engine.dispose()


def test_an_old_database_is_brought_up_to_date(empty_url: str) -> None:
    from alembic import command

    engine = make_engine(empty_url)
    config = schema.configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    assert "orders" not in inspect(engine).get_table_names()
    schema.upgrade(engine)
    assert differences(engine) == []
    engine.dispose()


def test_what_was_sold_before_keeps_its_orders(empty_url: str) -> None:
    from alembic import command

    engine = make_engine(empty_url)
    config = schema.configuration()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        for statement in OLD_ORDER:
            connection.execute(text(statement))
    schema.upgrade(engine)
    with engine.connect() as connection:
        (order,) = connection.execute(select(orders)).all()
    assert (order.number, order.items_changed, order.delivered) == ("10001", False, None)
    engine.dispose()


def test_processes_that_start_together_take_turns(empty_url: str) -> None:
    stores = [Store(empty_url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Store.prepare, stores))
    assert differences(stores[0].engine) == []
    for store in stores:
        store.engine.dispose()


async def test_writers_of_one_store_wait_for_each_other(empty_url: str) -> None:
    from shop.catalogue import next_value

    store = Store(empty_url)
    numbers = await asyncio.gather(
        *(store.write(lambda connection: next_value(connection, "n", 1)) for _ in range(30))
    )
    assert sorted(numbers) == list(range(1, 31))
    store.engine.dispose()
