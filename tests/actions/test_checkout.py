"""Checking out as a guest, paying, and what the payment's notices say."""

from pathlib import Path
from typing import Any

import pytest

from actions.answers import country_named, split_address
from shop import connect, faults
from shop.model import Locale, OrderState, PaymentState
from shop.store import open_store
from tests.actions.conftest import mailed_code
from tests.actions.test_cart import product_with

PL = Locale("pl", "PLN")
ANSWERS = [
    ("anna@example.com", {"email": "anna@example.com"}),
    ("Anna Nowak", {}),
    ("512 345 678", {"phone": "+48512345678"}),
    ("kurier", {"delivery": "courier_pl"}),
    ("Długa 5/12, 00-238 Warszawa", {"postcode": "00-238"}),
]


async def filled(shopper: Any) -> None:
    product = await product_with({"colour", "size"})
    variant = next(v for v in product.variants if v.stock > 3)
    await shopper.answers("add_form", "add_to_cart", variant=variant.id, product=product.id)
    await shopper.does("action_add_to_cart")
    shopper.slots["requested_slot"] = None


async def read_back(shopper: Any) -> None:
    """Up to the summary."""
    await filled(shopper)
    await shopper.answers("checkout_form", "checkout", "kupuję")
    for text, entities in ANSWERS:
        await shopper.answers("checkout_form", "inform", text, **entities)


async def test_a_guest_orders_and_pays(shopper: Any) -> None:
    await read_back(shopper)
    assert shopper.heard == ["utter_checkout_summary"]
    (summary,) = shopper.said
    assert summary["address"] == "Długa 5/12, 00-238 Warszawa"
    await shopper.answers("checkout_form", "affirm", "tak")
    (said,) = await shopper.does("action_place_order", "affirm", "tak")
    assert said["response"] == "utter_order_placed"
    assert said["total"] == summary["total"]
    order = await connect("commerce").order(said["number"], PL)
    assert (order.state, order.email) == (OrderState.AWAITING_PAYMENT, "anna@example.com")
    payment = said["choices"][0]["url"].rsplit("/", 1)[-1]
    paid = await connect("payments").payment(payment)
    assert paid.amount == order.total
    assert paid.state is PaymentState.PENDING
    assert shopper.slots["checkout_email"] is None


@pytest.mark.parametrize("kind", ["before", "during", "after"])
async def test_an_order_without_a_payment_page_is_told_so_and_paid_later(
    shopper: Any, kind: faults.Kind
) -> None:
    await read_back(shopper)
    await shopper.answers("checkout_form", "affirm", "tak")
    await faults.plan(open_store(), "start", kind)
    (said,) = await shopper.does("action_place_order", "affirm", "tak")
    assert said["response"] == "utter_order_unpaid"
    order = await connect("commerce").order(said["number"], PL)
    assert order.state is OrderState.AWAITING_PAYMENT
    (again,) = await shopper.does("action_pay_again", "pay_again")
    assert (again["response"], again["number"]) == ("utter_pay_again", order.number)


@pytest.mark.parametrize("kind", ["before", "during", "after"])
async def test_an_order_that_may_have_been_placed_is_not_denied(
    shopper: Any, kind: faults.Kind
) -> None:
    await read_back(shopper)
    await shopper.answers("checkout_form", "affirm", "tak")
    await faults.plan(open_store(), "place_order", kind)
    (said,) = await shopper.does("action_place_order", "affirm", "tak")
    assert said["response"] == "utter_order_unclear"
    (seen,) = await shopper.does("action_pay_again", "pay_again")
    assert seen["response"] == ("utter_pay_again" if kind == "after" else "utter_no_order_here")


async def test_an_order_needs_a_sure_yes(shopper: Any) -> None:
    await read_back(shopper)
    await shopper.does("validate_checkout_form", "affirm", "może", confidence=0.3)
    assert shopper.slots["requested_slot"] == "checkout_confirmed"
    assert not shopper.slots.get("checkout_confirmed")


async def test_a_later_answer_corrects_an_earlier_one_and_is_read_back(shopper: Any) -> None:
    await read_back(shopper)
    ola = "ola@example.org"
    await shopper.answers("checkout_form", "inform", f"mail to {ola}", email=ola)
    assert shopper.heard == ["utter_checkout_summary"]
    assert shopper.said[0]["email"] == "ola@example.org"


async def test_no_asks_what_to_change(shopper: Any) -> None:
    await read_back(shopper)
    await shopper.answers("checkout_form", "deny", "nie")
    assert shopper.heard == ["utter_checkout_change_what"]
    await shopper.answers("checkout_form", "inform", checkout_change="checkout_delivery")
    assert shopper.slots["requested_slot"] == "checkout_delivery"


