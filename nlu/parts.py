"""Where a message may be cut: at the ends of sentences, at commas, and at words like "and"."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu import BARE_VALUES, LANGUAGE, PARTS
from nlu.references import KINDS
from nlu.text import Token, tokenize
from nlu.words import Match, Words, load_words

SOME_ORDER = "10234"  # stands for every order number: its letters must not look like a word
NO_WISH = frozenset({"email", "phone", "postcode", "person"})
ENDS, COMMAS, DASHES = frozenset("!?;\n"), frozenset(",…"), frozenset("-–—")
# what is often shortened with a full stop
SHORTENED = (
    *("number_signs", "street_words", "address_words", "phone_words", "order_words", "pieces"),
)
MOST_PARTS = 10  # each takes the encoder some milliseconds
LONGEST_TEXT = 2000


@dataclass(frozen=True)
class Part:
    """The characters `start` to `end` of a message. `message` is what they say, read by the other
    components as a message of its own; `rest` is the same without its reason, if it gives one."""

    start: int
    end: int
    opens_sentence: bool
    is_added: bool  # by a word like "also"
    message: Message
    rest: Message | None

    @property
    def entities(self) -> list[dict[str, Any]]:
        return self.message.get(ENTITIES)

    @property
    def kinds(self) -> set[str]:
        return {entity["entity"] for entity in self.entities}

    def values(self, *kinds: str) -> set[Any]:
        return {e["value"] for e in self.entities if e["entity"] in kinds}


@dataclass(frozen=True)
class Span:
    """Tokens `first` to `last` (exclusive) between two places where a message may be cut."""

    first: int
    last: int
    opens_sentence: bool
    is_added: bool


def with_parts(messages: Iterable[Message]) -> Iterator[Message]:
    """The messages and the parts that they may be cut into."""
    for message in messages:
        yield message
        for part in message.get(PARTS) or ():
            yield part.message
            if part.rest:
                yield part.rest


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ClauseCutter(GraphComponent):
    """Gives a message its `parts` where there are two or more, for the encoder to read them with
    the message in one batch. Needs the entities: names and numbers are no part of a wish."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ClauseCutter":
        return cls(load_words())

    def __init__(self, words: Mapping[str, Words]) -> None:
        self._words = words

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = (message.get(TEXT) or "")[:LONGEST_TEXT]
            words = self._words.get(message.get(LANGUAGE) or "en")
            if words and text and not text.startswith(INTENT_MESSAGE_PREFIX):
                parts = list(self._parts(message, text, words))
                if len(parts) > 1:
                    message.set(PARTS, parts)
        return messages

    def _parts(self, message: Message, text: str, words: Words) -> Iterator[Part]:
        tokens = tokenize(text)
        spans = few(list(cuts(tokens, text, words)))
        for span in spans if len(spans) > 1 else ():
            start, end = tokens[span.first].start, tokens[span.last - 1].end
            found = [e for e in message.get(ENTITIES) or [] if e["entity"] != LANGUAGE]
            said = [e for e in found if start <= e["start"] < end]
            small = words.lists["filler"]
            bare = _is_bare(tokens[span.first : span.last], said, small)
            part = _read(text, start, end, said, frozenset(), bare)
            has_reason = any(e["entity"] == "reason" for e in said)
            rest = _read(text, start, end, said, frozenset({"reason"}), False)
            yield Part(
                *(start, end, span.opens_sentence, span.is_added, part),
                rest if has_reason else None,
            )


def _read(
    text: str, start: int, end: int, said: list[dict[str, Any]], unsaid: frozenset[str], bare: bool
) -> Message:
    """A part as a message, without the entities that tell nothing about what is wanted."""
    plain, last = "", start
    for entity in sorted(said, key=lambda e: e["start"]):
        kind, surface = entity["entity"], text[entity["start"] : entity["end"]]
        is_named = kind in NO_WISH and (kind != "person" or entity["value"] == surface)
        if entity["start"] >= last and (is_named or kind in unsaid or kind == "order_number"):
            plain += text[last : entity["start"]] + (SOME_ORDER if kind == "order_number" else " ")
            last = entity["end"]
    plain = (plain + text[last:end]).strip()
    has_words = any(c.isalpha() for c in plain)
    read = plain if has_words else "" if unsaid else text[start:end]
    return Message({TEXT: read, ENTITIES: said, BARE_VALUES: bare})


def _is_bare(tokens: list[Token], said: list[dict[str, Any]], small: frozenset[str]) -> bool:
    values = [e for e in said if e["entity"] not in KINDS[3:]]
    return bool(values) and all(
        token.text in small
        or not token.text[0].isalnum()
        or any(e["start"] <= token.start < e["end"] for e in values)
        for token in tokens
    )


def cuts(tokens: Sequence[Token], text: str, words: Words) -> Iterator[Span]:
    """The pieces between marks and joining words, in order."""
    matches = words.find(list(tokens))
    joins = _places(matches, "clause_words") - _places(matches, "not_clause_words")
    adds = joins & _places(matches, "adding_words")
    first, opens, added = None, True, False
    for i, token in enumerate(tokens):
        breaks = i > 0 and "\n" in text[tokens[i - 1].end : token.start]
        ends = _ends_sentence(tokens, i, text, words)
        is_mark = ends or i in joins or _is_mark(token, text)
        if first is not None and (breaks or is_mark):
            yield Span(first, i, opens, added)
            first, opens, added = None, False, False
        opens, added = opens or breaks or ends, added or i in adds
        if first is None and not is_mark:
            first = i
    if first is not None:
        yield Span(first, len(tokens), opens, added)


def _places(matches: Iterable[Match], label: str) -> set[int]:
    """The tokens that stand in a phrase of a kind."""
    return {i for m in matches if m.label == label for i in range(m.first, m.last)}


def _ends_sentence(tokens: Sequence[Token], i: int, text: str, words: Words) -> bool:
    if tokens[i].text in ENDS:
        return True
    end = tokens[i].end
    if tokens[i].text != "." or (end < len(text) and not text[end].isspace()):
        return False
    return i == 0 or not any(tokens[i - 1].text in words.lists[label] for label in SHORTENED)


def _is_mark(token: Token, text: str) -> bool:
    spaced = text[token.start - 1 : token.start] == " " == text[token.end : token.end + 1]
    return token.text in COMMAS or (token.text in DASHES and spaced)


def few(spans: list[Span]) -> list[Span]:
    """At most MOST_PARTS of them: in a long message the sentences, the last of them together."""
    if len(spans) <= MOST_PARTS:
        return spans
    kept: list[Span] = []
    for span in spans:
        if kept and (not span.opens_sentence or len(kept) == MOST_PARTS):
            kept[-1] = replace(kept[-1], last=span.last)
        else:
            kept.append(span)
    return kept
