"""What the scripted shopper says is nothing that the assistant has learnt from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import yaml

from bench.retail import data
from bench.retail.shopper import Shopper
from bench.retail.wishes import wishes
from bench.retail.words import script

LANGUAGES = ("en", "pl", "es")
KINDS = ("cancel", "return", "exchange", "items", "payment", "address")
SENTENCES = ("hello", "who", "wishes", "money", "reasons", "answers")
LEAST = 6  # ways to say each kind of wish
NOTE = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\{[^}]*\})")
missing = not (data.folder() / "tasks.json").exists() and not os.environ.get("CI")


def plain(sentence: str) -> str:
    return " ".join(re.findall(r"\w+", sentence.casefold()))


def learnt(language: str) -> set[str]:
    found = set()
    for file in (data.ROOT / "data").glob(f"*/{language}.yml"):
        for item in yaml.safe_load(file.read_text(encoding="utf-8")).get("nlu") or []:
            lines = (line.strip()[2:] for line in item["examples"].splitlines() if line.strip())
            found |= {plain(NOTE.sub(r"\1", line)) for line in lines}
    return found


def templates(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
        return
    for inner in part.values() if isinstance(part, dict) else part:
        yield from templates(inner)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_template_is_a_training_phrase(language: str) -> None:
    own = script(language)
    said = {plain(each) for name in SENTENCES for each in templates(own[name]) if "{" not in each}
    assert not said & learnt(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_many_ways_to_say_each_wish(language: str) -> None:
    own = script(language)
    for kind in KINDS:
        assert len(set(own["wishes"][kind])) >= LEAST, kind
    for kind, said in own["answers"].items():
        assert len(set(said)) >= LEAST, kind


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_have_the_same_parts(language: str) -> None:
    assert parts(script(language)) - {"contractions"} == parts(script("en"))


def parts(own: dict[str, Any]) -> set[str]:
    named = ("wishes", "money", "methods", "reasons", "addresses", "answers", "who")
    return set(own) | {f"{name}.{part}" for name in named for part in own[name]}


@pytest.mark.skipif(missing, reason=f"THE RETAIL SET IS NOT AT {data.folder()}")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_about_a_task_is_a_training_phrase(language: str) -> None:
    known = learnt(language)
    for task in data.tasks()[::5]:
        shopper = Shopper(task, language, Random(task["id"]).randrange(100))
        sentences = [
            shopper.words.wish(w, whole)
            for w in wishes(task["instruction"])
            for whole in (True, False)
        ]
        assert not {plain(sentence) for sentence in sentences} & known
