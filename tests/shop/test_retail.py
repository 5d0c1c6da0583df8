"""The retail set loaded as a shop: everything is there, and its gold actions do there what the
set's rules say, all 400 tasks."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import shop.policy
from bench.retail import data, gold, state
from bench.retail.state import Database, comparable, differences
from shop.commerce.demo import DemoCommerce
from shop.model import Address, Locale, Order, Refused
from shop.retail.load import POLICY, NotEmpty, load
from shop.store import Store

US = Locale("en", "USD")
missing = not (data.folder() / "tasks.json").exists()
pytestmark = pytest.mark.skipif(
    missing and not os.environ.get("CI"), reason=f"THE RETAIL SET IS NOT AT {data.folder()}"
)


@pytest.fixture(scope="module")
def retail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[DemoCommerce, Database]]:
    folder = tmp_path_factory.mktemp("retail")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOPKEEPER_POLICY", str(POLICY))
        patch.setenv("SHOPKEEPER_VOCABULARY", str(folder / "vocabulary.json"))
        patch.setenv("PUBLIC_URL", "http://shop.test")
        shop.policy.policy.cache_clear()
        url = f"sqlite:///{folder / 'shop.db'}"
        first = Store(url)
        load(first, data.folder())
        first.engine.dispose()
        shutil.copy(folder / "shop.db", folder / "before.db")
        yield DemoCommerce(url), Database(folder / "shop.db", folder / "before.db")
    shop.policy.policy.cache_clear()


def test_every_shopper_and_order_is_there(retail: tuple[DemoCommerce, Database]) -> None:
    _, database = retail
    for user_id in data.world()["users"]:
        found = comparable(database.world(user_id))
        assert not differences(state.pristine(user_id), found)


def test_a_store_in_use_is_left_alone(retail: tuple[DemoCommerce, Database]) -> None:
    commerce, database = retail
    with pytest.raises(NotEmpty):
        load(commerce.store, data.folder())
    assert not database.others_touched(())


async def test_goods_are_found_by_name_and_option(
    retail: tuple[DemoCommerce, Database],
) -> None:
    commerce, _ = retail
    order = await commerce.order("w6067464", Locale("pl", "USD"))
    kettle = order.lines[-1]
    assert order.number == "#W6067464"
    assert (kettle.title, kettle.labels["colour"]) == ("Czajnik elektryczny", "srebrny")
    product = await commerce.product(kettle.product_id, US)
    assert product.axes == {"capacity": "capacity", "material": "material", "colour": "colour"}
    assert {v.stock > 0 for v in product.variants} == {True, False}
    vocabulary = await commerce.vocabulary()
    assert vocabulary["facets"]["colour"]["silver"]["es"][0] == "plateado"


def test_gold_actions_do_what_the_rules_say(retail: tuple[DemoCommerce, Database]) -> None:
    commerce, database = retail
    wrong = {}
    for task in data.tasks():
        after, done = gold.expected(task)
        ran = asyncio.run(replay(commerce, task))
        found = comparable(database.world(task["user_id"]))
        problems = differences(comparable(after), found)
        if problems or ran != done:
            wrong[task["id"]] = problems or (ran, done)
        database.restore([task["user_id"]])
    assert not wrong
    assert not database.others_touched(())


async def replay(commerce: DemoCommerce, task: dict[str, Any]) -> list[bool]:
    """Which of the actions the shop did."""
    done = []
    for place, action in enumerate(task["actions"]):
        order = await commerce.order(action["kwargs"]["order_id"], US)
        try:
            await run(commerce, order, action["name"], action["kwargs"], f"{task['id']}/{place}")
            done.append(True)
        except Refused:
            done.append(False)
    return done


async def run(
    commerce: DemoCommerce, order: Order, name: str, given: dict[str, Any], key: str
) -> None:
    number, method = order.number, given.get("payment_method_id")
    if name == "cancel_pending_order":
        await commerce.cancel(number, given["reason"].replace(" ", "_"), US, key)
    elif name == "modify_pending_order_payment":
        await commerce.change_payment(number, given["payment_method_id"], US, key)
    elif name == "modify_pending_order_address":
        await commerce.change_address(number, address(order, given), None, US, key)
    elif name == "return_delivered_order_items":
        pieces = dict.fromkeys(lines(order, given["item_ids"]), 1)
        await commerce.request_return(number, pieces, "", method, US, key)
    else:
        new = given["new_item_ids"]
        changes = dict(zip(lines(order, given["item_ids"]), new, strict=True))
        if name == "exchange_delivered_order_items":
            await commerce.request_exchange(number, changes, "", method, US, key)
            return
        now = {line.id: line.variant_id for line in order.lines}
        real = {line: variant for line, variant in changes.items() if now[line] != variant}
        await commerce.change_items(number, real or changes, method, US, key)


def lines(order: Order, item_ids: list[str]) -> list[str]:
    """The lines of the items; the same item may be there twice."""
    left = list(order.lines)
    found = []
    for item_id in item_ids:
        line = next(line for line in left if line.variant_id == item_id)
        left.remove(line)
        found.append(line.id)
    return found


def address(order: Order, given: dict[str, str]) -> Address:
    street = f"{given['address1']}, {given['address2']}"
    return Address(order.address.name, street, given["zip"], given["city"], "US", given["state"])


def test_a_folder_without_the_set_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(Store(f"sqlite:///{tmp_path / 'shop.db'}"), tmp_path)
