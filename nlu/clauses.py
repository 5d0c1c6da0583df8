"""Tells apart the wishes of a message that has several: which words say which."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message

from nlu import BARE_VALUES, CLAUSES, LANGUAGE, PARTS
from nlu.parts import Part
from nlu.text import tokenize
from nlu.words import Words, load_words

INFORM = "inform"
# What a part is about if it is about another order than the part before it.
OTHER_ORDER = frozenset({"other", "latest", "delivered_one", "pending_one", "usual_one"})
GOODS = ("category", "product")
ITEM_WISHES = frozenset({"return_item", "exchange_item", "change_order", "reorder"})
PAID = ITEM_WISHES | {"cancel_order", "report_problem"}  # wishes that move money
MONEY = frozenset({"refund_status", "change_payment", "payment_status", "pay_again", "faq"})
REPAID = frozenset({"return_item", "cancel_order", "report_problem"})
REASONED = frozenset({"return_item", "exchange_item", "cancel_order", "report_problem"})
REMEDIES = frozenset({"return_item", "exchange_item", "refund_status", "report_problem"})
ALIKE = (
    frozenset({"exchange_item", "change_order"}),
    frozenset({"report_problem", "track_order"}),
    frozenset({"cancel_order", "undo"}),
    frozenset({"change_profile", "change_address"}),
)


@dataclass
class Clause:
    """Parts that say one thing; without a wish of their own, what leads to one."""

    parts: list[Part]
    intent: str = ""
    confidence: float = 0.0
    is_wish: bool = False
    is_request: bool = False

    def as_dict(self) -> dict[str, Any]:
        said = {"intent": self.intent, "confidence": self.confidence}
        return {"start": self.parts[0].start, "end": self.parts[-1].end, **said}

    def values(self, *kinds: str) -> set[Any]:
        return {value for part in self.parts for value in part.values(*kinds)}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ClauseReader(GraphComponent):
    """Sets `clauses` on each typed message: {"start", "end", "intent", "confidence"}, in order.

    A cut stays where the part that begins there is by itself surely one of `requests`, or in a
    sentence of its own one of `questions`; not where it only says how, where to or why of the wish
    before it. Where the message's own intent is a guess, it becomes that of its first request.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "requests": [
                *("track_order", "order_details", "cancel_order", "change_order", "reorder"),
                *("change_payment", "change_address", "get_invoice", "undo", "return_item"),
                *("exchange_item", "refund_status", "report_problem", "my_account"),
                *("change_profile", "ask_person"),
            ],
            "questions": [
                *("faq", "search_product", "recommend", "ask_promotions", "ask_stock", "ask_price"),
                *("add_to_cart", "view_cart", "checkout", "pay_again", "payment_status"),
                *("apply_code", "remove_from_cart", "empty_cart", "change_cart"),
            ],
            "sure": 0.5,
            "sure_inside": 0.7,  # of a sentence
            "sure_of_things": 0.8,  # where a part begins like the name of a thing
            "named": ["track_order", "order_details", "my_account"],  # by such a name alone
            "guess_below": 0.6,
            "guesses": ["nlu_fallback", "out_of_scope"],
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ClauseReader":
        return cls({**cls.get_default_config(), **config}, load_words())

    def __init__(self, config: dict[str, Any], words: dict[str, Words]) -> None:
        self._config = config
        self._words = words

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            intent = message.get(INTENT) or {}
            if not message.get(TEXT) or not intent.get(INTENT_NAME_KEY):
                continue
            clauses = self.read(message) if message.get(PARTS) else []
            self._correct(message, clauses)
            if len(clauses) > 1:
                found = [clause.as_dict() for clause in clauses]
            else:
                said = message.get(INTENT)
                intent = {"intent": said["name"], "confidence": said["confidence"]}
                found = [{"start": 0, "end": len(message.get(TEXT)), **intent}]
            message.set(CLAUSES, found, add_to_output=True)
        return messages

    def _correct(self, message: Message, clauses: list[Clause]) -> None:
        """Gives a message whose own intent is a guess the intent of its first request."""
        whole = message.get(INTENT)
        is_guess = (
            whole[INTENT_NAME_KEY] in self._config["guesses"]
            or whole[PREDICTED_CONFIDENCE_KEY] < self._config["guess_below"]
        )
        first = next((clause for clause in clauses if clause.is_request), None)
        if is_guess and first and first.intent != whole[INTENT_NAME_KEY]:
            intent = {INTENT_NAME_KEY: first.intent, PREDICTED_CONFIDENCE_KEY: first.confidence}
            message.set(INTENT, intent, add_to_output=True)
            ranking = [intent, *message.get(INTENT_RANKING_KEY)]
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)

    def read(self, message: Message) -> list[Clause]:
        """The clauses of a message that has parts."""
        words = self._words[message.get(LANGUAGE) or "en"]
        reading = Reading()
        parts = message.get(PARTS)
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            ends = following is None or following.opens_sentence
            sure = self._config["sure" if part.opens_sentence and ends else "sure_inside"]
            wish = self._wish(part, sure, words)
            asks = _asks(part, words, message.get(TEXT))
            if wish and reading.last_wish and self._is_detail(part, wish, reading.last_wish, asks):
                wish = None
            reading.take(part, wish, words)
        clauses = reading.finish()
        for clause in clauses:
            seems = {*self._config["requests"], *self._config["questions"]}
            if not clause.is_wish and clause.intent in seems:  # not surely, or not by itself
                clause.intent = INFORM
        return clauses

    def _wish(self, part: Part, sure: float, words: Words) -> Clause | None:
        """The clause that this part begins by itself, None where it begins none."""
        name, confidence = self._wanted(part)
        if not part.opens_sentence and _names_thing(part, words):
            sure = max(sure, self._config["sure_of_things"])
            if name in self._config["named"]:
                return None
        is_request = name in self._config["requests"]
        asks = name in self._config["questions"] and (part.opens_sentence or part.is_added)
        is_wish = (is_request or asks) and confidence >= sure and not part.message.get(BARE_VALUES)
        return Clause([], name, confidence, True, is_request) if is_wish else None

    def _wanted(self, part: Part) -> tuple[str, float]:
        """What a part wants; what it says without its reason counts where it is clearer."""
        wanted = _intent(part.message)
        if part.rest and self._is_sure(part.rest):
            wanted = max(wanted, _intent(part.rest), key=lambda intent: intent[1])
        return wanted

    def _is_detail(self, part: Part, wish: Clause, before: Clause, asks: bool) -> bool:
        """Whether a part only tells more of the wish before it."""
        if "order_number" in part.kinds or part.values("reference") & OTHER_ORDER:
            return False
        goods = part.values(*GOODS)
        new_goods = bool(goods - before.values(*GOODS))
        pair = {wish.intent, before.intent}
        if len(pair) == 1 or any(pair <= alike for alike in ALIKE):
            return not new_goods or wish.intent in ITEM_WISHES
        if wish.intent in MONEY and not asks:
            told = "method" in part.kinds and before.intent in PAID
            if told or (wish.intent == "refund_status" and before.intent in REPAID):
                return True
        if new_goods or before.intent not in REASONED or wish.intent not in REMEDIES:
            return False
        if before.intent == "report_problem" or wish.intent == "report_problem":
            return True
        return part.rest is not None and not self._is_sure(part.rest)

    def _is_sure(self, message: Message) -> bool:
        name, confidence = _intent(message)
        return name in self._config["requests"] and confidence >= self._config["sure"]


