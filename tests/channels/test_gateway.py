"""The channels in a process of their own, beside the assistant, on one inbox."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from rasa.shared.exceptions import RasaException

from channels import gateway
from channels.telegram import Telegram
from tests.channels import kills, voices
from tests.channels.fake_platform import Platform
from tests.channels.rig import Actions, Assistant, Gateway
from tests.channels.voices import VOICES


class Pair:
    """A gateway, and an assistant that leaves listening and sending to it."""

    def __init__(self, assistant: Assistant, beside: Gateway, platform: Platform) -> None:
        self.assistant, self.gateway, self.platform = assistant, beside, platform
        self.count = 0

    def say(self, person: str, text: str) -> int:
        self.count += 1
        headers, body = VOICES[0].say(person, str(self.count), text)
        url = self.gateway.url + "/webhooks/telegram/webhook"
        return requests.post(url, data=body, headers=headers, timeout=10).status_code

    def shown(self, person: str, count: int, seconds: float = 60) -> list[str]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = voices.shown(VOICES, list(self.platform.heard)).get(("telegram", person), [])
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{count} messages were not shown: {found}")


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, model: Path, actions: Actions) -> Iterator[Pair]:
    folder = tmp_path_factory.mktemp("pair")
    with Platform(voices.ANSWER) as platform:
        assistant = kills.opened(folder, model, actions, platform)
        assistant.env = {"CHANNELS_GATEWAY": "yes"}
        beside = Gateway(folder)
        for process in (beside, assistant):
            process.start()
        yield Pair(assistant, beside, platform)
        for process in (beside, assistant):
            process.stop()


def test_one_takes_and_sends_the_other_answers(pair: Pair) -> None:
    assert pair.say("p1", "say 9") == 200
    assert pair.shown("p1", 1) == ["say 9 (None)"]
    typing = [heard.body for heard in pair.platform.heard if "sendChatAction" in heard.path]
    assert typing == [{"chat_id": 1, "action": "typing"}]


def test_the_gateway_is_small(pair: Pair) -> None:
    loaded = Path(f"/proc/{pair.gateway.pid}/maps").read_text()
    assert "tensorflow" not in loaded
    assert pair.gateway.memory < 250


def test_messages_are_taken_while_the_assistant_is_gone(pair: Pair) -> None:
    pair.assistant.stop(signal.SIGKILL)
    assert [pair.say("p2", f"say {number}") for number in range(3)] == [200] * 3
    pair.assistant.start()
    assert pair.shown("p2", 3) == ["say 0 (None)", "say 1 (None)", "say 2 (None)"]


def test_answers_wait_for_the_gateway(pair: Pair) -> None:
    """The assistant beside it does not send, though nobody holds the channel's lock."""
    pair.assistant.send(signal.SIGSTOP)
    assert pair.say("p3", "say later") == 200
    pair.gateway.stop(signal.SIGKILL)
    pair.assistant.send(signal.SIGCONT)
    time.sleep(2)
    assert "say later" not in json.dumps([heard.body for heard in pair.platform.heard])
    pair.gateway.start()
    assert pair.shown("p3", 1) == ["say later (None)"]


def test_without_a_channel_there_is_nothing_to_start() -> None:
    with pytest.raises(RasaException, match="no messaging channel"):
        gateway.build([])
    with pytest.raises(RasaException, match="token is missing"):
        gateway.build([Telegram({"token": "1:a", "secret": "s" * 16}), "token is missing"])
