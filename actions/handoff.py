"""A person when wanted: contact and question become a ticket, with an honest word on when."""

from __future__ import annotations

import re
from dataclasses import replace

from rasa_sdk.events import SlotSet

from actions import brief
from actions.base import Events, ShopAction, resume
from actions.facts import facts
from actions.forms import Field, Form, Values
from actions.transcript import transcript
from actions.turn import Turn, choice, said
from shop import connect, identity
from shop.crm import telling
from shop.crm.base import named
from shop.model import Lead, Note, Ticket, TicketState, Unavailable
from shop.store import now

MESSAGE_SLOTS = ("message_contact", "message_text", "message_order")
NOTICES = {"ticket_answered": TicketState.ANSWERED, "ticket_solved": TicketState.SOLVED}


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
            order_number=turn.slot("message_order") or brief.order_number(turn),
            wanted=brief.wanted(turn),
            products=await brief.products(turn),
        )
        number = await connect("helpdesk").open_ticket(ticket, key=turn.key("ticket"))
        await tell_crm(turn, who, number, text)
        turn.say("utter_ticket_opened", number=number, contact=who, **facts(turn.locale))
        return [*self.after_failure(turn), *resume(turn, "message_form")]

    def after_failure(self, turn: Turn) -> Events:
        return [SlotSet(slot, None) for slot in MESSAGE_SLOTS]


class TellTicket(ShopAction):
    """What became of a message: asked for, or told by the help desk in a notice of our own."""

    def name(self) -> str:
        return "action_tell_ticket"

    async def serve(self, turn: Turn) -> Events:
        desk, shopper = connect("helpdesk"), await identity.shopper(turn.conversation)
        mine = await desk.tickets(turn.conversation, shopper.email if shopper else "")
        named_here = (turn.value("ticket_number"), *re.findall(r"\w+", turn.text.upper()))
        meant = [number for number in mine if number in named_here] or list(mine)
        if not meant:
            turn.say("utter_no_ticket", choices=[choice(said("utter_name_person"), "ask_person")])
            return []
        try:
            ticket = await desk.ticket(meant[0])
            state, answer = ticket.state, ticket.answer
        except Unavailable:
            if turn.intent not in NOTICES:
                raise
            state, answer = NOTICES[turn.intent], ""  # what was noticed is true without its words
        told = {"number": meant[0], "answer": answer, "answered": "yes" if answer else "no"}
        turn.say(f"utter_ticket_{state.value}", **told, **facts(turn.locale))
        return []


async def tell_crm(turn: Turn, who: str, number: str, question: str) -> None:
    """Somebody to call back, and what was said so far."""
    contact = replace(named(who), language=turn.language)
    note = Note(turn.conversation, "ticket_opened", number, who, now(), {}, transcript(turn))
    lead = Lead(number, who, question, turn.language)
    await telling.mention(f"ticket_{number}", contact, lead, note)
