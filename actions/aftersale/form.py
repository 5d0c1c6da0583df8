"""The one form of all wishes after the sale: who is writing, then one request after the other."""

from __future__ import annotations

from dataclasses import replace

from rasa_sdk.events import ActionExecutionRejected, SlotSet

from actions.aftersale import who
from actions.aftersale.agenda import CHANGE, CODE, CONFIRM, READY, Agenda
from actions.aftersale.context import Context
from actions.aftersale.kinds import BY_INTENT, KINDS
from actions.aftersale.model import Heard, Request, clauses, from_slot, with_details
from actions.aftersale.model import heard as whole
from actions.base import Events, ShopAction, resume
from actions.forms import ANSWERS, MISSES
from actions.turn import Turn, choice, said
from shop.model import NotFound, Refused

ANSWER = "request_answer"
SLOTS = (*who.SLOTS, ANSWER)
CLAUSE_SURE = 0.5
PERSONAL, WHO = frozenset({"my_account", "change_profile"}), ("email", "person", "postcode")
REMEMBERED = 6  # requests done, for "the other one" and "undo that"


class RequestForm(ShopAction):
    form = "request_form"

    def name(self) -> str:
        return f"validate_{self.form}"

    async def serve(self, turn: Turn) -> Events:
        asked = turn.slot("requested_slot") or ""
        inside, fresh = asked in SLOTS, bool(turn.tracker.slots_to_validate())
        try:
            context = await Context.of(turn)
        except Refused as refusal:  # a shop that shows nobody its orders: no question would help
            turn.say(f"utter_refused_{refusal.reason}", **refusal.details)
            return [SlotSet("requested_slot", None)]
        resumed = not inside and turn.intent not in BY_INTENT
        agenda = Agenda(context, requests_of(turn) if inside or resumed else [])
        known: who.Known = {slot: turn.slot(slot) for slot in who.SLOTS}
        if asked in who.SLOTS:
            known[asked] = None  # Rasa put the raw text there
        before = [list(agenda.open), dict(known)]
        if not inside and not resumed:
            known = self.begin(turn, agenda, known)
        elif fresh:
            known = await self.take(turn, agenda, asked, known)
        elif turn.value("order_number") and not agenda.open:  # "and 10168?"
            agenda.add(replace(whole(turn), intent="track_order"), turn.key("0"))
        if inside and fresh and asked in who.SLOTS and refuses(turn) and before[0] == agenda.open:
            turn.say("utter_left_as_it_was")
            return self.events(Agenda(context), {}, None, None)
        unused = inside and fresh and before == [agenda.open, known]
        if unused and elsewhere(turn):
            return [SlotSet(asked, None), ActionExecutionRejected(self.form)]
        misses = (turn.slot("misses") or 0) + 1 if unused else None
        if misses == MISSES:
            person = [choice(said("utter_name_person"), "ask_person")]
            turn.say("utter_offer_person", choices=person)
            return self.events(Agenda(agenda.context), {}, None, None)
        if unused:
            turn.say("utter_invalid_request")
        return self.events(agenda, known, await self.go_on(turn, agenda, known), misses)

    def begin(self, turn: Turn, agenda: Agenda, known: who.Known) -> who.Known:
        """The wishes of the message that opened the form."""
        parts = with_details(clauses(turn, CLAUSE_SURE))
        found = [heard for heard in parts if heard.sure and heard.intent in BY_INTENT]
        found = without_asides(found) or [replace(whole(turn), intent=turn.intent)]
        for position, heard in enumerate(found):
            agenda.add(heard, turn.key(str(position)))
        for earlier in (*said_before(turn), whole(turn)):
            known = who.facts_in(turn, earlier, "", known)
        return known

    async def take(self, turn: Turn, agenda: Agenda, asked: str, known: who.Known) -> who.Known:
        """What a message says to the open question, and new wishes that it brings."""
        parts = list(enumerate(with_details(clauses(turn, CLAUSE_SURE))))
        if asked in who.SLOTS:
            for position, heard in parts:
                if heard.sure and heard.intent in BY_INTENT and heard.text:
                    agenda.add(heard, turn.key(str(position)))
                elif any(map(heard.all, who.NAMELESS)):
                    agenda.add_to_current(heard)
            return who.facts_in(turn, whole(turn), asked, known)
        for position, heard in parts:
            if agenda.current:
                await self.hear(turn, agenda, agenda.current, heard, turn.key(str(position)))
        return known

    async def hear(
        self, turn: Turn, agenda: Agenda, current: Request, heard: Heard, key: str
    ) -> None:
        """One clause: an answer, a correction, a yes or no, or another wish."""
        if current.asked == CODE:
            await self.prove(turn, agenda, current)
        elif agenda.is_another(current, heard):
            if heard.refers("instead"):
                agenda.leave()
            agenda.add(heard, key)
        else:
            # What may have been written is not amended: its id stands for it.
            fixed = current.uncertain
            amended = current if fixed else await agenda.read(current, heard, current.asked)
            if amended != current:
                agenda.keep(amended.but(asked=READY, read_at=None))
            elif agenda.gives_up(heard):
                turn.say("utter_request_left")
                agenda.leave()
            elif heard.sure and heard.intent in BY_INTENT and heard.intent not in own(current):
                agenda.add(heard, key, first=current.asked != CONFIRM)
            elif current.asked == CONFIRM and heard.sure:
                await self.answer(turn, agenda, current, heard)

    async def prove(self, turn: Turn, agenda: Agenda, current: Request) -> None:
        """The one-time code. An expired one is sent anew; too many wrong ones end the request."""
        try:
            outcome = await who.check_code(turn)
        except Refused as refusal:
            await agenda.refuse(current, refusal)
            agenda.leave()
            return
        if outcome is not None:
            asked = CODE if outcome == "code_wrong" else READY
            agenda.keep(current.but(asked=asked, codes=current.codes + 1))

    async def answer(self, turn: Turn, agenda: Agenda, current: Request, heard: Heard) -> None:
        """A yes counts for what was read back, while it still is so; a no asks what to change."""
        if heard.intent == "affirm" and await agenda.agreed(current):
            agenda.keep(current.but(confirmed=True))
        elif heard.intent == "affirm":
            turn.say("utter_confirm_again")
            agenda.keep(current.but(asked=READY, read_at=None))
        elif heard.intent == "deny" and not current.uncertain:
            agenda.keep(current.but(asked=CHANGE, read_at=None))

    async def go_on(self, turn: Turn, agenda: Agenda, known: who.Known) -> str | None:
        """Finds out who writes, if that is needed, and serves the agenda; the slot to ask for."""
        while agenda.current and agenda.needs_identity(agenda.current):
            slot = who.missing(known)
            if slot == "identify_proof" and "@" in (known["identify_who"] or ""):
                known["identify_proof"] = next(iter(agenda.numbers()), None)
                slot = who.missing(known)
            if slot:
                who.ask(turn, slot, known)
                return slot
            try:
                await who.identify(turn, known)
            except NotFound:
                turn.say("utter_identify_unknown")
                known.update(dict.fromkeys(who.SLOTS))
                return who.SLOTS[0]
            except Refused as refusal:
                turn.say(f"utter_refused_{refusal.reason}", **refusal.details)
                return None
            await agenda.context.refresh()
            if "@" in (known["identify_who"] or ""):
                agenda.context.hint = known["identify_proof"] or ""
        return ANSWER if await agenda.advance() else None

    def events(
        self, agenda: Agenda, known: who.Known, slot: str | None, misses: int | None
    ) -> Events:
        """A closed form keeps nothing but what was done."""
        open_ = [request.to_slot() for request in agenda.open] if slot else None
        kept = {name: known.get(name) if slot else None for name in who.SLOTS}
        slots = {
            "requests": open_,
            "requests_done": agenda.context.done[-REMEMBERED:],
            "misses": misses if slot else None,
            **kept,
            ANSWER: None,
            **({slot: None} if slot else {}),
            "requested_slot": slot,
        }
        return [SlotSet(name, value) for name, value in slots.items()]

    def after_failure(self, turn: Turn) -> Events:
        """The question stays open: the shopper may say it again."""
        asked = turn.slot("requested_slot")
        return [SlotSet(asked, None), SlotSet("requested_slot", asked)] if asked in SLOTS else []


