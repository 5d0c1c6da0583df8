"""Damaged, wrong, missing, late, lost: the right questions, then what policy allows."""

from __future__ import annotations

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, items_words, log, order_of
from actions.aftersale.lines import WhichLines
from actions.aftersale.model import Heard, Request
from actions.aftersale.orders import WhichOrder
from actions.aftersale.reasons import Photo, Problem, Remedy
from actions.transcript import transcript
from actions.turn import said
from shop import connect
from shop.model import ReturnKind, Ticket

WHOLE = frozenset({"late", "lost", "not_refunded", "forgot_code"})  # about the order, not its goods


class Affected(WhichLines):
    """The goods that the problem is with."""

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        order = context.order(request)
        if request.problem in WHOLE and order is not None:
            return request.but(items={line.id: line.quantity for line in order.lines})
        return await super().read(context, request, heard, asked)

    async def open(self, context: Context, request: Request) -> bool:
        return request.problem not in WHOLE and await super().open(context, request)


class ReportProblem(Kind):
    name = "problem"
    intents = frozenset({"report_problem"})
    questions = (WhichOrder(), Problem(), Affected(), Remedy(), Photo())

    def rule(self, request: Request) -> str | None:
        return f"problem/{request.problem}" if request.problem else None

    async def values(self, context: Context, request: Request) -> Entry:
        order = order_of(context, request)
        items = request.items or {line.id: line.quantity for line in order.lines}
        return {
            "number": order.number,
            "items": items_words(order, items),
            "problem": said(f"utter_name_problem_{request.problem}"),
            "remedy": said(f"utter_name_remedy_{request.remedy}"),
            "kind": request.remedy,
        }

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        if request.remedy == "ticket":
            await self.hand_over(context, request)
            return None
        order = order_of(context, request)
        settled = await connect("commerce").settle_problem(
            order.number,
            ReturnKind(request.remedy),
            request.items or {},
            request.problem or "",
            context.locale(order),
            request.id,
        )
        context.turn.say(f"utter_done_problem_{request.remedy}", **values, amount=settled.amount)
        told = {"order": order.number, "photo": request.photo or None}
        await log(context, f"problem_{request.problem}", settled.id, **told)
        return {}

    async def hand_over(self, context: Context, request: Request) -> None:
        """A person decides; they get the order, the problem and the conversation."""
        turn, order, words = context.turn, order_of(context, request), request.words.text
        ticket = Ticket(
            conversation=turn.conversation,
            contact=order.email,
            question=" ".join(filter(None, (f"{request.problem}:", words, request.photo))),
            language=turn.language,
            transcript=transcript(turn),
            order_number=order.number,
            wanted=("report_problem",),
            products=tuple(line.title for line in order.lines if line.id in (request.items or {})),
        )
        number = await connect("helpdesk").open_ticket(ticket, key=request.id)
        turn.say("utter_done_problem_ticket", number=order.number, ticket=number)
        await log(context, "ticket_opened", number)
