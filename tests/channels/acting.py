"""An action server for tests: answers like rasa-sdk, or fails in the way it is told to.

`POST /mode` with one of ok, 500, html, nonsense, hang, reject; `GET /calls` gives the actions
that ran, each with the id of the message that it ran for.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from aiohttp import web

CARD = {
    "title": "Storm jacket",
    "subtitle": "Three layers",
    "image_url": "https://shop.example/storm.svg",
    "url": "https://shop.example/storm",
    "product": {"id": "storm", "price": "129.90", "currency": "PLN", "cost": "40.00"},
    "buttons": [{"title": "Add", "payload": '/secret{"order_number": "1"}'}],
}


def answer(name: str, latest: dict[str, Any], slots: dict[str, Any]) -> dict[str, Any]:
    """Events and responses of the action `name`."""
    if name == "action_say":
        said = {"text": f"{latest['text']} ({latest['metadata'].get('locale')})"}
        return {"events": [], "responses": [said]}
    if name == "action_order":
        return {"events": [], "responses": [{"text": "Found:", "elements": [CARD]}]}
    if name == "action_paid":
        amounts = [e["value"] for e in latest["entities"] if e["entity"] == "amount"]
        return {"events": [], "responses": [{"text": f"Paid: {amounts[0]}"}]}
    if name == "action_loop":
        return {"events": [{"event": "followup", "name": "action_loop"}], "responses": []}
    if name == "validate_street_form":
        checked = {"event": "slot", "name": "street", "value": slots["street"]}
        return {"events": [checked] if slots["street"] else [], "responses": []}
    return {"events": [], "responses": [{"text": "Slow."}] if name == "action_slow" else []}


class Acting:
    def __init__(self) -> None:
        self.mode = "ok"
        self.calls: list[list[str]] = []

    async def act(self, request: web.Request) -> web.Response:
        call = await request.json()
        name, tracker = call["next_action"], call["tracker"]
        self.calls.append([name, tracker["latest_message"].get("message_id") or ""])
        if self.mode == "hang":
            await asyncio.sleep(60)
        if self.mode == "500":
            return web.Response(status=500, text="<h1>error</h1>")
        if self.mode == "html":
            return web.Response(text="<h1>hello</h1>", content_type="text/html")
        if self.mode == "nonsense":
            return web.json_response({"events": [{"event": "slot"}], "responses": []})
        if self.mode == "reject":
            return web.json_response({"action_name": name, "error": "no"}, status=400)
        if name == "action_slow":
            await asyncio.sleep(1.5)
        return web.json_response(answer(name, tracker["latest_message"], tracker["slots"]))

    async def set_mode(self, request: web.Request) -> web.Response:
        self.mode = await request.text()
        return web.Response()

    async def list_calls(self, request: web.Request) -> web.Response:
        return web.json_response(self.calls)


def main(port: int) -> None:
    acting = Acting()
    app = web.Application(client_max_size=50_000_000)
    app.add_routes(
        [
            web.post("/webhook", acting.act),
            web.post("/mode", acting.set_mode),
            web.get("/calls", acting.list_calls),
        ]
    )
    web.run_app(app, host="127.0.0.1", port=port, print=None)


if __name__ == "__main__":
    main(int(sys.argv[1]))