@dataclass
class Reading:
    """A message while it is read part by part. What stands before the wish of its sentence belongs
    to that wish; what stands after it, too; sentences before the first wish are by themselves."""

    clauses: list[Clause] = field(default_factory=list)
    lead: list[Part] = field(default_factory=list)

    @property
    def last_wish(self) -> Clause | None:
        return self.clauses[-1] if self.clauses and self.clauses[-1].is_wish else None

    def take(self, part: Part, wish: Clause | None, words: Words) -> None:
        if part.opens_sentence:
            self._settle()
        if wish:
            wish.parts = [*self.lead, part]
            self.lead = []
            self.clauses.append(wish)
        elif part.opens_sentence or self.lead or _is_topic(part, words):
            self.lead.append(part)
        else:
            self.clauses[-1].parts.append(part)

    def _settle(self) -> None:
        """Puts a sentence without a wish of its own to what was said before it."""
        if self.lead and self.clauses:
            self.clauses[-1].parts += self.lead
        elif self.lead:
            self.clauses.append(Clause(self.lead))
        self.lead = []

    def finish(self) -> list[Clause]:
        self._settle()
        for clause in self.clauses:
            if not clause.is_wish:
                clause.intent, clause.confidence = _told(clause.parts)
        return self.clauses


def _told(parts: Sequence[Part]) -> tuple[str, float]:
    """What is meant by parts that hold no wish: a value, if there is one."""
    intents = [_intent(part.message) for part in parts]
    values = [intent for intent in intents if intent[0] == INFORM]
    return max(values or intents, key=lambda intent: intent[1])


def _intent(message: Message) -> tuple[str, float]:
    intent = message.get(INTENT)
    return intent[INTENT_NAME_KEY] or "", intent[PREDICTED_CONFIDENCE_KEY]


def _is_topic(part: Part, words: Words) -> bool:
    """Whether a part only says which order the next one is about: "for the other one, ..."."""
    names_order = "order_number" in part.kinds or "reference" in part.kinds
    tokens = [token.text for token in tokenize(part.message.get(TEXT))]
    starts = {" ".join(tokens[:n]) for n in (1, 2, 3, 4)}
    return names_order and not starts.isdisjoint(words.lists["topic_words"])


def _names_thing(part: Part, words: Words) -> bool:
    tokens = tokenize(part.message.get(TEXT))
    return bool(tokens) and tokens[0].text in words.lists["noun_words"]


def _asks(part: Part, words: Words, text: str) -> bool:
    tokens = [token.text for token in tokenize(part.message.get(TEXT))]
    is_marked = "?" in text[part.end : part.end + 2]
    return is_marked or not words.lists["asking_words"].isdisjoint(tokens[:4])
