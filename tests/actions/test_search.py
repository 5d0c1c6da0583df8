"""Searching, narrowing, and advice."""

from typing import Any

from shop import connect, identity
from shop.model import Bought, Deal, DealStage, Locale, Money, Shopper

EUR = Locale("en", "EUR")
PL = Locale("pl", "PLN")


async def test_a_search_shows_cards_and_remembers_them(shopper: Any) -> None:
    (said,) = await shopper.does("action_search", "search_product", "kurtka", category="jackets")
    assert said["response"] == "utter_found"
    assert [card["id"] for card in said["cards"]] == shopper.slots["shown"]
    assert shopper.slots["wishes"]["facets"] == {"category": ["jackets"]}


async def test_narrowing_keeps_what_was_wished_before(shopper: Any) -> None:
    await shopper.does("action_search", "search_product", "kurtka", category="jackets")
    await shopper.does("action_refine", "refine_search", "tylko czerwone", colour="red")
    assert shopper.slots["wishes"]["facets"] == {"category": ["jackets"], "colour": ["red"]}
    for product_id in shopper.slots["shown"]:
        product = await connect("commerce").product(product_id, EUR)
        assert any(variant.options["colour"] == "red" for variant in product.variants)


async def test_a_price_limit_holds(shopper: Any) -> None:
    limit = {"minor": 30000, "currency": "PLN"}
    (said,) = await shopper.does(
        "action_search", "search_product", "buty do 300", category="footwear", price_max=limit
    )
    assert said["cards"]
    assert all(card["price"]["minor"] <= 30000 for card in said["cards"])


async def test_a_wish_that_nothing_meets_is_named(shopper: Any) -> None:
    limit = {"minor": 100, "currency": "PLN"}
    (said,) = await shopper.does(
        "action_search", "search_product", "kurtka za złotówkę", category="jackets", price_max=limit
    )
    assert said["response"] == "utter_found_near"
    assert [wish["response"] for wish in said["dropped"]] == ["utter_name_price_max"]


async def test_more_goes_on_where_the_page_ended(shopper: Any) -> None:
    await shopper.does("action_search", "search_product", "kurtka", category="jackets")
    first = shopper.slots["shown"]
    await shopper.does("action_show_more", "show_more")
    assert not set(first) & set(shopper.slots["shown"])


async def test_only_reduced_things_are_on_sale(shopper: Any) -> None:
    (said,) = await shopper.does("action_show_promotions", "ask_promotions")
    assert said["cards"]
    assert all(card["lowest_30d"] for card in said["cards"])


async def test_cheaper_means_cheaper_than_what_is_shown(shopper: Any) -> None:
    (before,) = await shopper.does("action_search", "search_product", "namiot", category="tents")
    dearest = max(card["price"]["minor"] for card in before["cards"])
    (after,) = await shopper.does("action_refine", "refine_search", "coś tańszego", cheaper=True)
    assert after["cards"]
    assert all(card["price"]["minor"] < dearest for card in after["cards"])


async def test_advice_asks_only_what_is_not_known(shopper: Any) -> None:
    await shopper.answers("advise_form", "recommend", "coś na góry", purpose="hiking")
    assert shopper.slots["advise_use"] == "hiking"
    assert shopper.slots["requested_slot"] == "advise_for"
    await shopper.answers("advise_form", "inform", "dla żony", audience="women")
    assert shopper.slots["requested_slot"] == "advise_budget"
    await shopper.answers("advise_form", "no_preference", "obojętnie")
    assert shopper.slots["requested_slot"] is None
    (said,) = await shopper.does("action_advise", "no_preference", "obojętnie")
    assert said["response"] == "utter_advised"
    assert 1 <= len(said["cards"]) <= 3
    assert {"utter_name_purpose", "utter_name_audience"} <= {
        reason["response"] for reason in said["cards"][0]["note"]
    }
    assert shopper.slots["advise_use"] is None


async def test_advice_knows_what_the_crm_says_was_bought(shopper: Any) -> None:
    email, item = "kept@example.org", Bought("halny-storm-jacket", "x", "Halny Storm", 1)
    deal = Deal("crm-1", email, Money(49900, "PLN"), DealStage.WON, (item,), 1_790_000_000)
    await connect("crm").save_deal(deal)
    await identity.remember(shopper.conversation, Shopper("nobody-else", "Ewa Lis", email))
    shopper.slots |= {"advise_use": "hiking", "advise_for": "women"}
    _, suiting = await shopper.does("action_advise", "no_preference", "obojętnie")
    assert suiting["response"] == "utter_advised_from_orders"
    shown = {card["id"] for card in suiting["cards"]}
    fit = await connect("commerce").related("goes_with", item.product_id, EUR)
    assert shown == {product.id for product in fit}


async def test_a_page_after_the_last_leaves_what_is_on_screen(shopper: Any) -> None:
    await shopper.does("action_search", "search_product", "namiot", category="tents")
    while shopper.heard != ["utter_no_more"]:
        before = shopper.slots["shown"]
        await shopper.does("action_show_more", "show_more")
    assert shopper.slots["shown"] == before


async def test_an_answer_to_nothing_asked_narrows_nothing(shopper: Any) -> None:
    await shopper.does("action_search", "search_product", "namiot", category="tents")
    await shopper.does("action_refine", "inform", "jan@example.com", email="jan@example.com")
    assert shopper.heard == ["utter_what_next"]


async def test_an_option_right_after_a_product_is_about_that_one(shopper: Any) -> None:
    await shopper.does("action_search", "search_product", "kurtka", category="jackets")
    second = shopper.slots["shown"][1]
    product = await connect("commerce").product(second, EUR)
    options = {"size": product.variants[0].options["size"]}
    (said,) = await shopper.does("action_refine", "inform", "ta druga, S", ordinal=2, **options)
    assert said["response"].startswith("utter_stock_")
    assert shopper.slots["product"] == second
    colour = {"colour": product.variants[0].options["colour"]}
    (said,) = await shopper.does("action_refine", "inform", "a czarna?", **colour)
    assert said["title"] == (await connect("commerce").product(second, PL)).title


async def test_words_that_lead_nowhere_find_nothing(shopper: Any) -> None:
    await shopper.does("action_search", "search_product", "qwrtzx iphone")
    assert shopper.heard == ["utter_found_nothing"]


async def test_another_own_order_named_alone_is_told(shopper: Any, orders: Any) -> None:
    order = orders.take("shipped")
    await shopper.does("action_refine", "inform", order.number, order_number=order.number)
    assert shopper.heard == ["utter_what_next"]  # nothing is told to somebody unknown
    await shopper.is_known(order)
    await shopper.does("action_refine", "inform", order.number, order_number=order.number)
    assert [event["name"] for event in shopper.last_events] == ["request_form"]
    await shopper.wishes("inform", order.number, order_number=order.number)
    assert shopper.heard == ["utter_order_shipped"]


async def test_a_shopper_who_moves_on_is_not_asked_on(shopper: Any) -> None:
    await shopper.answers("advise_form", "recommend", "coś dla dziecka", audience="kids")
    assert shopper.slots["requested_slot"]
    shopper.loop = "advise_form"
    await shopper.does("validate_advise_form", "ask_promotions", "jakieś promocje?")
    assert shopper.heard == []
    assert shopper.slots["requested_slot"] is None
    await shopper.does("action_advise", "ask_promotions", "jakieś promocje?")
    assert shopper.heard == []
