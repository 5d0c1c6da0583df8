"""The product's conversation as plain Rasa data, for an assistant of Rasa's own components.

    python -m bench.plain FOLDER PHRASES LANGUAGES...

FOLDER/shopkeeper gets config, domain and topics with at most PHRASES phrases of each label and
language (0: all), evenly picked; FOLDER/stock the same in the form that `rasa init` writes, without
pipeline and policies: `rasa train` then takes its own defaults. Runs where Rasa is installed.
"""

from __future__ import annotations

import shutil
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from nlu import LABEL

ROOT = Path(__file__).parents[1]
STOCK_CONFIG = {"recipe": "default.v1", "assistant_id": "stock", "language": "en"}


def some(phrases: Sequence[str], count: int) -> list[str]:
    if not count or len(phrases) <= count:
        return list(phrases)
    return [phrases[i * len(phrases) // count] for i in range(count)]


def cut(file: Path, count: int) -> None:
    """Leaves at most `count` phrases of each label in a language file."""
    data = yaml.safe_load(file.read_text("utf-8"))
    for block in data.get("nlu") or []:
        lines = some([line for line in block["examples"].splitlines() if line.strip()], count)
        block["examples"] = "\n".join(lines) + "\n"
    file.write_text(yaml.safe_dump(data, allow_unicode=True, width=1000), "utf-8")


def project(folder: Path, count: int, languages: Sequence[str]) -> None:
    folder.mkdir(parents=True)
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "data", folder / "data")
    for file in folder.glob("data/*/??.yml"):
        if file.stem in languages:
            cut(file, count)
        else:
            file.unlink()


def plain(source: Path, folder: Path) -> int:
    """Writes the stock project; returns how many phrases it has."""
    from rasa.shared.core.domain import Domain

    from nlu.importer import TopicImporter

    paths = [str(source / name) for name in ("config.yml", "domain.yml", "data")]
    importer = TopicImporter(*paths)
    (folder / "data").mkdir(parents=True)
    write(folder / "config.yml", STOCK_CONFIG)
    domain = importer.get_domain().as_dict()
    responses = domain.pop("responses")
    retrieved = {name: list(r) for name, r in responses.items() if "/" in name}
    domain["responses"] = {name: list(r) for name, r in responses.items() if "/" not in name}
    domain["intents"] = [_name(intent) for intent in domain["intents"]]
    write(folder / "domain.yml", Domain.from_dict(domain).as_dict())
    phrases: dict[str, list[str]] = defaultdict(list)
    for message in importer.get_nlu_data().intent_examples:
        phrases[message.get(LABEL)].append(message.get("text"))
    nlu = [
        {"intent": label, "examples": "".join(f"- {text}\n" for text in texts)}
        for label, texts in phrases.items()
    ]
    write(folder / "data" / "nlu.yml", {"version": "3.1", "nlu": nlu, "responses": retrieved})
    for file in [*source.glob("data/*/rules.yml"), *source.glob("data/*/stories.yml")]:
        shutil.copy(file, folder / "data" / f"{file.parent.name}_{file.name}")
    return sum(map(len, phrases.values()))


def write(file: Path, data: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=1000), "utf-8")


def _name(intent: str | dict[str, Any]) -> str | dict[str, Any]:
    """Stock Rasa finds out by itself which intents are retrieval intents."""
    if isinstance(intent, str):
        return intent
    (name, about), *_ = intent.items()
    kept = {key: value for key, value in about.items() if key != "is_retrieval_intent"}
    return {name: kept} if kept else name


def main(folder: str, count: str, *languages: str) -> None:
    target = Path(folder)
    project(target / "shopkeeper", int(count), languages)
    print(plain(target / "shopkeeper", target / "stock"))


if __name__ == "__main__":
    main(*sys.argv[1:])
