"""A message for a person becomes a ticket with its transcript."""

from functools import partial
from typing import Any

import pytest
import yaml

from shop import connect, jobs, outbox
from shop.model import Unavailable, Wishes
from shop.store import open_store
from tests.actions.conftest import PL, ROOT


async def test_contact_and_question_become_a_ticket(shopper: Any) -> None:
    await shopper.answers("message_form", "ask_person", "człowieka proszę")
    assert shopper.heard == ["utter_open_ask_person"]
    assert shopper.said[0]["open"] in ("yes", "no")
    await shopper.answers("message_form", text="Czy zrobicie logo na 30 kurtkach?")
    await shopper.answers("message_form", text="ola@example.com", email="ola@example.com")
    shopper.events = [
        {"event": "user", "text": "człowieka proszę"},
        {"event": "bot", "text": "Co przekazać?"},
    ]
    (said,) = await shopper.does("action_open_ticket")
    ticket = await connect("helpdesk").ticket(said["number"])
    assert ticket.question == "Czy zrobicie logo na 30 kurtkach?"
    assert [who for who, _ in ticket.transcript] == ["shopper", "assistant"]
    due = partial(outbox.waiting, targets=[outbox.CRM])
    while await open_store().read(due):
        await jobs.attempt(open_store(), [outbox.CRM])
    assert (await connect("crm").contact("ola@example.com")).language == "pl"
    assert shopper.slots["message_text"] is None


async def test_a_complaint_is_the_message_already(shopper: Any) -> None:
    text = "zamek w kurtce puścił po dwóch tygodniach"
    await shopper.answers("message_form", "complain", text)
    assert shopper.heard == ["utter_open_complain"]
    assert shopper.slots["message_text"] == text
    assert shopper.slots["requested_slot"] == "message_contact"


async def test_three_useless_answers_end_the_form(shopper: Any) -> None:
    await shopper.answers("message_form", "complain", "podeszwa pękła na pół")
    for _ in range(3):
        await shopper.answers("message_form", "inform", "nie wiem")
    assert shopper.heard == ["utter_offer_person"]
    assert shopper.slots["requested_slot"] is None
    await shopper.does("action_open_ticket")
    assert shopper.heard == []


def user(text: str, intent: str, **entities: str) -> dict[str, Any]:
    listed = [{"entity": kind, "value": value} for kind, value in entities.items()]
    return {
        "event": "user",
        "text": text,
        "parse_data": {"intent": {"name": intent}, "entities": listed},
    }


async def left(shopper: Any, email: str = "ola@example.com") -> str:
    """A message for a person is left; gives its number."""
    shopper.slots |= {"message_contact": email, "message_text": "Kiedy będzie paczka?"}
    (said,) = await shopper.does("action_open_ticket")
    return str(said["number"])


async def test_the_ticket_has_what_is_known_of_the_conversation(shopper: Any) -> None:
    found = await connect("commerce").search(Wishes(), PL)
    one, two = found.products[:2]
    shopper.events = [
        user("gdzie jest 10220", "track_order", order_number="10220"),
        {"event": "slot", "name": "product", "value": one.id},
        {"event": "slot", "name": "product", "value": two.id},
        {"event": "slot", "name": "product", "value": one.id},
        {"event": "slot", "name": "product", "value": "no-such-product"},
        {"event": "slot", "name": "product", "value": None},
        user("daj człowieka", "ask_person"),
    ]
    ticket = await connect("helpdesk").ticket(await left(shopper))
    assert ticket.order_number == "10220"
    assert ticket.wanted == ("ask_person", "track_order")
    assert ticket.products == (one.title, two.title)
    assert ticket.channel == "web"


async def test_a_shopper_hears_what_became_of_their_message(shopper: Any) -> None:
    await shopper.does("action_tell_ticket", "track_ticket", "co z moim zgłoszeniem?")
    assert shopper.heard == ["utter_no_ticket"]
    number = await left(shopper)
    (said,) = await shopper.does("action_tell_ticket", "track_ticket", "co z moim zgłoszeniem?")
    assert (said["response"], said["number"]) == ("utter_ticket_open", number)
    await connect("helpdesk").reply(number, "Będzie jutro.")
    (said,) = await shopper.does("action_tell_ticket", "ticket_answered", ticket_number=number)
    assert said["response"] == "utter_ticket_answered"
    assert (said["answered"], said["answer"]) == ("yes", "Będzie jutro.")
    await connect("helpdesk").reply(number, "", solved=True)
    (said,) = await shopper.does("action_tell_ticket", "ticket_solved", ticket_number=number)
    assert (said["response"], said["answer"]) == ("utter_ticket_solved", "Będzie jutro.")


async def test_a_notice_is_true_though_the_help_desk_is_away(
    shopper: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(number: str) -> Any:
        raise Unavailable("zendesk: 503")

    number = await left(shopper)
    monkeypatch.setattr(connect("helpdesk"), "ticket", away)
    (said,) = await shopper.does("action_tell_ticket", "ticket_answered", ticket_number=number)
    assert (said["response"], said["answered"]) == ("utter_ticket_answered", "no")
    await shopper.does("action_tell_ticket", "track_ticket", "co z moim zgłoszeniem?")
    assert shopper.heard == ["utter_shop_unavailable"]


async def test_of_several_messages_the_one_named_is_told_of(shopper: Any) -> None:
    first, second = await left(shopper), await left(shopper)
    (said,) = await shopper.does("action_tell_ticket", "track_ticket", "co z tym?")
    assert said["number"] == second
    (said,) = await shopper.does("action_tell_ticket", "track_ticket", f"co z {first.lower()}?")
    assert said["number"] == first


async def test_other_peoples_messages_are_not_told_of(shopper: Any, executor: Any) -> None:
    number = await left(type(shopper)(executor))
    await shopper.does("action_tell_ticket", "track_ticket", f"co z {number}?")
    assert shopper.heard == ["utter_no_ticket"]
    await shopper.does("action_tell_ticket", "ticket_answered", ticket_number=number)
    assert shopper.heard == ["utter_no_ticket"]


async def test_who_is_identified_hears_of_messages_from_elsewhere(
    shopper: Any, executor: Any, orders: Any
) -> None:
    order = orders.take("shipped", lines=None)
    number = await left(type(shopper)(executor), order.email.upper())
    await shopper.is_known(order)
    (said,) = await shopper.does("action_tell_ticket", "track_ticket", f"co z {number}?")
    assert said["number"] == number


@pytest.mark.parametrize("language", ["en", "es", "pl"])
def test_a_wish_for_a_person_is_marked_for_channels_where_people_read_along(language: str) -> None:
    responses = yaml.safe_load((ROOT / f"data/handoff/{language}.yml").read_text())["responses"]
    for name in ("utter_open_ask_person", "utter_open_complain"):
        assert responses[name][0]["metadata"] == {"person": True}
