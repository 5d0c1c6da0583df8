"""A person when wanted: contact and question become a ticket, with an honest word on when."""

from __future__ import annotations

import logging

from rasa_sdk.events import SlotSet

from actions.base import Events, ShopAction, resume
from actions.facts import facts
from actions.forms import Field, Form, Values
from actions.turn import Turn
from shop import connect, identity
from shop.model import Contact, ShopError, Ticket

logger = logging.getLogger(__name__)
MESSAGE_SLOTS = ("message_contact", "message_text", "message_order")


def contact(turn: Turn, values: Values) -> str | None:
    return turn.value("email") or turn.value("phone")


def question(turn: Turn, values: Values) -> str | None:
    text = turn.text.strip()
    return text if not turn.tapped and len(text) >= 5 else None


class MessageForm(Form):
    form = "message_form"
    opened_by = frozenset({"ask_person", "complain"})
    fields = (Field("message_text", question), Field("message_contact", contact, typed=True))

    async def open(self, turn: Turn, values: Values) -> Values:
        """Says what the shop's rules are and when a person is there; a wish that came with its
        reason is the message already."""
        why = turn.intent if turn.intent in self.opened_by else "ask_person"
        turn.say(f"utter_open_{why}", **facts(turn.locale))
        shopper = await identity.shopper(turn.conversation)
        known: Values = {"message_contact": turn.value("email") or turn.value("phone")}
        if shopper and not known["message_contact"]:
            known["message_contact"] = shopper.email
        if turn.intent == "complain" and not turn.tapped:
            known["message_text"] = turn.text
            known["message_order"] = turn.value("order_number")
        return {slot: value for slot, value in known.items() if value}

    def elsewhere(self, turn: Turn) -> bool:
        """A message to a person may be about anything; only an open question for another topic's
        answer, clearly one, leads away."""
        return turn.slot("requested_slot") != "message_text" and super().elsewhere(turn)


class OpenTicket(ShopAction):
    def name(self) -> str:
        return "action_open_ticket"

    async def serve(self, turn: Turn) -> Events:
        who, text = turn.slot("message_contact"), turn.slot("message_text")
        if not who or not text:
            return self.after_failure(turn)
        ticket = Ticket(
            conversation=turn.conversation,
            contact=who,
            question=text,
            language=turn.language,
            transcript=transcript(turn),
            order_number=turn.slot("message_order"),
        )
        number = await connect("helpdesk").open_ticket(ticket, key=turn.key("ticket"))
        await tell_crm(turn, who, number)
        turn.say("utter_ticket_opened", number=number, contact=who, **facts(turn.locale))
        return [*self.after_failure(turn), *resume(turn, "message_form")]

    def after_failure(self, turn: Turn) -> Events:
        return [SlotSet(slot, None) for slot in MESSAGE_SLOTS]


async def tell_crm(turn: Turn, who: str, number: str) -> None:
    crm = connect("crm")
    try:
        if "@" in who:
            await crm.save_contact(Contact(email=who, language=turn.language))
        await crm.log_outcome(turn.conversation, "ticket_opened", {"reference": number})
    except ShopError:
        logger.warning("the CRM did not take ticket %s", number)


def transcript(turn: Turn) -> tuple[tuple[str, str], ...]:
    """The last words of both sides, oldest first."""
    said = [
        ("shopper" if event["event"] == "user" else "assistant", event.get("text") or "")
        for event in turn.tracker.events
        if event["event"] in ("user", "bot") and event.get("text")
    ]
    return tuple(said[-40:])
