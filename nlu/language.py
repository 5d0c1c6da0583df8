"""Tells which language a shopper writes, and changes the conversation's only when sure."""

from collections.abc import Mapping
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
from nlu.language_model import WORD, LanguageModel
from nlu.patterns import EMAIL
from nlu.text import Token, fold, tokenize
from nlu.words import Words, load_words

SHORTEST_OWN = 3  # letters: "no", "si" and "ok" are said everywhere
BORROWED = 7  # times a word must stand in its own language for once in another
STORY = 3  # words from which on the letters alone may tell


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LanguageDetector(GraphComponent):
    """Sets the message's `language`, and the entity `language` where the conversation's changes.

    Names, brands, numbers and loan words change nothing: it takes a word known from the phrases,
    and a margin of likelihood that is wider once the shopper has shown a language. Before that the
    channel's locale counts (`metadata.locale`).
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        names_in = ["inform", "change_address"]  # their words are names of persons and streets
        return {"sure_at_first": 1.5, "sure_to_change": 3.0, "names_in": names_in}

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
        self._words = load_words()
        lists = (words.lists.get("everywhere", ()) for words in self._words.values())
        self._everywhere = frozenset().union(*lists)
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
        words = self._telling(EMAIL.sub(" ", text))
        if not words or now not in self.model.languages or len(self.model.languages) == 1:
            return None
        scores = self.model.scores(words)
        best, second = sorted(scores, key=scores.__getitem__, reverse=True)[:2]
        rival = now if best != now else second
        margin = self._config["sure_to_change" if is_set else "sure_at_first"]
        lead = scores[best] - scores[rival]
        told = best == now or self._is_own(words, best, now)
        spelt = len(words) >= STORY and lead > 2 * margin
        return best if lead > margin and (told or spelt) else None

    def _telling(self, text: str) -> list[str]:
        """The words without those written like names; none where an address is given."""
        found = WORD.findall(text)
        if any(c.isdigit() for c in text) and self._has_address(tokenize(text)):
            return []
        if len(found) > 1 and all(word.istitle() for word in found):
            return []
        if fold(" ".join(found)) in self._everywhere:
            return []
        return [w.lower() for i, w in enumerate(found) if i == 0 or not w.istitle()]

    def _has_address(self, tokens: list[Token]) -> bool:
        matches = (match for words in self._words.values() for match in words.find(tokens))
        return any(match.label == "street_words" for match in matches)

    def _is_own(self, words: list[str], best: str, now: str) -> bool:
        """Whether some word belongs to `best`, and is hardly ever borrowed in `now`."""
        count = self.model.count
        own = [
            word
            for word in words
            if len(word) >= SHORTEST_OWN and count(word, best) > BORROWED * count(word, now)
        ]
        if len(words) == 1 and own and best in self._words:
            alone = self._words[best].lists.get("alone")
            return not alone or fold(own[0]) in alone
        return bool(own)


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
