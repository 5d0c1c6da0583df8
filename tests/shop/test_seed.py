from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from sqlalchemy import select

from shop import rules, tables
from shop.commerce import snapshot
from shop.commerce.demo import DemoCommerce
from shop.commerce.orders import FIRST_NUMBER
from shop.demo import catalogue, people
from shop.demo.orders import PAST, Past
from shop.model import Locale, OrderState, ReturnKind, ReturnState
from shop.store import Store

NOW = datetime(2026, 11, 22, 12, tzinfo=timezone.utc)
SEEDED = FIRST_NUMBER + sum(count for count, _ in PAST.values()) - 1


def past(at: datetime) -> list[dict[str, object]]:
    buyers, products = list(people.shoppers()), list(catalogue.products())
    return [order for order, _ in Past(buyers, products, at).orders()]


def test_the_past_is_the_same_every_time_but_for_its_dates() -> None:
    week = timedelta(days=7)
    one, other, later = past(NOW), past(NOW), past(NOW + week)
    assert one == other
    assert len(one) >= 200
    assert [o["number"] for o in one] == [o["number"] for o in later]
    assert {b["placed"] - a["placed"] for a, b in zip(one, later, strict=True)} == {  # type: ignore
        week.total_seconds()
    }


async def test_what_was_paid_adds_up(store: Store, pl: Locale) -> None:
    """Every seeded order is paid in full, given back in full, or not paid yet."""
    commerce = DemoCommerce(store.url)
    methods = 0
    for person in people.shoppers():
        own = await commerce.payment_methods(person.id, pl)
        assert 1 <= len(own) <= 3
        methods += len({method.kind for method in own})
        for order in await commerce.orders(person.id, pl):
            if int(order.number) > SEEDED or order.items_changed:
                continue  # another test's
            unpaid = order.state.value in ("awaiting_payment", "payment_failed", "cancelled")
            back = order.state is OrderState.REFUNDED
            assert bool(order.transactions) is not unpaid
            if order.transactions:
                assert rules.paid(order).minor == (0 if back else order.total.minor)
            assert {moved.method.id for moved in order.transactions} <= {m.id for m in own}
    assert methods > len(list(people.shoppers()))


async def test_what_is_sent_back_was_delivered(store: Store, pl: Locale) -> None:
    commerce = DemoCommerce(store.url)
    states = {
        OrderState.RETURN_REQUESTED: (ReturnKind.RETURN, ReturnState.REQUESTED),
        OrderState.EXCHANGE_REQUESTED: (ReturnKind.EXCHANGE, ReturnState.REQUESTED),
        OrderState.RETURNED: (ReturnKind.RETURN, ReturnState.RECEIVED),
        OrderState.REFUNDED: (ReturnKind.RETURN, ReturnState.DONE),
    }
    seen = set()
    for person in people.shoppers():
        for order in await commerce.orders(person.id, pl):
            if int(order.number) > SEEDED or order.state not in states:
                continue
            seen.add(order.state)
            (back,) = await commerce.returns(order.number, pl)
            assert (back.kind, back.state) == states[order.state]
            assert order.delivered is not None
            assert order.delivered <= back.requested
            assert set(back.quantities) <= {line.id for line in order.lines}
            for line_id, variant_id in back.changes.items():
                line = rules.line_of(order, line_id)
                assert line is not None
                product = await commerce.product(line.product_id, pl)
                assert variant_id in {variant.id for variant in product.variants}
    assert seen == set(states)


def test_older_orders_have_smaller_numbers() -> None:
    placed = [order["placed"] for order in past(NOW)]
    assert placed == sorted(placed)  # type: ignore[type-var]
    assert max(placed) < NOW.timestamp()  # type: ignore[operator]


def test_shoppers_are_plausible() -> None:
    found = list(people.shoppers())
    assert len(found) >= 60
    assert len({shopper.email for shopper in found}) == len(found)
    assert all(s.email.split("@")[1].startswith("example.") for s in found)
    assert {s.address.country for s in found if s.address} == {"PL", "ES", "IE", "DE"}


def test_the_vocabulary_file_is_whole(store: Store) -> None:
    snapshot.refresh(store)
    content = json.loads(snapshot.vocabulary_path().read_text(encoding="utf-8"))
    with store.begin(write=False) as connection:
        ids = set(connection.scalars(select(tables.products.c.id)))
        colours = {
            o["colour"]
            for o in connection.scalars(select(tables.variants.c.options))
            if "colour" in o
        }
    assert set(content["products"]) == ids
    assert set(content["facets"]["colour"]) >= colours
    assert content["facets"]["size"]["42.5"]["pl"] == ["42.5", "42,5"]
    assert content["facets"]["size"]["XXL"]["en"] == ["XXL", "2XL"]
    for facet, terms in content["facets"].items():
        for id_, names in terms.items():
            assert all(names[language] for language in ("en", "pl", "es")), (facet, id_)
    assert not list(snapshot.vocabulary_path().parent.glob(".vocabulary*"))


def test_goods_go_with_goods_that_exist() -> None:
    products = {product.id: product for product in catalogue.products()}
    terms = {(term.facet, term.id) for term in catalogue.terms()}
    for product in products.values():
        assert set(product.goes_with) <= set(products), product.id
        assert ("category", product.category) in terms
        for facet, ids in product.facets.items():
            assert {(facet, id_) for id_ in ids} <= terms, product.id
