"""A reply reworded in its file is said so; a file that cannot be read changes nothing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from nlg import wording
from nlg.wording import Wording, spoken_in

PL = {"type": "slot", "name": "language", "value": "pl"}
WEB = {"text": "Hi, web!", "channel": "web"}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(wording, "LOOK_SECONDS", 0)
    (tmp_path / "greetings").mkdir()
    for language, text in (("en", "Hi!"), ("pl", "Cześć!")):
        write(tmp_path, language, f"responses: {{utter_hi: [{{text: {text}}}]}}")
    return tmp_path


def write(data: Path, language: str, content: str) -> None:
    file = data / "greetings" / f"{language}.yml"
    at = file.stat().st_mtime + 1 if file.exists() else 1
    file.write_text(content, "utf-8")
    os.utime(file, (at, at))


def trained() -> dict[str, list[dict[str, Any]]]:
    polish = {"text": "Cześć!", "condition": [PL]}
    return {"utter_hi": [{"text": "Hi!"}, polish], "utter_bye": [{"text": "Bye!"}]}


def test_only_the_language_of_the_file_is_reworded(data: Path) -> None:
    responses, watched = trained(), Wording(data)
    write(data, "pl", "responses: {utter_hi: [{text: Hej!}, {text: Siema!}]}")
    watched.take_up(responses)
    polish = [{"text": text, "condition": [PL]} for text in ("Hej!", "Siema!")]
    assert responses == {**trained(), "utter_hi": [{"text": "Hi!"}, *polish]}
    write(data, "en", "responses: {utter_hi: [{text: Hello!}], utter_new: [{text: New}]}")
    watched.take_up(responses)
    assert responses["utter_hi"] == [{"text": "Hello!"}, *polish]
    assert responses["utter_new"] == [{"text": "New"}]


def test_what_was_there_at_the_start_is_as_it_was_trained(data: Path) -> None:
    responses = trained()
    Wording(data).take_up(responses)
    assert responses == trained()


@pytest.mark.parametrize(
    "content", ["responses: {utter_hi: [", "responses: [1]", "responses: {utter_hi: text}", "- x"]
)
def test_a_file_that_cannot_be_read_changes_nothing(data: Path, content: str) -> None:
    responses, watched = trained(), Wording(data)
    write(data, "en", content)
    watched.take_up(responses)
    assert responses == trained()


def test_a_look_costs_nothing_within_a_second(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wording, "LOOK_SECONDS", 3600)
    responses, watched = trained(), Wording(data)
    write(data, "en", "responses: {utter_hi: [{text: Hello!}]}")
    watched.take_up(responses)
    assert responses == trained()


def test_a_variation_speaks_its_language() -> None:
    web = {"type": "slot", "name": "language", "value": "en"}
    assert spoken_in("en", {"text": "a"}, "en") == {"text": "a"}
    assert spoken_in("pl", {"text": "a"}, "en") == {"text": "a", "condition": [PL]}
    assert spoken_in("en", WEB, "en") == {**WEB, "condition": [web]}
    own = {"type": "slot", "name": "mood", "value": "x"}
    assert spoken_in("pl", {"condition": [own]}, "en")["condition"] == [PL, own]
