"""Running a model's components in order gives what Rasa's own runner gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine import loader
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema, SchemaNode
from rasa.engine.loader import load_predict_graph_runner
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from channels.graph import InOrder, load, run_models_in_order


class Note(GraphComponent):
    """Writes down when it runs."""

    runs: list[str]

    @classmethod
    def create(cls, config: dict[str, Any], *_: Any, **__: Any) -> Note:
        note = cls()
        note.name = config["name"]
        return note

    def run(self, one: str = "", other: str = "") -> str:
        Note.runs.append(self.name)
        return f"{self.name}({one}{other})"


def node(name: str, **needs: str) -> SchemaNode:
    return SchemaNode(needs, Note, "create", "run", {"name": name}, eager=True)


def test_a_component_runs_once_after_what_it_needs(tmp_path: Path) -> None:
    nodes = {
        "d": node("d", one="b", other="c"),
        "b": node("b", one="a"),
        "c": node("c", one="a", other="given"),
        "a": node("a"),
        "unasked": node("unasked"),
    }
    schema = GraphSchema(nodes)
    storage = LocalModelStorage.create(tmp_path)
    runner = InOrder.create(schema, storage, ExecutionContext(schema))
    Note.runs = []
    assert runner.run({"given": "!"}, targets=["d"]) == {"d": "d(b(a())c(a()!))"}
    assert sorted(Note.runs) == ["a", "b", "c", "d"]
    assert runner.run({"given": "?"}, targets=["c", "b"]) == {"c": "c(a()?)", "b": "b(a())"}


@pytest.mark.parametrize("text", ["hello", "my street is long", "/order", ""])
def test_a_model_says_the_same(model: Path, tmp_path: Path, text: str) -> None:
    said = []
    for way in (load, load_predict_graph_runner):
        folder = tmp_path / way.__name__
        folder.mkdir()
        metadata, runner = way(folder, model, LocalModelStorage, DaskGraphRunner)
        said.append(answer(metadata, runner, text))
    assert said[0] == said[1]


def test_the_domain_of_the_metadata_is_the_one_in_the_model(model: Path, tmp_path: Path) -> None:
    _, metadata = LocalModelStorage.from_model_archive(tmp_path, model)
    assert metadata.domain.as_dict() == Domain.from_path(tmp_path / "domain_provider").as_dict()


def answer(metadata: Any, runner: GraphRunner, text: str) -> tuple[Any, Any]:
    """What is understood, and the action predicted after it."""
    tracker = DialogueStateTracker("web:a", metadata.domain.slots)
    inputs = {PLACEHOLDER_MESSAGE: [UserMessage(text)], PLACEHOLDER_TRACKER: tracker}
    (parsed,) = runner.run(inputs, targets=[metadata.nlu_target])[metadata.nlu_target]
    heard = parsed.as_dict(only_output_properties=True)
    tracker.update(ActionExecuted("action_listen"))
    tracker.update(UserUttered(text, heard.get("intent"), heard.get("entities")))
    target = metadata.core_target
    return heard, runner.run({PLACEHOLDER_TRACKER: tracker}, targets=[target])[target]


def test_rasa_is_told_at_the_place_where_it_looks(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "load_predict_graph_runner", load_predict_graph_runner)
    run_models_in_order()
    assert isinstance(MessageProcessor._load_model(model)[2], InOrder)
