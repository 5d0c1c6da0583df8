from __future__ import annotations

import math
from pathlib import Path

import pytest

from bench.nlu import NOTHING, Answer, read, report

ODD = (
    b"\xef\xbb\xbfsentence,label,\r\nwhere is it,track,\r\n\r\n"
    b'"send, it back",return,\r\n,track,\r\nno label,,\r\n'
)


def test_odd_files_are_read(tmp_path: Path) -> None:
    file = tmp_path / "odd.csv"
    file.write_bytes(ODD)
    assert read(file) == [("where is it", "track"), ("send, it back", "return")]


def test_a_file_of_other_columns_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.csv"
    file.write_text("message,intent\nhi,greet\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="no columns"):
        read(file)


def answers(*judged: tuple[str, str, float]) -> list[Answer]:
    return [
        Answer(right, best if sure >= 0.2 else NOTHING, best, sure) for right, best, sure in judged
    ]


def test_the_best_threshold_separates_what_is_foreign() -> None:
    known = [("a", "a", 0.9), ("b", "b", 0.8), ("b", "a", 0.7)]
    lines = list(report(answers(*known, (NOTHING, "a", 0.61), (NOTHING, "b", 0.1)), 1.0, 2.0))
    assert "in-scope accuracy without rejection 0.667" in lines
    shipped = next(line.split() for line in lines if line.startswith("shipped"))
    assert math.isclose(float(shipped[-1]), 0.5), "one of two foreign messages is refused"
    assert float(lines[-1].split()[-1]) > 0.61


def test_files_without_foreign_messages_have_no_recall() -> None:
    lines = list(report(answers(("a", "a", 0.9), ("b", "b", 0.8)), 1.0, 2.0))
    assert all(line.endswith("-") for line in lines if line.startswith("shipped"))
