"""The real connectors on Sanic with a dialogue that repeats what it is given, without a model."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from rasa.core.channels.channel import UserMessage
from sanic import Sanic
from sanic.touchup import TouchUp

from channels import base, receive
from tests.channels.rig import free_port


class Parrot:
    """Stands where Rasa's agent stands; `heard` is what the dialogue was given."""

    processor = None
    action_endpoint = None
    nlg = None

    def __init__(self) -> None:
        self.domain = SimpleNamespace(slots=[])
        self.heard: list[UserMessage] = []
        self.tracker_store = self
        self.seconds = 0.0

    def is_ready(self) -> bool:
        return True

    async def parse_message(self, text: str) -> None:
        """Warming up."""

    async def retrieve(self, conversation: str) -> None:
        """No conversation is known."""

    async def handle_message(self, message: UserMessage) -> None:
        self.heard.append(message)
        await asyncio.sleep(self.seconds)
        said = {"text": f"You said {message.text}", "buttons": []}
        if message.text == "menu":
            title = "Number {} of the things that could be chosen here, if one wanted to"
            said["buttons"] = [{"title": title.format(n), "payload": f"/pick{n}"} for n in range(2)]
        await message.output_channel.send_response(message.sender_id, said)


class Assistant:
    """The connectors of these adapters on a port, in a thread."""

    def __init__(self, *adapters: base.Adapter) -> None:
        self.parrot = Parrot()
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._adapters = adapters
        self._loop = asyncio.new_event_loop()
        self._up = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Assistant:
        self._thread.start()
        assert self._up.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        app = Sanic(f"parrot-{self.port}", configure_logging=False)
        app.ctx.agent, app.ctx.input_channels = self.parrot, list(self._adapters)
        for adapter in self._adapters:
            prefix = f"/webhooks/{adapter.name()}"
            app.blueprint(receive.routes(adapter), url_prefix=prefix)
        server: Any = self._loop.run_until_complete(
            app.create_server("127.0.0.1", self.port, return_asyncio_server=True)
        )
        self._loop.run_until_complete(server.startup())
        TouchUp._registry.clear()  # it rewrites Sanic's methods once, and fails the second time
        self._loop.run_until_complete(server.before_start())
        self._loop.run_until_complete(server.after_start())
        self._up.set()
        self._loop.run_forever()
        self._loop.run_until_complete(server.before_stop())
        server.close()
        self._loop.run_until_complete(server.after_stop())


def inbox(folder: Path) -> str:
    return str(folder / "inbox.db")
