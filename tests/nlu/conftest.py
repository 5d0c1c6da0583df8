"""The components as Rasa makes them, on the demo shop's vocabulary and the project's phrases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.entities import CatalogueEntities
from nlu.importer import TopicImporter
from nlu.language import LanguageDetector

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
VOCABULARY = HERE / "vocabulary.json"
MODEL = ROOT / "models" / "shopkeeper.tar.gz"


class Workshop:
    """Makes components, and loads them again from what they stored."""

    def __init__(self, folder: Path) -> None:
        self._storage = LocalModelStorage.create(folder)

    def _parts(self, component: type, config: dict[str, Any]) -> tuple[Any, ...]:
        context = ExecutionContext(GraphSchema({}), node_name=component.__name__)
        settings = {**component.get_default_config(), **config}
        return settings, self._storage, Resource(component.__name__), context

    def make(self, component: type, **config: Any) -> Any:
        return component.create(*self._parts(component, config))

    def load(self, component: type, **config: Any) -> Any:
        return component.load(*self._parts(component, config))


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("components"))


@pytest.fixture(scope="session")
def phrases() -> TrainingData:
    paths = [str(ROOT / "data")]
    importer = TopicImporter(str(ROOT / "config.yml"), str(ROOT / "domain.yml"), paths)
    return importer.get_nlu_data()


@pytest.fixture(scope="session")
def entities(workshop: Workshop, phrases: TrainingData) -> CatalogueEntities:
    workshop.make(CatalogueEntities).train(phrases)
    return workshop.load(CatalogueEntities, vocabulary=str(VOCABULARY))


@pytest.fixture(scope="session")
def detector(workshop: Workshop, phrases: TrainingData) -> LanguageDetector:
    workshop.make(LanguageDetector).train(phrases)
    return workshop.load(LanguageDetector)
