"""Loads a trained model, and runs its components one after the other, in this process.

Rasa hands every run of the graph (one for the understanding, one for each action predicted) to
Dask, which costs more than the small components of `config.yml` themselves. And it reads the domain
from YAML three times, checking it against a schema, which was most of the time to load a model,
though the same domain stands in the model's metadata as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rasa.engine import loader
from rasa.engine.graph import ExecutionContext, GraphNode, GraphNodeHook, GraphSchema
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelMetadata, ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain

Step = tuple[str, Callable[..., tuple[str, Any]], tuple[str, ...]]


class InOrder(GraphRunner):
    """The order is worked out once for each set of targets."""

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
        domain: Domain | None = None,
    ) -> InOrder:
        """With a `domain` none is read from the model."""
        known = {
            name: domain
            for name, node in graph_schema.nodes.items()
            if domain and node.uses is DomainProvider
        }
        nodes = {
            name: GraphNode.from_schema_node(name, node, model_storage, execution_context, hooks)
            for name, node in graph_schema.nodes.items()
            if name not in known
        }
        return cls(graph_schema, nodes, known)

    def __init__(
        self, schema: GraphSchema, nodes: Mapping[str, GraphNode], known: Mapping[str, Any]
    ) -> None:
        """`known` are the outputs of nodes that need not run."""
        self._schema = schema
        self._nodes = nodes
        self._known = dict(known)
        self._orders: dict[tuple[str, ...], list[Step]] = {}

    def run(
        self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None
    ) -> dict[str, Any]:
        wanted = tuple(targets or self._schema.target_names)
        given = {**self._known, **(inputs or {})}
        if wanted not in self._orders:
            self._orders[wanted] = self._order(wanted, set(given))
        outputs = {name: (name, value) for name, value in given.items()}
        for name, node, needs in self._orders[wanted]:
            outputs[name] = node(*(outputs[need] for need in needs))
        return {name: outputs[name][1] for name in wanted}

    def _order(self, targets: Sequence[str], given: set[str]) -> list[Step]:
        """Every node that the targets need, after those that it needs itself."""
        steps: list[Step] = []
        done = set(given)

        def add(name: str) -> None:
            if name not in done:
                done.add(name)
                needs = tuple(self._schema.nodes[name].needs.values())
                for need in needs:
                    add(need)
                steps.append((name, self._nodes[name], needs))

        for target in targets:
            add(target)
        return steps


def load(
    storage_path: Path,
    model_archive_path: Path,
    model_storage_class: type[ModelStorage],
    _: type[GraphRunner],
) -> tuple[ModelMetadata, GraphRunner]:
    """`rasa.engine.loader.load_predict_graph_runner` with the runner and the domain from here."""
    storage, metadata = model_storage_class.from_model_archive(storage_path, model_archive_path)
    schema = metadata.predict_schema
    context = ExecutionContext(graph_schema=schema, model_id=metadata.model_id)
    return metadata, InOrder.create(schema, storage, context, domain=metadata.domain)


def run_models_in_order() -> None:
    """Before the agent is loaded: Rasa has no setting for how a model is loaded and run."""
    loader.load_predict_graph_runner = load