async def test_a_locker_needs_no_street(shopper: Any) -> None:
    await filled(shopper)
    await shopper.answers("checkout_form", "checkout", "kupuję")
    for text, entities in ANSWERS[:3]:
        await shopper.answers("checkout_form", "inform", text, **entities)
    await shopper.answers("checkout_form", "inform", "do automatu", delivery="locker_pl")
    assert shopper.slots["requested_slot"] == "checkout_point"
    await shopper.answers("checkout_form", "inform", "KRA123M")
    assert shopper.heard == ["utter_checkout_summary"]


async def test_an_empty_cart_is_not_checked_out(shopper: Any) -> None:
    await shopper.answers("checkout_form", "checkout", "kupuję")
    await shopper.does("action_place_order", "checkout")
    assert shopper.heard == ["utter_cart_empty"]


async def test_a_notice_of_another_conversations_order_tells_nothing(shopper: Any) -> None:
    orders = await connect("commerce").orders("1", PL)
    number = orders[0].number if orders else "10001"
    await shopper.does("action_tell_payment_outcome", "payment_received", order_number=number)
    assert shopper.heard == ["utter_not_found"]


async def test_a_released_order_is_told_and_can_be_ordered_anew(shopper: Any) -> None:
    await read_back(shopper)
    await shopper.answers("checkout_form", "affirm", "tak")
    (placed,) = await shopper.does("action_place_order", "affirm", "tak")
    await connect("commerce").expire(placed["number"])
    number = placed["number"]
    (said,) = await shopper.does(
        "action_tell_payment_outcome", "order_released", order_number=number
    )
    assert (said["response"], said["number"]) == ("utter_order_released", number)


def test_addresses_as_people_write_them() -> None:
    assert split_address("ul. Długa 5/12, 00-238 Warszawa") == (
        "ul. Długa 5/12", ["00-238", "Warszawa"])  # fmt: skip
    assert split_address("28013 Madrid") == ("", ["28013", "Madrid"])
    assert split_address("C/ Mayor, 12, 3.º B, 28013 Madrid (Madrid)") == (
        "C/ Mayor, 12, 3.º B", ["28013", "Madrid (Madrid)"])  # fmt: skip
    assert split_address("Warszawa 00238") == ("", ["00238", "Warszawa"])
    assert split_address("Kowalewo 12") == ("Kowalewo 12", None)
    assert split_address("D02 X285 Dublin") == ("", ["D02X285", "Dublin"])


async def test_a_guest_changes_the_address_with_the_code_from_the_mail(
    shopper: Any, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(var))
    await read_back(shopper)
    await shopper.answers("checkout_form", "affirm", "tak")
    (placed,) = await shopper.does("action_place_order", "affirm", "tak")
    shopper.slots["requested_slot"] = None
    address = "Długa 5/13, 00-238 Warszawa"
    await shopper.wishes("change_address", address, order_number=placed["number"])
    assert shopper.heard == ["utter_code_sent"]
    await shopper.wishes("inform", mailed_code(var))
    assert shopper.heard == ["utter_confirm_change_address"]
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_change_address"]


async def test_a_no_to_what_may_be_skipped_skips_it(shopper: Any) -> None:
    await filled(shopper)
    await shopper.answers("checkout_form", "checkout", "kupuję")
    await shopper.answers("checkout_form", "inform", "anna@example.com", email="anna@example.com")
    await shopper.answers("checkout_form", "inform", "Anna Nowak")
    await shopper.answers("checkout_form", "deny", "nie podam")
    assert shopper.slots["requested_slot"] == "checkout_delivery"


@pytest.mark.parametrize("intent", ["change_address", "change_profile"])
async def test_before_the_order_an_address_is_corrected_in_the_checkout(
    shopper: Any, intent: str
) -> None:
    await read_back(shopper)
    await shopper.answers("checkout_form", intent, "zmień ulicę", profile_field="address")
    assert shopper.slots["requested_slot"] == "checkout_street"
    await shopper.answers("checkout_form", "inform", "Krótka 7, 00-238 Warszawa")
    (summary,) = shopper.said
    assert summary["address"] == "Krótka 7, 00-238 Warszawa"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("how long does it take to Germany", "DE"),
        ("ile idzie paczka do Niemiec", "DE"),
        ("wysyłacie na Węgry?", "HU"),
        ("¿enviáis a Italia?", "IT"),
        ("do you ship to the USA", "US"),
        ("estoy fuera de casa, gracias", None),
        ("is it in a bag", None),
        ("IE", "IE"),
    ],
)
def test_countries_are_known_by_their_names(text: str, code: str | None) -> None:
    assert country_named(text) == code
