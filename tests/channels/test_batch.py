"""Three people's messages in one request, echoes between them, over HTTP."""

import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import requests

from channels.messenger import Messenger
from channels.viber import Viber
from tests.channels.fake_platform import Platform
from tests.channels.parrot import Assistant, inbox

GIVEN = {"page": "7", "token": "t", "app_secret": "s", "verify_token": "v"}


def item(person: str, number: int, echo: bool = False) -> dict[str, Any]:
    sender, recipient = ("7", person) if echo else (person, "7")
    message = {"mid": f"{person}.{number}.{echo}", "text": f"{number}", "is_echo": echo}
    stamp = int(time.time() * 1000)
    people = {"sender": {"id": sender}, "recipient": {"id": recipient}, "timestamp": stamp}
    return {**people, "message": message}


def post(url: str, body: Any, secret: bytes = b"s") -> int:
    raw = json.dumps(body).encode()
    digest = hmac.new(secret, raw, hashlib.sha256).hexdigest()
    headers = {"X-Hub-Signature-256": f"sha256={digest}", "X-Viber-Content-Signature": digest}
    return requests.post(url, data=raw, headers=headers, timeout=10).status_code


def test_nine_messages_of_three_people_are_answered_in_order(tmp_path: Path) -> None:
    people = ("ann", "bob", "cyd")
    items = [item(p, n, echo) for n in range(3) for p in people for echo in (False, True)]
    entries = [{"id": "7", "time": 1, "messaging": items[at : at + 6]} for at in (0, 6, 12)]
    with Platform({"message_id": "m"}) as platform:
        settings = {**GIVEN, "api": platform.url, "database": inbox(tmp_path)}
        with Assistant(Messenger(settings)) as assistant:
            url = assistant.url + "/webhooks/messenger/webhook"
            assert [post(url, {"object": "page", "entry": entries}) for _ in range(3)] == [200] * 3
            end = time.monotonic() + 20
            while len(said(platform)) < 9 and time.monotonic() < end:
                time.sleep(0.05)
            time.sleep(0.5)
    for person in people:
        mine = [text for who, text in said(platform) if who == person]
        assert mine == ["You said 0", "You said 1", "You said 2"]


def said(platform: Platform) -> list[tuple[str, str]]:
    bodies = [heard.body for heard in list(platform.heard)]
    return [(b["recipient"]["id"], b["message"]["text"]) for b in bodies if "message" in b]


def test_meta_tries_the_address_and_viber_while_it_registers(tmp_path: Path) -> None:
    file = inbox(tmp_path)
    adapters = (
        Messenger({**GIVEN, "database": file}),
        Viber({"token": "s", "sender": "Halny", "database": file}),
    )
    with Assistant(*adapters) as assistant:
        url = assistant.url + "/webhooks/messenger/webhook"
        query = {"hub.mode": "subscribe", "hub.verify_token": "v", "hub.challenge": "77"}
        tried = requests.get(url, params=query, timeout=5)
        assert (tried.status_code, tried.text) == (200, "77")
        wrong = requests.get(url, params={**query, "hub.verify_token": "w"}, timeout=5)
        assert wrong.status_code == 403
        callback = {"event": "webhook", "timestamp": 1, "message_token": 1}
        viber = assistant.url + "/webhooks/viber/webhook"
        assert post(viber, callback) == 200
        assert post(viber, callback, b"other") == 401
