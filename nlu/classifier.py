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
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix

from nlu import BARE_VALUES, LABEL, LANGUAGE, MEANT
from nlu.encoder import encoder, plain, sentence_vector
from nlu.kernel import KernelClassifier
from nlu.parts import with_parts

ARRAYS = ("centre", "basis", "vectors", "rarities", "duals")
FACTS = ("labels", "alphabet", "share", "temperature")
Homonyms = dict[str, dict[str, str]]  # a text -> a language -> what it means there
RESPONSE_SELECTOR = "response_selector"
UNSURE = "nlu_fallback"
SURE_OF_VALUES = 0.9


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class PhraseClassifier(IntentClassifier, GraphComponent):
    """Labels a message by its nearness to the training phrases.

    The confidence is a label's probability, less where the phrases are no more like the message
    than `familiar_from`. Below `unsure_below` it is not understood: `nlu_fallback`, or the label
    `foreign` where they are less like it than `far_below` (its phrases also teach what is foreign).
    What means one thing in one language and another in another ("no") is taken by the message's.
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
            "familiar_from": 0.35,
            "unsure_below": 0.2,
            "foreign": "out_of_scope",
            "far_below": 0.35,
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
        homonyms: Homonyms | None = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._storage = model_storage
        self._resource = resource
        self._model = model
        self._homonyms = homonyms or {}

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if sentence_vector(m) is not None]
        if not examples:
            return self._resource
        texts = [message.get(MEANT) for message in examples]
        labels = [_label(message) for message in examples]
        vectors = np.array([sentence_vector(message) for message in examples])
        if self._config["label_names"]:
            names = sorted(set(labels))
            spoken = [spoken_name(name) for name in names]
            texts, labels = texts + spoken, labels + names
            vectors = np.concatenate([vectors, encoder().encode([plain(name) for name in spoken])])
        self._model = KernelClassifier.learn(texts, vectors, labels)
        self._homonyms = homonyms(examples)
        self._persist(self._model)
        return self._resource

    def _persist(self, model: KernelClassifier) -> None:
        with self._storage.write_to(self._resource) as folder:
            about = {name: getattr(model, name) for name in FACTS} | {"homonyms": self._homonyms}
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
        spoken = about.pop("homonyms", {})
        shape = (len(parts["rarities"]), len(parts["vectors"]))
        postings = csr_matrix(
            (parts.pop("data"), parts.pop("indices"), parts.pop("indptr")), shape=shape
        )
        model = KernelClassifier(postings=postings, **about, **parts)
        return cls(config, model_storage, resource, model, spoken)

    def process(self, messages: list[Message]) -> list[Message]:
        for message in with_parts(messages):
            vector = sentence_vector(message)
            if vector is None or self._model is None:
                message.set(INTENT, {"name": None, "confidence": 0.0}, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [], add_to_output=True)
                continue
            likely, familiar = self._model.judge(message.get(MEANT), vector)
            sure = likely * min(1, familiar / self._config["familiar_from"])
            best = np.argsort(-sure, kind="stable")[: self._config["ranking_length"]]
            ranking = [_intent(self._model.labels[i], float(sure[i])) for i in best]
            first = self._judgement(message, ranking, familiar)
            said = {_full_name(intent) for intent in first}
            self._say(message, first + [each for each in ranking if _full_name(each) not in said])
        return messages

    def _judgement(
        self, message: Message, ranking: list[dict[str, Any]], familiar: float
    ) -> list[dict[str, Any]]:
        """What comes before the likeliest label, if anything."""
        sure = ranking[0][PREDICTED_CONFIDENCE_KEY]
        here = self._homonyms.get(message.get(MEANT), {}).get(message.get(LANGUAGE))
        if here:
            return [_intent(here, max(sure, SURE_OF_VALUES))]
        values = self._values(message, ranking[0])
        if values:
            return [_intent(values, max(sure, SURE_OF_VALUES))]
        if sure >= self._config["unsure_below"]:
            return []
        is_far = familiar < self._config["far_below"]
        return [_intent(self._config["foreign"] if is_far else UNSURE, 1 - sure)]

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
        return wish if is_weak or top[INTENT_NAME_KEY] == wish else None

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


def homonyms(messages: Sequence[Message]) -> Homonyms:
    """The phrases that have one label in one language and another in another."""
    meanings: Homonyms = {}
    for message in messages:
        if message.get(LANGUAGE):
            meanings.setdefault(message.get(MEANT), {})[message.get(LANGUAGE)] = _label(message)
    return {text: said for text, said in meanings.items() if len(set(said.values())) > 1}


def spoken_name(label: str) -> str:
    """A label in words: what its author called it says what it means."""
    return " ".join(label.replace("/", " ").replace("_", " ").split()).lower()


def _intent(label: str, confidence: float) -> dict[str, Any]:
    intent = {INTENT_NAME_KEY: label.split("/")[0], PREDICTED_CONFIDENCE_KEY: confidence}
    return {**intent, FULL_RETRIEVAL_INTENT_NAME_KEY: label} if "/" in label else intent


def _full_name(intent: dict[str, Any]) -> str:
    return intent.get(FULL_RETRIEVAL_INTENT_NAME_KEY) or intent[INTENT_NAME_KEY]


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
