"""Finds what a shopper names: goods and their facets, prices, sizes, numbers, contacts, persons."""

import json
import os
from collections.abc import Callable
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import BARE_VALUES, LABEL, LANGUAGE, contacts, finders, references
from nlu.draft import Draft
from nlu.encoder import is_common_word
from nlu.text import tokenize
from nlu.vocabulary import VocabularyFile
from nlu.words import Words, load_words

LONGEST_TEXT = 2000
STEPS: tuple[Callable[[Draft], None], ...] = (
    contacts.find_contacts,
    contacts.find_codes,
    finders.find_products,
    finders.find_prices,
    finders.find_wishes,
    finders.find_ordinals,
    contacts.find_order_numbers,
    finders.find_sizes,
    finders.find_size_names,
    finders.find_names,
    finders.find_sold,
    finders.find_models,
    finders.find_quantities,
    finders.find_persons,
    finders.find_bare_names,
    references.find_references,
    references.drop_card_endings,
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class CatalogueEntities(EntityExtractorMixin, GraphComponent):
    """Adds the entities, and says whether the message is nothing but values.

    The vocabulary file is named by the environment's SHOPKEEPER_VOCABULARY or by `vocabulary`; it
    is read again when it changes. Values: the vocabulary's ids; for prices
    {"minor": 30000, "currency": "PLN" | "EUR" | None}; for `ordinal` 1 and up, -1 for the last.
    A facet that the shopper does not want has the role "not".
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"vocabulary": "var/vocabulary.json", "default_language": "en"}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CatalogueEntities":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "CatalogueEntities":
        with model_storage.read_from(resource) as folder:
            common = json.loads((folder / "common.json").read_text(encoding="utf-8"))
        component = cls(config, model_storage, resource, frozenset(common))
        component._file.current()  # read now, not while the first shopper waits
        return component

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        common: frozenset[str] = frozenset(),
    ) -> None:
        config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self._common = common
        self._words = load_words()
        self._default = config["default_language"]
        path = os.environ.get("SHOPKEEPER_VOCABULARY") or config["vocabulary"]
        self._file = VocabularyFile(path, self._words, self._is_common)

    def _is_common(self, word: str) -> bool:
        """Whether a word is one in its own right, and no misspelt word of the catalogue."""
        plain = any(word in words.plain for words in self._words.values())
        return plain or word in self._common or is_common_word(word)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the words that shoppers use whatever they want."""
        labels: dict[str, set[str]] = {}
        for message in training_data.intent_examples:
            for token in tokenize(message.get(TEXT)):
                if token.is_word:
                    labels.setdefault(token.text, set()).add(message.get(LABEL))
        self._common = frozenset(word for word, used in labels.items() if len(used) > 1)
        with self._storage.write_to(self._resource) as folder:
            words = json.dumps(sorted(self._common), ensure_ascii=False)
            (folder / "common.json").write_text(words, encoding="utf-8")
        return self._resource

    def draft(self, text: str, language: str) -> Draft:
        """The message with its entities, before they are put in Rasa's form."""
        words: Words = self._words.get(language) or self._words[self._default]
        draft = Draft(text[:LONGEST_TEXT], words, self._file.current())
        for step in STEPS:
            step(draft)
        return draft

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            if text.startswith(INTENT_MESSAGE_PREFIX):
                continue
            draft = self.draft(text, message.get(LANGUAGE) or self._default)
            entities = [*(message.get(ENTITIES) or []), *self._entities(draft)]
            message.set(ENTITIES, entities, add_to_output=True)
            message.set(BARE_VALUES, draft.is_bare(draft.words.lists["filler"]))
        return messages

    def _entities(self, draft: Draft) -> list[dict[str, Any]]:
        return [
            {
                "entity": found.entity,
                "value": found.value,
                "start": found.start,
                "end": found.end,
                **({"role": "not"} if draft.is_denied(found) else {}),
                "extractor": self.name,
            }
            for found in sorted(draft.found, key=lambda found: found.start)
        ]
