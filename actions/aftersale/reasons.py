"""Why: reasons, problems and what shall be done about them, out of the policy's lists."""

from __future__ import annotations

from abc import abstractmethod

from actions.aftersale.context import Context
from actions.aftersale.matching import named
from actions.aftersale.model import Heard, Request
from actions.aftersale.question import Question
from actions.turn import choice, said
from shop.policy import policy

# "A refund" is a wish of its own elsewhere; to "a new one or your money?" it is the answer.
WISHED_FOR = {"refund_status": "refund", "return_item": "refund", "exchange_item": "replacement"}


class OneOf(Question):
    """A choice out of a list of ids; `utter_name_<name>_<id>` are their words. Typed words are
    compared with what the NLU knows and with the very words of the choices."""

    listed = True

    def __init__(self, name: str, entity: str, otherwise: str | None = None) -> None:
        self.name, self.entity, self.otherwise = name, entity, otherwise

    @abstractmethod
    def offered(self, context: Context, request: Request) -> tuple[str, ...]:
        """The ids to choose from."""

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        offered = self.offered(context, request)
        chosen = [v for v in heard.values(self.entity) if v in offered]
        if not chosen and asked:
            chosen = self.by_title(context, heard, offered)
        more = heard.refers("only", "all_but")  # about the goods
        if not chosen and asked and self.otherwise in offered and heard.text and not more:
            chosen = [str(self.otherwise)]
        return request.but(**{self.name: chosen[0]}) if chosen else request

    def by_title(self, context: Context, heard: Heard, offered: tuple[str, ...]) -> list[str]:
        titles = {v: words_of(context, f"utter_name_{self.name}_{v}") for v in offered}
        found = sorted(named(heard.text, titles), key=lambda mention: -mention.weight)
        return [mention.key for mention in found[:1]]

    async def open(self, context: Context, request: Request) -> bool:
        return getattr(request, self.name) is None and bool(self.offered(context, request))

    async def ask(self, context: Context, request: Request) -> None:
        offered = self.offered(context, request)
        choices = [
            choice(said(f"utter_name_{self.name}_{v}"), "inform", **{self.entity: v})
            for v in offered
        ]
        context.turn.say(f"utter_which_{self.name}", choices=choices)


def words_of(context: Context, response: str) -> list[str]:
    """A response's texts in the shopper's language."""
    texts = []
    for variation in context.turn.domain.get("responses", {}).get(response) or []:
        condition = variation.get("condition") or []
        languages = [c["value"] for c in condition if c.get("name") == "language"]
        if not languages or context.turn.language in languages:
            texts.append(variation.get("text") or "")
    return texts


class Reason(OneOf):
    """`terms` is the part of policy.after_sale with the reasons."""

    def __init__(self, terms: str) -> None:
        super().__init__("reason", "reason", otherwise="other")
        self.terms = terms

    def offered(self, context: Context, request: Request) -> tuple[str, ...]:
        return policy().after_sale.allowed(self.terms).reasons


class Problem(OneOf):
    def __init__(self) -> None:
        super().__init__("problem", "reason", otherwise="other")

    def offered(self, context: Context, request: Request) -> tuple[str, ...]:
        return tuple(policy().after_sale.problems)


class Remedy(OneOf):
    """What policy allows for the problem; nothing to ask where it is one thing."""

    def __init__(self) -> None:
        super().__init__("remedy", "remedy")

    def offered(self, context: Context, request: Request) -> tuple[str, ...]:
        terms = policy().after_sale.problems.get(request.problem or "")
        return terms.remedies if terms else ()

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        offered = self.offered(context, request)
        if request.remedy is None and len(offered) == 1:
            return request.but(remedy=offered[0])
        said_so = WISHED_FOR.get(heard.intent) if asked else None
        if said_so in offered and not heard.values("order_number"):
            return request.but(remedy=said_so)
        return await super().read(context, request, heard, asked)


class Photo(Question):
    """Asked once, where policy wants one and the channel can carry it."""

    name = "photo"

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        attached = context.turn.metadata.get("attachments") or []
        if attached:
            return request.but(photo=str(attached[0]))
        return (
            request.but(photo="")
            if asked and heard.intent in ("deny", "no_preference")
            else request
        )

    async def open(self, context: Context, request: Request) -> bool:
        terms = policy().after_sale.problems.get(request.problem or "")
        wanted = terms is not None and terms.photo and request.remedy != "ticket"
        return bool(wanted and context.turn.metadata.get("photos") and request.photo is None)

    async def ask(self, context: Context, request: Request) -> None:
        skip = choice(said("utter_name_no_photo"), "deny")
        context.turn.say("utter_which_photo", choices=[skip])
