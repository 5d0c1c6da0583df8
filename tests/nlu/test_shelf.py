"""Vectors are kept between trainings, and never wrong ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.shelf import Shelf


class Encoder:
    def __init__(self) -> None:
        self.encoded: list[list[str]] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.encoded.append(texts)
        return np.array([[len(text), ord(text[0])] for text in texts], dtype=np.float32)


def test_only_new_phrases_are_encoded(tmp_path: Path) -> None:
    encode, file = Encoder(), tmp_path / "cache" / "vectors.npz"
    first = Shelf(encode, file)(["a", "bb", "a", "zażółć \ud800"])
    assert first.tolist() == [[1, 97], [2, 98], [1, 97], [8, 122]]
    again = Shelf(encode, file)(["ccc", "bb", "a"])
    assert again.tolist() == [[3, 99], [2, 98], [1, 97]]
    assert encode.encoded == [["a", "bb", "zażółć \ud800"], ["ccc"]]
    assert [path.name for path in file.parent.iterdir()] == ["vectors.npz"]


def test_a_phrase_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    encode, file = Encoder(), tmp_path / "vectors.npz"
    for texts in (["a", "b"], ["a"], ["a", "b"]):
        Shelf(encode, file)(texts)
    assert encode.encoded == [["a", "b"], ["b"]]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"\x00" * 100])
def test_a_broken_file_costs_an_encoding(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "vectors.npz"
    file.write_bytes(content)
    encode = Encoder()
    assert Shelf(encode, file)(["a"]).tolist() == [[1, 97]]
    assert Shelf(encode, file)(["a"]).tolist() == [[1, 97]]
    assert len(encode.encoded) == 1
