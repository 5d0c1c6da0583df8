"""Trains the assistant: `rasa train` without what it does in vain. `python -m channels.train`

Same files, same checks, same cache, same model. docs/performance.md says what is left out and what
that buys; a designer waits for it.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from channels.lean import leave_out

if TYPE_CHECKING:
    from rasa.shared.importers.importer import TrainingDataImporter


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser("channels.train", description=__doc__.splitlines()[0])
    parser.add_argument("--name", default="shopkeeper", help="of the model's file")
    parser.add_argument("--out", default="models")
    given = parser.parse_args(arguments)
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    # The classifier solves one large system of equations, before anybody is served.
    os.environ["OMP_NUM_THREADS"] = str(len(os.sched_getaffinity(0)))
    leave_out()
    return train(given.name, given.out)


def train(name: str, out: str) -> int:
    from rasa import model_training
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.shared.utils import validation
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    from channels.graph import InOrder

    configure_logging_and_warnings(logging.WARNING)
    configure_structlog(logging.WARNING)
    sys.path.insert(0, os.getcwd())
    model_training.DaskGraphRunner = InOrder
    TrainingDataImporter.load_from_config = staticmethod(as_it_is)
    validation.validate_yaml_schema = checked(validation.validate_yaml_schema)
    return model_training.train(
        "domain.yml", "config.yml", ["data"], out, fixed_model_name=name
    ).code


def as_it_is(config: str, domain: str, data: list[str], *_: Any) -> TrainingDataImporter:
    """The one importer that config.yml names. Rasa wraps it into two that copy and hash all phrases
    five times over, to add those of end-to-end stories and response selectors: there are none."""
    from rasa.shared.utils.common import class_from_module_path
    from rasa.shared.utils.io import read_config_file

    (importer,) = read_config_file(config)["importers"]
    return class_from_module_path(importer["name"])(config, domain, data)


def checked(with_lines: Callable[..., None]) -> Callable[..., None]:
    """Reads YAML for its check as quickly as for its use; slowly, which keeps the numbers of
    lines, only to say what is wrong."""
    from rasa.shared.exceptions import YamlException
    from rasa.shared.utils import io

    def check(content: str, *schema: str) -> None:
        slow = io.read_yaml
        io.read_yaml = lambda text, reader_type="safe": slow(text)
        try:
            with_lines(content, *schema)
            return
        except YamlException:
            pass
        finally:
            io.read_yaml = slow
        with_lines(content, *schema)

    return check


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
