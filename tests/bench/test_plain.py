"""The smaller project that both assistants of `make bench-stock` learn from."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bench.plain import project, some
from bench.stock import conversations


@pytest.mark.parametrize(
    ("count", "picked"),
    [(0, "abcdef"), (6, "abcdef"), (9, "abcdef"), (3, "ace"), (2, "ad"), (1, "a")],
)
def test_phrases_are_picked_evenly(count: int, picked: str) -> None:
    assert "".join(some("abcdef", count)) == picked


def test_a_project_has_some_phrases_of_each_label_and_every_reply(tmp_path: Path) -> None:
    project(tmp_path / "small", 2, ["en"])
    files = sorted((tmp_path / "small").glob("data/*/??.yml"))
    assert {file.stem for file in files} == {"en"}
    for file in files:
        small, whole = (yaml.safe_load(f.read_text("utf-8")) for f in (file, original(file)))
        assert small["responses"] == whole["responses"]
        labels = [[block["intent"] for block in data.get("nlu") or []] for data in (small, whole)]
        assert labels[0] == labels[1]
        for block in small.get("nlu") or []:
            assert 1 <= len(block["examples"].splitlines()) <= 2


def original(file: Path) -> Path:
    return Path(__file__).parents[2] / "data" / file.parent.name / file.name


def test_conversations_are_the_same_for_both() -> None:
    assert conversations(3, seed=1) == conversations(3, seed=1) != conversations(3, seed=2)
