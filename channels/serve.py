"""Starts the assistant: `rasa run` without what it loads in vain. `python -m channels.serve`"""

from __future__ import annotations

import argparse
import logging
import os
import sys

from channels.lean import leave_out


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser("channels.serve", description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="models/shopkeeper.tar.gz")
    parser.add_argument("--endpoints", default="endpoints.yml")
    parser.add_argument("--credentials", default="credentials.yml")
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--debug", action="store_const", dest="level", const=logging.DEBUG)
    given = parser.parse_args(arguments)
    for file in (given.model, given.endpoints, given.credentials):
        if not os.path.exists(file):
            parser.error(f"{file} is missing")
    os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
    leave_out()
    serve(given)


def serve(given: argparse.Namespace) -> None:
    """What `rasa run` does after reading its command line."""
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.io import configure_colored_logging
    from rasa.utils.log_utils import configure_structlog

    from channels.graph import run_models_in_order

    configure_logging_and_warnings(given.level)
    configure_colored_logging(given.level)
    configure_structlog(given.level)
    sys.path.insert(0, os.getcwd())
    run_models_in_order()
    serve_application(
        given.model,
        endpoints=AvailableEndpoints.read_endpoints(given.endpoints),
        credentials=given.credentials,
        interface=given.interface,
        port=given.port,
        enable_api=False,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
