"""Tells what a shopper wants: one label out of all, with a calibrated confidence."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    ENTITIES,
    FULL_RETRIEVAL_INTENT_NAME_KEY,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    INTENT_RESPONSE_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

from nlu import BARE_VALUES, LABEL
from nlu.encoder import encoder, plain, sentence_vector
from nlu.kernel import KernelClassifier
from nlu.parts import with_parts

ARRAYS = ("centre", "basis", "vectors", "rarities", "duals")
FACTS = ("labels", "share", "temperature")
RESPONSE_SELECTOR = "response_selector"
UNSURE = "nlu_fallback"
SURE_OF_VALUES = 0.9


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PhraseClassifier(IntentClassifier, GraphComponent):
    """Labels a message by its nearness to the training phrases.

    Two ways of not understanding: `nlu_fallback` where the best label is less likely than
    `unsure_below`; the label `foreign` where no phrase is nearer than `far_below` and the best
    label less likely than `far_unsure_below` (phrases of that label also teach it what is foreign).
    A message that is nothing but values is `values_mean`, with goods among them `goods_mean`,
    unless a label outside of `weak` is likelier than `values_give_way`.
    For `faq/x` the intent is `faq`; the answer stands in `response_selector`, in Rasa's own form.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "unsure_below": 0.25,
            "foreign": "out_of_scope",
            "far_below": 0.45,
            "far_unsure_below": 0.7,
            "values_mean": "inform",
            "goods_mean": "search_product",
            "goods": ["category", "product"],
            "among": ["all", "all_but", "both", "other", "same"],  # references: goods known already
            "contacts": ["email", "phone", "postcode", "order_number"],
            "weak": ["affirm", "deny"],
            "values_give_way": 0.6,
            "label_names": True,
            "ranking_length": 5,
        }

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "PhraseClassifier":
        return cls(config, model_storage, resource)

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: KernelClassifier | None = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self._model = model

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        if not examples:
            return self._resource
        texts = [message.get(TEXT) for message in examples]
        labels = [_label(message) for message in examples]
        vectors = np.array([sentence_vector(message) for message in examples])
        if self._config["label_names"]:
            names = sorted(set(labels))
            spoken = [spoken_name(name) for name in names]
            texts, labels = texts + spoken, labels + names
            vectors = np.concatenate([vectors, encoder().encode([plain(name) for name in spoken])])
        self._model = KernelClassifier.learn(texts, vectors, labels)
        self._persist(self._model)
        return self._resource

    def _persist(self, model: KernelClassifier) -> None:
        with self._storage.write_to(self._resource) as folder:
            about = {name: getattr(model, name) for name in FACTS}
            (folder / "classifier.json").write_text(json.dumps(about), encoding="utf-8")
            np.savez(
                folder / "classifier.npz",
                data=model.postings.data,
                indices=model.postings.indices,
                indptr=model.postings.indptr,
                **{name: getattr(model, name) for name in ARRAYS},
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "PhraseClassifier":
        with model_storage.read_from(resource) as folder:
            if not (folder / "classifier.npz").exists():
                return cls(config, model_storage, resource)
            about = json.loads((folder / "classifier.json").read_text(encoding="utf-8"))
            with np.load(folder / "classifier.npz", allow_pickle=False) as arrays:
                parts = {name: arrays[name] for name in (*ARRAYS, "data", "indices", "indptr")}
        shape = (len(parts["rarities"]), len(parts["vectors"]))
        postings = csr_matrix(
            (parts.pop("data"), parts.pop("indices"), parts.pop("indptr")), shape=shape
        )
        return cls(
            config, model_storage, resource, KernelClassifier(postings=postings, **about, **parts)
        )

    def process(self, messages: list[Message]) -> list[Message]:
        for message in with_parts(messages):
            vector = sentence_vector(message)
            if vector is None or self._model is None:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [], add_to_output=True)
                continue
            likely, nearest = self._model.judge(message.get(TEXT), vector)
            best = np.argsort(-likely, kind="stable")[: self._config["ranking_length"]]
            ranking = [_intent(self._model.labels[i], float(likely[i])) for i in best]
            self._say(message, [*self._judgement(message, ranking, nearest), *ranking])
        return messages

    def _judgement(
        self, message: Message, ranking: list[dict[str, Any]], nearest: float
    ) -> list[dict[str, Any]]:
        """What comes before the likeliest label, if anything."""
        sure = ranking[0][PREDICTED_CONFIDENCE_KEY]
        values = self._values(message, ranking[0])
        if values:
            return [_intent(values, max(sure, SURE_OF_VALUES))]
        if nearest < self._config["far_below"] and sure < self._config["far_unsure_below"]:
            return [_intent(self._config["foreign"], 1 - sure)]
        return [_intent(UNSURE, 1 - sure)] if sure < self._config["unsure_below"] else []

    def _values(self, message: Message, top: dict[str, Any]) -> str | None:
        """The label of a message that is nothing but values, if its own label is not better."""
        if not message.get(BARE_VALUES) or self._config["values_mean"] not in self._model.labels:
            return None
        kinds = {entity["entity"] for entity in message.get(ENTITIES)}
        has_goods = not kinds.isdisjoint(self._config["goods"]) and not self._among(message)
        wish = self._config["goods_mean" if has_goods else "values_mean"]
        weak = self._config["weak"] + ([self._config["values_mean"]] if has_goods else [])
        certain = not kinds.isdisjoint(self._config["contacts"])
        unsure = top[PREDICTED_CONFIDENCE_KEY] < self._config["values_give_way"]
        is_weak = certain or unsure or top[INTENT_NAME_KEY] in weak
        return wish if is_weak and top[INTENT_NAME_KEY] != wish else None

    def _among(self, message: Message) -> bool:
        """Whether goods are picked from some that were named before."""
        entities = message.get(ENTITIES)
        said = {entity["value"] for entity in entities if entity["entity"] == "reference"}
        return not said.isdisjoint(self._config["among"])

    def _say(self, message: Message, ranking: list[dict[str, Any]]) -> None:
        message.set(INTENT, ranking[0], add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        if FULL_RETRIEVAL_INTENT_NAME_KEY in ranking[0]:
            message.set(RESPONSE_SELECTOR, response_selector(ranking), add_to_output=True)


def _label(message: Message) -> str:
    return message.get(LABEL) or message.get(INTENT_RESPONSE_KEY) or message.get(INTENT)


def spoken_name(label: str) -> str:
    """A label in words: what its author called it says what it means."""
    return " ".join(label.replace("/", " ").replace("_", " ").split()).lower()


def _intent(label: str, confidence: float) -> dict[str, Any]:
    intent = {INTENT_NAME_KEY: label.split("/")[0], PREDICTED_CONFIDENCE_KEY: confidence}
    return {**intent, FULL_RETRIEVAL_INTENT_NAME_KEY: label} if "/" in label else intent


def response_selector(ranking: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The answers to the best intent, as Rasa's response selector would rank them."""
    name = ranking[0][INTENT_NAME_KEY]
    answers = [
        {
            INTENT_RESPONSE_KEY: intent[FULL_RETRIEVAL_INTENT_NAME_KEY],
            PREDICTED_CONFIDENCE_KEY: intent[PREDICTED_CONFIDENCE_KEY],
        }
        for intent in ranking
        if intent[INTENT_NAME_KEY] == name and FULL_RETRIEVAL_INTENT_NAME_KEY in intent
    ]
    best = {**answers[0], "utter_action": f"utter_{answers[0][INTENT_RESPONSE_KEY]}"}
    return {"all_retrieval_intents": [name], name: {"response": best, "ranking": answers}}
