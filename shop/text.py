"""Words made comparable: without case, diacritics and endings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import snowballstemmer

# Unicode has no decomposition for these.
BARS = str.maketrans("łŁøØđĐħı", "lLoOdDhi")
WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
STEMMERS = {"pl": "polish", "es": "spanish", "en": "english", "de": "german", "fr": "french"}
POLISH = (
    (re.compile(r"(?<=\w{3})ow$"), ""),  # butow for butów; sportowy is of sport
    (re.compile(r"(?<=[^aeiouy])ek$"), "k"),  # rękawiczek, rękawiczka: one stem
)


def fold(text: str) -> str:
    """Lower case without diacritics: "ŻÓŁTA" and "zolta" are the same."""
    plain = unicodedata.normalize("NFKD", text.translate(BARS).casefold())
    return "".join(char for char in plain if not unicodedata.combining(char))


def key(text: str) -> str:
    """For comparing names and postcodes: letters and digits only."""
    return "".join(char for char in fold(text) if char.isalnum())


def words(text: str) -> Iterator[str]:
    """Words and numbers in lower case; 42,5 and 42.5 are one number."""
    for match in WORD.finditer(text.lower()):
        yield match[0].replace(",", ".")


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """A word's folded stem; the word itself where the language has no stemmer here."""
    name = STEMMERS.get(language)
    if name is None or word[0].isdigit():
        return fold(word)
    stemmed = fold(_stemmer(name).stemWord(word))
    for ending, instead in POLISH if language == "pl" else ():
        stemmed = ending.sub(instead, stemmed)
    return stemmed


@cache
def _stemmer(name: str) -> snowballstemmer.SnowballStemmer:
    return snowballstemmer.stemmer(name)