def without_asides(found: list[Heard]) -> list[Heard]:
    """Beside a wish to change something, who one is and that a parcel came are no wishes."""
    if not any(KINDS[BY_INTENT[heard.intent].name].writes for heard in found):
        return found
    return [
        heard
        for heard in found
        if heard.intent != "track_order"
        and not (heard.intent in PERSONAL and any(heard.values(kind) for kind in WHO))
    ]


def said_before(turn: Turn) -> list[Heard]:
    """The shopper's last messages: who they are may have been said in a greeting."""
    events = [event for event in turn.tracker.events if event["event"] == "user"][-4:-1]
    parsed = [event.get("parse_data") or {} for event in events]
    return [Heard(p.get("text") or "", tuple(p.get("entities") or ())) for p in parsed]


def requests_of(turn: Turn) -> list[Request]:
    return [from_slot(data) for data in turn.slot("requests") or []]


def own(request: Request) -> frozenset[str]:
    return KINDS[request.kind].intents


def refuses(turn: Turn) -> bool:
    """A plain no to "who are you?"."""
    return turn.sure and turn.intent == "deny" and not any(map(turn.entities, WHO))


def elsewhere(turn: Turn) -> bool:
    return turn.intent not in ANSWERS | frozenset(BY_INTENT)


class ResumeForm(ShopAction):
    """The form that the wishes pushed aside is opened again where it stood."""

    def name(self) -> str:
        return "action_resume"

    async def serve(self, turn: Turn) -> Events:
        return resume(turn, RequestForm.form)
