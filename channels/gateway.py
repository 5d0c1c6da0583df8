"""The messaging channels in a process of their own, without the model.

    python -m channels.gateway --port 5006

Takes webhooks in and sends answers out at once, however busy the assistant is: both work on the
same inbox. The assistants beside it run with `CHANNELS_GATEWAY=yes`, so that they neither listen
nor send. The web page's channel stays with the assistant, whose turns it shows.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import RasaException
from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, json

from channels.__main__ import stanzas
from channels.desk import desk_of
from channels.inbox.model import Unavailable

MAX_REQUEST_BYTES = 1_000_000


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser("channels.gateway", description=__doc__.splitlines()[0])
    parser.add_argument("--credentials", type=Path, default=Path("credentials.yml"))
    parser.add_argument("--interface", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5006)
    given = parser.parse_args(arguments)
    app = build(list(stanzas(given.credentials)))
    app.run(given.interface, given.port, access_log=False, motd=False)


def build(made: Sequence[InputChannel | str]) -> Sanic:
    """The app of these channels. Raises if a stanza is incomplete, or there is none."""
    problems = [one for one in made if isinstance(one, str)]
    if problems or not made:
        raise RasaException("; ".join(problems) or "credentials: no messaging channel is open")
    app = Sanic("gateway", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = MAX_REQUEST_BYTES
    app.ctx.agent = None
    for channel in made:
        if isinstance(channel, InputChannel):
            routes = channel.blueprint(_no_turn)
            app.blueprint(routes, url_prefix=f"/webhooks/{channel.name()}")
    app.add_route(health, "/health")
    return app


async def health(request: Request) -> HTTPResponse:
    """200 when messages are taken."""
    try:
        await desk_of(request.app).disk.read(lambda store: store.half_erased())
    except Unavailable:
        return json({"ready": False}, status=503)
    return json({"ready": True})


async def _no_turn(message: UserMessage) -> None:
    raise NotImplementedError("the turns are the assistant's")


if __name__ == "__main__":
    main(sys.argv[1:])
