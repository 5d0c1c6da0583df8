"""Tells which language a shopper writes, and changes the conversation's only when sure."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import LABEL, LANGUAGE
from nlu.patterns import EMAIL
from nlu.text import fold, tokenize
from nlu.words import Words, load_words

WORD = re.compile(r"[^\W\d_]+")
SHORTEST, LONGEST = 2, 4  # characters of a piece of a word
RARE_WORD, RARE_PIECE = 0.3, 0.1  # added to every count
PIECES_WEIGHT = 0.5


def pieces(word: str) -> list[str]:
    """The runs of two to four letters of a word, with and without its diacritics."""
    found = []
    for form in {word, fold(word)}:
        framed = f"^{form}$"
        for size in range(SHORTEST, LONGEST + 1):
            found += [framed[i : i + size] for i in range(max(1, len(framed) - size + 1))]
    return found


@dataclass(frozen=True)
class LanguageModel:
    """How often words and their pieces stand in the phrases of each language."""

    languages: tuple[str, ...] = ()
    words: dict[str, list[int]] = field(default_factory=dict)
    pieces: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def learn(cls, phrases: Iterable[tuple[str, str]]) -> "LanguageModel":
        """Learns from pairs of a phrase and its language."""
        pairs = list(phrases)
        languages = tuple(sorted({language for _, language in pairs}))
        words: Counter[tuple[str, str]] = Counter()
        parts: Counter[tuple[str, str]] = Counter()
        for text, language in pairs:
            for word in set(WORD.findall(text.lower())):
                words[fold(word), language] += 1
                parts.update((piece, language) for piece in pieces(word))
        return cls(languages, _by_language(words, languages), _by_language(parts, languages))

    def __post_init__(self) -> None:
        object.__setattr__(self, "_word_totals", self._totals(self.words))
        object.__setattr__(self, "_piece_totals", self._totals(self.pieces))

    def _totals(self, counts: Mapping[str, list[int]]) -> list[int]:
        return [sum(c[i] for c in counts.values()) for i in range(len(self.languages))]

    def evidence(self, text: str) -> tuple[dict[str, float], int]:
        """Log-likelihood of each language, and how many words are known from the phrases."""
        scores = [0.0] * len(self.languages)
        known = 0
        for word in WORD.findall(text.lower()):
            counts = self.words.get(fold(word))
            known += counts is not None
            for i, score in enumerate(self._score(word, counts)):
                scores[i] += score
        return dict(zip(self.languages, scores, strict=True)), known

    def _score(self, word: str, counts: list[int] | None) -> list[float]:
        parts = [self.pieces.get(piece) for piece in pieces(word)]
        found = [p for p in parts if p is not None]
        scores = []
        for i in range(len(self.languages)):
            total = self._piece_totals[i] + RARE_PIECE * len(self.pieces)
            score = sum(math.log((p[i] + RARE_PIECE) / total) for p in found)
            score *= PIECES_WEIGHT / (LONGEST - SHORTEST + 1)
            if counts is not None:
                total = self._word_totals[i] + RARE_WORD * len(self.words)
                score += math.log((counts[i] + RARE_WORD) / total)
            scores.append(score)
        return scores

    def to_json(self) -> str:
        return json.dumps([self.languages, self.words, self.pieces], ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "LanguageModel":
        languages, words, parts = json.loads(text)
        return cls(tuple(languages), words, parts)


def _by_language(
    counts: Counter[tuple[str, str]], languages: tuple[str, ...]
) -> dict[str, list[int]]:
    keys = sorted({key for key, _ in counts})
    return {key: [counts[key, language] for language in languages] for key in keys}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Sets the message's `language`, and the entity `language` where the conversation's changes.

    Names, brands, numbers and loan words change nothing: it takes a word known from the phrases,
    and a margin of likelihood that is wider once the shopper has shown a language. Before that the
    channel's locale counts (`metadata.locale`).
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"sure_at_first": 1.5, "sure_to_change": 3.0, "names_in": ["inform"]}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageDetector":
        return cls(config, model_storage, resource, LanguageModel())

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "LanguageDetector":
        with model_storage.read_from(resource) as folder:
            text = (folder / "language.json").read_text(encoding="utf-8")
        return cls(config, model_storage, resource, LanguageModel.from_json(text))

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: LanguageModel,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self.model = model

    def train(self, training_data: TrainingData) -> Resource:
        names_in = self._config["names_in"]
        self.model = LanguageModel.learn(
            (message.get(TEXT), message.get(LANGUAGE))
            for message in training_data.intent_examples
            if message.get(LANGUAGE) and message.get(LABEL) not in names_in
        )
        with self._storage.write_to(self._resource) as folder:
            (folder / "language.json").write_text(self.model.to_json(), encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message], tracker: DialogueStateTracker) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            spoken, is_set = _conversation_language(tracker)
            locale = str((message.get("metadata") or {}).get("locale") or "")[:2].lower()
            now = locale if not is_set and locale in self.model.languages else spoken
            typed = not text.startswith(INTENT_MESSAGE_PREFIX)
            heard = self.detect(text, now, is_set) if typed else None
            message.set(LANGUAGE, heard or now, add_to_output=True)
            if typed and ((heard or now) != spoken or (heard and not is_set)):
                add_language(message, heard or now)
        return messages

    def detect(self, text: str, now: str, is_set: bool) -> str | None:
        """The language of a text said in a conversation held in `now`; None where not sure."""
        scores, known = self.model.evidence(EMAIL.sub(" ", text))
        if not known or now not in scores:
            return None
        best, second = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
        margin = self._config["sure_to_change" if is_set else "sure_at_first"]
        rival = now if best != now else second
        return best if scores[best] - scores[rival] > margin else None


def _conversation_language(tracker: DialogueStateTracker | None) -> tuple[str, bool]:
    """The slot's language, and whether anything has set it yet."""
    slot = tracker.slots.get(LANGUAGE) if tracker else None
    return (slot.value, slot.has_been_set) if slot else ("en", False)


def add_language(message: Message, language: str) -> None:
    """Makes `language` the message's only entity of that name."""
    others = [e for e in message.get(ENTITIES) or [] if e["entity"] != LANGUAGE]
    entity = {
        "entity": LANGUAGE,
        "value": language,
        "start": 0,
        "end": len(message.get(TEXT) or ""),
        "extractor": LanguageDetector.__name__,
    }
    message.set(ENTITIES, [*others, entity], add_to_output=True)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageRequest(GraphComponent):
    """Obeys "po polsku, proszę": the language that is named where a switch is asked for."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent": "switch_language"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "LanguageRequest":
        return cls({**cls.get_default_config(), **config}, load_words())

    def __init__(self, config: dict[str, Any], words: Mapping[str, Words]) -> None:
        self._intent = config["intent"]
        self._words = words

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if (message.get(INTENT) or {}).get("name") == self._intent:
                named = self.named(message.get(TEXT) or "")
                if named:
                    add_language(message, named)
        return messages

    def named(self, text: str) -> str | None:
        """The language that is named last, in whichever language: "no español, English please"."""
        tokens = tokenize(text)
        matches = (m for w in self._words.values() for m in w.find(tokens))
        named = [m for m in matches if m.label == "languages"]
        return max(named, key=lambda match: match.last).value if named else None
