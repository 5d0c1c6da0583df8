"""Reads the conversation as it lies on disk: one folder a topic, one file a language."""

from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.data import get_data_files
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, RESPONSE
from rasa.shared.nlu.training_data.loading import load_data
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method
from rasa.shared.utils.io import read_yaml_file

from nlg.wording import spoken_in
from nlu import LABEL, LANGUAGE


class _Domain(Domain):
    """Keeps the answers to `faq/x` out of Rasa's phrases: rewording one must not retrain them."""

    retrieval_intent_responses: dict[str, list[dict[str, Any]]] = {}


class TopicImporter(RasaFileImporter):
    """Adds each topic's `domain.yml` and its languages' phrases and responses to the project.

    `faq/x` in a phrase file makes `faq` a retrieval intent with the action `utter_faq`, as in
    Rasa; the classifier tells the answers apart, so that no response selector is needed.
    """

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        super().__init__(config_file, domain_path, training_data_paths)
        self._nlu_files = sorted(self._nlu_files)
        self._story_files = sorted(self._story_files)
        domains = get_data_files(training_data_paths, Domain.is_domain_file)
        self._topic_domains = sorted(f for f in domains if Path(f).name == "domain.yml")
        self._default_language = self.get_config().get("language", "en")

    @cached_method
    def get_domain(self) -> Domain:
        if not self._domain_path:
            return Domain.empty()
        domain = Domain.load([self._domain_path, *self._topic_domains]).as_dict()
        retrieval = self._retrieval_intents()
        plain = [i for i in domain.get("intents", []) if _name(i) not in retrieval]
        actions = domain.get("actions", [])
        utter = [f"utter_{name}" for name in retrieval if f"utter_{name}" not in actions]
        return _Domain.from_dict(
            {
                **domain,
                "intents": [*plain, *({name: {"is_retrieval_intent": True}} for name in retrieval)],
                "actions": [*actions, *utter],
                "responses": {**domain.get("responses", {}), **self._responses()},
            }
        )

    @cached_method
    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """The phrases without the responses, which are in the domain."""
        loaded = (_load(file) for file in self._nlu_files)
        return TrainingData([message for data in loaded for message in data.training_examples])

    def _retrieval_intents(self) -> list[str]:
        labels = (message.get(LABEL) for message in self.get_nlu_data().intent_examples)
        return sorted({label.split("/")[0] for label in labels if "/" in label})

    def _responses(self) -> dict[str, list[dict[str, Any]]]:
        responses: dict[str, list[dict[str, Any]]] = {}
        for file in self._nlu_files:
            for name, variations in (read_yaml_file(file).get("responses") or {}).items():
                language, default = Path(file).stem, self._default_language
                spoken = [spoken_in(language, v, default) for v in variations]
                responses.setdefault(name, []).extend(spoken)
        return responses


def _load(file: str) -> TrainingData:
    data = load_data(file)
    for message in data.training_examples:
        _label(message, Path(file).stem)
    return data


def _label(message: Message, language: str) -> None:
    """Renames Rasa's retrieval key, which would ask for a response selector."""
    key = message.data.pop(INTENT_RESPONSE_KEY, None)
    message.data.pop(RESPONSE, None)  # the wording of an answer is none of the phrase's business
    message.set(LABEL, key or message.get(INTENT))
    message.set(LANGUAGE, language)


def _name(intent: str | dict[str, Any]) -> str:
    return intent if isinstance(intent, str) else next(iter(intent))
