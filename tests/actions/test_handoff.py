"""A message for a person becomes a ticket with its transcript."""

from typing import Any

from shop import connect


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
