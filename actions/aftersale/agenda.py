"""The wishes of a conversation, one at a time: taken up, asked about, read back, done."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from actions.aftersale import who
from actions.aftersale.context import Context
from actions.aftersale.kind import Kind
from actions.aftersale.kinds import BY_INTENT, KINDS
from actions.aftersale.matching import tokens
from actions.aftersale.model import Heard, Request, together
from actions.aftersale.orders import digits, takes_from, target_numbers
from actions.forms import ANSWERS
from actions.orders.track import possible
from actions.orders.undo import undoing
from actions.turn import choice, said, wire
from shop.model import NotFound, Refused, Unavailable
from shop.policy import policy

BARE = 3  # words
SWAPS = {"change_items", "exchange"}  # one or the other by the order's state
CONFIRM, CHANGE, CODE, READY = "confirm", "change", "code", "ready"


@dataclass
class Agenda:
    """`open` are the requests still to be served, the first one is the current."""

    context: Context
    open: list[Request] = field(default_factory=list)

    @property
    def current(self) -> Request | None:
        return self.open[0] if self.open else None

    def kind(self, request: Request) -> Kind:
        return KINDS[request.kind]

    def add(self, heard: Heard, key: str, first: bool = False) -> None:
        """A new wish: told things at once, before what is being asked; writes in their turn, or
        `first` too. Words about the same order and kind belong to one wish."""
        kind = BY_INTENT[heard.intent]
        numbers = target_numbers(heard, asked=False) or [""]
        for position, number in enumerate(numbers if kind.name == "cancel" else numbers[:1]):
            self.put(kind, heard, f"{key}/{position}", number, first)

    def put(self, kind: Kind, heard: Heard, key: str, number: str, first: bool) -> None:
        alike = [r for r in self.open if r.kind == kind.name and same_order(r, number)]
        if alike and kind.writes and kind.name != "cancel":
            merged = alike[0].but(said=words_of(together(alike[0].words, heard)), asked="")
            self.open[self.open.index(alike[0])] = merged
            return
        own = replace(heard, entities=tuple(one_number(heard, number)))
        request = Request(key, kind.name, said=words_of(own))
        at = 0 if first or not kind.writes else len(self.open)
        self.open.insert(at, request)

    def add_to_current(self, heard: Heard) -> None:
        """What was said of the current wish before it could be taken up."""
        if self.current and self.current.said is not None:
            self.keep(self.current.but(said=words_of(together(self.current.words, heard))))

    def needs_identity(self, request: Request) -> bool:
        """Orders placed in this conversation may be told without; everything else not."""
        if self.context.shopper is not None:
            return False
        placed = {digits(order.number) for order in self.context.orders}
        named = {digits(number) for number in target_numbers(request.words, asked=False)}
        return self.kind(request).personal or not placed or bool(named - placed)

    def numbers(self) -> list[str]:
        """The orders that the wishes name."""
        return [n for r in self.open for n in target_numbers(r.words, asked=False)]

    def is_another(self, current: Request, heard: Heard) -> bool:
        """Whether a clause is a wish of its own: about another order, or of another kind while the
        order or a yes is asked for. Other questions come first, for their answers can sound like
        wishes ("a refund, please")."""
        if not heard.sure or heard.intent not in BY_INTENT:
            return False
        answers = takes_from(current) and heard.intent in KINDS[current.kind].intents
        if answers or self.gives_up(heard):
            return False
        numbers = [digits(number) for number in target_numbers(heard, asked=False)]
        if numbers and current.order and digits(current.order) not in numbers:
            return True
        kind = BY_INTENT[heard.intent].name
        same = {kind, current.kind} <= SWAPS or kind == current.kind
        return not same and current.asked in ("order", CONFIRM)

    def gives_up(self, heard: Heard) -> bool:
        """Whether the current request is to be dropped, and not the form: the rule for leaving
        does that."""
        undo = heard.intent == "undo" and not self.context.done
        return heard.sure and (undo or (heard.intent == "stop" and len(self.open) > 1))

    def leave(self) -> None:
        """Gives up the current request."""
        left = self.open.pop(0)
        self.context.done.append({"kind": "", "order": left.order})

    async def read(self, request: Request, heard: Heard, asked: str) -> Request:
        """What the words hold for the request. Words that are surely about something else can only
        be the answer that is asked for ("that visa")."""
        for question in self.kind(request).questions:
            if stray(heard) and question.name != asked:
                continue
            told = replace(heard, text="") if stray(heard) and question.listed else heard
            request = await question.read(self.context, request, told, question.name == asked)
        return request

    async def advance(self) -> str | None:
        """Serves requests until something has to be asked; the name of the question, None at the
        end of the agenda."""
        while self.open:
            try:
                question = await self.serve(self.open[0])
            except Refused as refusal:
                await self.refuse(self.open[0], refusal)
                question = None
            except NotFound:
                self.context.turn.say("utter_not_found")
                question = None
            if question:
                return question
            self.open.pop(0)
        return None

    async def serve(self, request: Request) -> str | None:
        """One step of the first request; None when it has ended."""
        if request.said is not None and not request.asked:
            taken = await self.take_up(request)
            if taken is None:
                return None
            request = taken
        if request.uncertain and not request.confirmed:
            return self.unclear(request)
        kind = self.kind(request)
        for question in kind.questions if not request.uncertain else ():
            if self.refuses(request):
                kind, request = self.turned(request)
                return await self.serve(self.keep(request))
            if await question.open(self.context, request):
                self.keep(request.but(asked=question.name, read_at=None))
                await question.ask(self.context, self.open[0])
                return question.name
        if request.asked == CHANGE:
            leave = choice(said("utter_name_leave"), "stop")
            self.context.turn.say("utter_change_what", choices=[leave])
            self.keep(request.but(asked=CONFIRM))
            return CONFIRM
        if kind.writes and not request.confirmed:
            return await self.confirm(request)
        return await self.perform(request)

    def keep(self, request: Request) -> Request:
        self.open[0] = request
        return request

    async def take_up(self, request: Request) -> Request | None:
        """The words of the wish, read when the orders are known."""
        if request.kind == "undo" and request.undoes is None:
            undo = await undoing(self.context, request)
            return self.keep(undo.but(asked=READY)) if undo else None
        return self.keep((await self.read(request, request.words, "")).but(asked=READY))

    def refuses(self, request: Request) -> bool:
        return self.kind(request).refusal(self.context, request) is not None

    def turned(self, request: Request) -> tuple[Kind, Request]:
        """The kind that does the same in the order's state; raises the refusal where none does."""
        kind, order = self.kind(request), self.context.order(request)
        other = kind.instead(self.context, order) if order else None
        if other is None:
            refusal = kind.refusal(self.context, request)
            raise refusal or Refused("cannot")
        self.context.turn.say(f"utter_instead_{other}", number=order.number if order else "")
        return KINDS[other], request.but(kind=other)

    async def refuse(self, request: Request, refusal: Refused) -> None:
        """Why not, and the nearest thing that can be done."""
        order = self.context.order(request)
        near = possible(self.context, order, without=request.kind) if order else []
        person = choice(said("utter_name_person"), "ask_person")
        state = said(f"utter_name_state_{order.state.value}") if order else ""
        values = {**refusal.details, "state": state}
        self.context.turn.say(f"utter_refused_{refusal.reason}", **values, choices=[*near, person])

    async def confirm(self, request: Request) -> str:
        """Reads the request back, after the code where policy wants one."""
        turn = self.context.turn
        if await who.needs_code(turn, request.kind):
            if request.asked == CODE:
                turn.say("utter_code_again")
            else:
                order = self.context.order(request)
                await who.send_code(turn, [order] if order else self.context.orders)
                self.keep(request.but(asked=CODE))
            return CODE
        kind = self.kind(request)
        refusal = await kind.check(self.context, request)
        if refusal:
            raise refusal
        values = await self.values(request)
        before = kind.before(self.context, request)
        now = self.context.now()
        self.keep(request.but(asked=CONFIRM, read_at=now, read_as=values, before=before))
        await kind.read_back(self.context, request, values)
        return CONFIRM

    async def values(self, request: Request) -> dict[str, Any]:
        values: dict[str, Any] = wire(await self.kind(request).values(self.context, request))
        return values

    async def agreed(self, request: Request) -> bool:
        """Whether a yes still stands for what was read back, and came in time. After a write whose
        end is unknown it stands for the same write again, which is safe at any time."""
        if request.uncertain:
            return True
        late = (
            self.context.now() - (request.read_at or 0) > policy().after_sale.confirm_minutes * 60
        )
        return not late and request.read_as == await self.values(request)

    async def perform(self, request: Request) -> str | None:
        """Does it once, whatever happens on the way: the same id writes the same thing."""
        kind = self.kind(request)
        try:
            done = await kind.perform(self.context, request, request.read_as or {})
        except Unavailable:
            if not kind.writes:
                raise
            return self.unclear(request)
        told = kind.name if done is not None else ""
        before = {**request.before, **(done or {})}
        self.context.done.append({"kind": told, "order": request.order, "before": before})
        if kind.writes:
            await self.context.refresh()
        return None

    def unclear(self, request: Request) -> str:
        """No answer came: it may have been done or not. Trying again is safe, and says which."""
        self.keep(request.but(confirmed=False, asked=CONFIRM, uncertain=True))
        choices = [
            choice(said("utter_name_try_again"), "affirm"),
            choice(said("utter_name_person"), "ask_person"),
            choice(said("utter_name_leave"), "stop"),
        ]
        self.context.turn.say("utter_write_unclear", choices=choices)
        return CONFIRM


def one_number(heard: Heard, number: str) -> list[dict[str, Any]]:
    """Of several orders to cancel, one each; other wishes keep the orders that they point at."""
    others = set(target_numbers(heard, asked=False)) - {number} if number else set()
    return [
        e for e in heard.entities if e["entity"] != "order_number" or str(e["value"]) not in others
    ]


def stray(heard: Heard) -> bool:
    """Surely about something else; a value or two alone ("paypal") are an answer."""
    if heard.refers("only", "all_but"):  # "no, only the lamp" is no search
        return False
    bare = len(tokens(heard.text)) <= BARE and any(
        e["entity"] != "language" for e in heard.entities
    )
    known = heard.intent in ANSWERS or heard.intent in BY_INTENT
    return heard.sure and not known and not bare


def same_order(request: Request, number: str) -> bool:
    told = [digits(n) for n in target_numbers(request.words, asked=False)]
    own = [digits(request.order)] if request.order else told
    return not number or not own or digits(number) in own


def words_of(heard: Heard) -> dict[str, Any]:
    return {"text": heard.text, "entities": list(heard.entities), "intent": heard.intent}
