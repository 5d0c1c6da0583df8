"""`python -m channels`: what an operator sees."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml

from channels.__main__ import main
from channels.render import Reply
from channels.telegram import Telegram
from tests.channels.fake_platform import Office, Platform, Reaction

URL = "https://bot.shop.example"
HOOK = URL + "/webhooks/telegram/webhook"


def credentials(folder: Path, platform: Platform, **more: Any) -> list[str]:
    stanza = {
        "token": "12:abc",
        "secret": "${TELEGRAM_SECRET}",
        "api": platform.url,
        "url": URL,
        "database": str(folder / "inbox.db"),
        **more,
    }
    file = folder / "credentials.yml"
    known = {"channels.telegram.Telegram": stanza, "channels.web.WebInput": {"secret": "x"}}
    file.write_text(yaml.safe_dump(known))
    return ["--credentials", str(file)]


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_SECRET", "a-secret-of-ours")


def test_a_channel_that_is_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Platform() as platform:
        updates = ["message", "callback_query", "my_chat_member"]
        info = {"url": HOOK, "allowed_updates": updates}
        platform.usual = Reaction(body={"ok": True, "result": info})
        assert main([*credentials(tmp_path, platform), "doctor"]) == 0
    assert capsys.readouterr().out == "telegram: well\n"


def test_no_channel_at_all_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "credentials.yml"
    file.write_text("channels.web.WebInput: {secret: x}\n")
    assert main(["--credentials", str(file), "doctor"]) == 0
    assert capsys.readouterr().out.startswith("No messaging channel is open")


@pytest.mark.parametrize(
    ("more", "reaction", "said"),
    [
        ({}, Reaction(401, {"ok": False, "description": "Unauthorized"}), "Unauthorized"),
        ({}, Reaction(body={"ok": True, "result": {"url": ""}}), "the webhook is not set"),
        ({"url": "http://localhost"}, Reaction(body={"ok": True, "result": {}}), "set `url`"),
        ({"secret": ""}, Reaction(), "secret is missing"),
        ({"secret": "${NOT_SET}"}, Reaction(), "secret is missing"),
        ({"api": "http://127.0.0.1:9"}, Reaction(), "ClientConnectorError"),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    more: dict[str, str],
    reaction: Reaction,
    said: str,
) -> None:
    with Platform() as platform:
        platform.usual = reaction
        assert main([*credentials(tmp_path, platform, **more), "doctor"]) == 1
    out = capsys.readouterr().out
    assert said in out
    assert "12:abc" not in out
    assert "a-secret-of-ours" not in out


def test_a_channel_is_registered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Platform() as platform:
        platform.usual = Reaction(body={"ok": True, "result": True})
        assert main([*credentials(tmp_path, platform), "register", "telegram"]) == 0
        assert [heard.path for heard in platform.heard] == ["/bot12:abc/setWebhook"]
        assert platform.heard[0].body["url"] == HOOK
        assert main([*credentials(tmp_path, platform), "register", "line"]) == 1
        assert main([*credentials(tmp_path, platform, url=""), "register", "telegram"]) == 1
        platform.usual = Reaction(404, {"ok": False})
        assert main([*credentials(tmp_path, platform), "register", "telegram"]) == 1
    assert capsys.readouterr().out.startswith(f"telegram: registered {HOOK}\n")


def test_letters_that_did_not_arrive_are_listed_without_their_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def scenario(platform: Platform) -> None:
        settings = {"token": "12:abc", "secret": "a-secret-of-ours", "api": platform.url}
        office = Office(Telegram(settings), tmp_path)
        platform.script = [Reaction(400, {"ok": False, "description": "chat not found"})]
        await office.say("5", Reply("xylophone"), to={"chat": 5})
        await office.send()

    with Platform() as platform:
        asyncio.run(scenario(platform))
        assert main([*credentials(tmp_path, platform), "letters"]) == 1
    out = capsys.readouterr().out
    assert "telegram: letter 1 of " in out
    assert out.endswith("is refused: HTTP 400 chat not found\n")
    assert "xylophone" not in out
    (kept,) = sqlite3.connect(tmp_path / "inbox.db").execute("SELECT body FROM outbox").fetchone()
    assert "xylophone" in kept
