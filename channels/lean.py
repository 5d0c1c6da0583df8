"""Keeps out of the assistant's process what Rasa imports and this assistant never uses.

`import rasa.core.run` alone loads TensorFlow, scikit-learn, matplotlib, the test commands and the
libraries of every vendor that Rasa knows, though `credentials.yml`, `endpoints.yml` and
`config.yml` name none of them: docs/performance.md says what that costs. Here such a module is
a stand-in, whose names can be imported, inherited and annotated with; using one raises.

Must run before Rasa is imported. `rasa train` and `rasa test` do without it.
"""

from __future__ import annotations

import sys
from abc import ABCMeta
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

UNUSED = frozenset(
    {
        # neural networks and their data
        *("rasa.utils.train_utils", "rasa.utils.tensorflow.model_data"),
        *("rasa.utils.tensorflow.model_data_utils", "tensorflow", "keras", "sklearn"),
        # `rasa test` and its pictures
        *("rasa.core.test", "rasa.nlu.test", "rasa.utils.plotting", "matplotlib"),
        # vendors of Rasa's own channels, all of which `runtime.guard` refuses
        *("aiogram", "fbmessenger", "mattermostwrapper", "rocketchat_API", "slack_sdk", "twilio"),
        *("webexteamssdk", "socketio", "questionary", "prompt_toolkit"),
        # stores and brokers that endpoints.yml does not name
        *("boto3", "botocore", "pymongo", "redis", "kafka", "aio_pika"),
        # channels/graph.py runs the model; of spaCy the matcher is used
        *("dask", "spacy.cli"),
    }
)


class Unused(ABCMeta):
    """A class whose attributes are such classes; it can be inherited, but not made or called."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unused(name, (), {"__module__": f"{cls.__module__}.{cls.__name__}"})

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not any("__init__" in vars(base) for base in cls.__mro__[:-1]):
            raise RuntimeError(f"{cls.__module__}.{cls.__name__} was left out (channels/lean.py)")
        return super().__call__(*args, **kwargs)


class UnusedModule(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unused(name, (), {"__module__": self.__name__})


class Finder(MetaPathFinder, Loader):
    """Answers imports of unused modules, and of what is below them."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        parts = name.split(".")
        prefixes = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
        return None if UNUSED.isdisjoint(prefixes) else ModuleSpec(name, self, is_package=True)

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return UnusedModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def leave_out() -> None:
    if "rasa" in sys.modules:
        raise RuntimeError("channels/lean.py comes before Rasa")
    sys.meta_path.insert(0, Finder())
