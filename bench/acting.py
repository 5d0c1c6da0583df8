"""An action server that says one word, whatever the action: `python -m bench.acting PORT`."""

from __future__ import annotations

import logging
import sys

from aiohttp import web


async def act(request: web.Request) -> web.Response:
    name = (await request.json())["next_action"]
    said = [] if name.startswith("validate_") else [{"text": "Done."}]
    return web.json_response({"events": [], "responses": said})


def main(port: str) -> None:
    logging.disable(logging.WARNING)
    app = web.Application(client_max_size=4_000_000)
    app.router.add_post("/webhook", act)
    web.run_app(app, host="127.0.0.1", port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main(sys.argv[1])
