"""The rules of the house (docs/house.md) that a machine can check. Reads files, imports nothing."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from pyicumessageformat import Parser

ROOT = Path(__file__).parents[1]
LANGUAGES = ("en", "pl", "es")
TOPICS = sorted(folder.name for folder in (ROOT / "data").iterdir() if folder.is_dir())
PACKAGES = ("actions", "shop", "channels", "nlu", "nlg")
SOURCES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
FORBIDDEN = {  # package -> what it may never import
    "actions": {"rasa", "channels", "nlu", "nlg", "httpx", "requests", "sqlalchemy"},
    "shop": {"rasa", "rasa_sdk", "actions", "channels", "nlu", "nlg"},
    "channels": {"actions", "shop"},
    "nlu": {"actions", "shop", "channels"},
    "nlg": {"actions", "shop", "channels"},
}
SIGNED_FOR = {  # notices of our own
    *("payment_received", "payment_failed", "payment_unclear", "order_released"),
    *("ticket_answered", "ticket_solved"),
}


@cache
def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def topic_file(topic: str, name: str) -> Any:
    return read(ROOT / "data" / topic / f"{name}.yml")


def phrases(language: str) -> dict[str, list[str]]:
    return {
        item["intent"]: [line[2:].strip() for line in item["examples"].splitlines() if line.strip()]
        for topic in TOPICS
        for item in topic_file(topic, language)["nlu"]
    }


def responses(language: str) -> dict[str, list[dict[str, Any]]]:
    return {
        name: variations
        for topic in TOPICS
        for name, variations in (topic_file(topic, language).get("responses") or {}).items()
    }


def declared(key: str) -> list[str]:
    """Names under one key of all domain files."""
    files = [ROOT / "domain.yml", *sorted((ROOT / "data").glob("*/domain.yml"))]
    names = [entry for file in files for entry in read(file).get(key) or []]
    return [name if isinstance(name, str) else next(iter(name)) for name in names]


def arguments(text: str) -> set[str]:
    def names(nodes: list[Any]) -> set[str]:
        found: set[str] = set()
        for node in nodes:
            if isinstance(node, dict):
                found |= {node["name"]}
                for option in (node.get("options") or {}).values():
                    found |= names(option)
        return found

    return names(Parser().parse(text))


def trees() -> dict[Path, ast.Module]:
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in SOURCES}


def imported(tree: ast.Module) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_one_name_everywhere(topic: str) -> None:
    names = {file.stem for file in (ROOT / "data" / topic).glob("*.yml")}
    assert {"domain", "rules", *LANGUAGES} <= names
    assert (ROOT / "tests" / "conversations" / f"test_{topic}.yml").exists()
    if read(ROOT / "data" / topic / "domain.yml").get("actions"):
        module = ROOT / "actions" / topic
        assert module.with_suffix(".py").exists() or (module / "__init__.py").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_phrases(language: str) -> None:
    labels = phrases(language)
    plain = {label.split("/")[0] for label in labels}
    assert set(declared("intents")) - SIGNED_FOR == plain
    few = {label: len(texts) for label, texts in labels.items() if len(texts) < least(label)}
    assert not few, f"too few phrases: {few}"


def least(label: str) -> int:
    return 20 if "/" in label else 25


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_stands_twice(language: str) -> None:
    seen: dict[str, str] = {}
    for label, texts in phrases(language).items():
        for text in texts:
            other = seen.setdefault(text.casefold(), label)
            assert other == label, f"{text!r} is both {other} and {label}"


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_every_response_is_said_alike_in_every_language(language: str) -> None:
    english, other = responses("en"), responses(language)
    assert set(english) == set(other)
    for name, variations in english.items():
        assert shape(variations) == shape(other[name]), name


def shape(variations: list[dict[str, Any]]) -> tuple[set[str], list[str]]:
    """What must not differ between languages: values used and buttons' payloads."""
    used = set().union(*(arguments(variation.get("text") or "") for variation in variations))
    buttons = [b["payload"] for b in variations[0].get("buttons") or []]
    return used, buttons


def test_every_response_that_python_names_exists() -> None:
    known = set(responses("en"))
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                name = node.value
                if re.fullmatch(r"utter_(?!action$)[a-z_/]+", name) and not name.endswith("_"):
                    assert name in known, f"{file.name} says {name}"


def test_words_for_shoppers_are_not_in_python() -> None:
    for file, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                keywords = {keyword.arg for keyword in node.keywords}
                assert not (node.func.attr == "utter_message" and "text" in keywords), file


def test_every_action_of_a_domain_exists_and_the_reverse() -> None:
    named = set()
    for file, tree in trees().items():
        if file.is_relative_to(ROOT / "actions"):
            named |= action_names(tree)
    assert named == set(declared("actions"))


def action_names(tree: ast.Module) -> set[str]:
    """Names of concrete actions: what `name()` returns, or `validate_<form>`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == "name":
            found |= {
                returned.value.value
                for returned in ast.walk(node)
                if isinstance(returned, ast.Return) and isinstance(returned.value, ast.Constant)
            }
        is_form = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "form"
        if is_form and isinstance(node.value, ast.Constant):
            found.add(f"validate_{node.value.value}")
    return found


def test_imports_go_one_way() -> None:
    for file, tree in trees().items():
        package = file.relative_to(ROOT).parts[0]
        wrong = imported(tree) & FORBIDDEN[package]
        assert not wrong, f"{file.relative_to(ROOT)} imports {wrong}"


def test_files_and_functions_are_short() -> None:
    for file, tree in trees().items():
        lines = file.read_text(encoding="utf-8").count("\n")
        assert lines <= 300, f"{file.relative_to(ROOT)} has {lines} lines"
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 40, f"{file.relative_to(ROOT)}:{node.name} has {length} lines"


def test_dotted_paths_of_the_yaml_lead_somewhere() -> None:
    text = "".join((ROOT / f"{n}.yml").read_text() for n in ("config", "endpoints", "credentials"))
    paths = set(re.findall(rf"\b((?:{'|'.join(PACKAGES)})(?:\.\w+)*\.[A-Z]\w+)", text))
    assert paths
    for path in paths:
        module, _, name = path.rpartition(".")
        file = ROOT / Path(*module.split("."))
        source = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        assert re.search(rf"\b(class|import) .*\b{name}\b", source.read_text()), path


def test_no_secret_address_or_machine_path_stands_in_the_tree() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert "--hash=sha256:" in text
    home = re.compile(r"(?<![\w.])/(?:root|home/\w+|work|Users)/")
    for file in [*SOURCES, ROOT / "Makefile", ROOT / "README.md", *ROOT.glob("docs/*.md")]:
        assert not home.search(file.read_text(encoding="utf-8")), file
