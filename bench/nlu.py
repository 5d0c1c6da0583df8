"""Measures the shipped pipeline on labelled messages of any domain.

    python -m bench.nlu --train TRAIN.csv --test TEST.csv
    python -m bench.nlu --train TRAIN.csv --folds 5

The files have the columns `text` (or `sentence`) and `label`; lines without either are left out.
Messages labelled NO_NODES_DETECTED or oos are out of scope, in training too. Printed: accuracy of
in-scope messages without rejection; then accuracy, macro F1, MCC and out-of-scope recall as shipped
and at other thresholds of confidence, and the best MCC of all thresholds.
"""

import argparse
import csv
import importlib
import inspect
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FULL_RETRIEVAL_INTENT_NAME_KEY, INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.metrics import f1_score, matthews_corrcoef
from sklearn.model_selection import StratifiedKFold

OUT_OF_SCOPE = frozenset({"NO_NODES_DETECTED", "oos", "out_of_scope"})
REJECTIONS = frozenset({"nlu_fallback", "out_of_scope"})
FOREIGN = "out_of_scope"
NOTHING = "NO_NODES_DETECTED"
TEXTS = ("text", "sentence")
STEPS = 201  # thresholds that the best MCC is looked for at
Phrases = list[tuple[str, str]]


class Pipeline:
    """The components of config.yml, trained and run one after the other as Rasa does."""

    def __init__(self, config: Path, folder: Path) -> None:
        storage = LocalModelStorage.create(folder)
        self._components = []
        for i, settings in enumerate(yaml.safe_load(config.read_text())["pipeline"]):
            module, _, name = settings.pop("name").rpartition(".")
            component = getattr(importlib.import_module(module), name)
            context = ExecutionContext(GraphSchema({}), node_name=f"{name}{i}")
            settings = {**component.get_default_config(), **settings}
            made = component.create(settings, storage, Resource(f"{name}{i}"), context)
            self._components.append(made)

    def train(self, phrases: Phrases) -> None:
        messages = [Message({"text": text, "intent": label}) for text, label in phrases]
        data = TrainingData(messages)
        for component in self._components:
            if hasattr(component, "train"):
                component.train(data)
            if isinstance(component, Featurizer):
                component.process_training_data(data)

    def parse(self, text: str) -> Message:
        message = Message({"text": text})
        for component in self._components:
            takes_tracker = "tracker" in inspect.signature(component.process).parameters
            component.process([message], **({"tracker": None} if takes_tracker else {}))
        return message


@dataclass(frozen=True)
class Answer:
    """What was right, what was said, and the best label whether it was sure enough or not."""

    right: str
    said: str
    best: str
    confidence: float


def read(file: Path) -> Phrases:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        text = next((name for name in TEXTS if name in (reader.fieldnames or [])), None)
        if text is None or "label" not in reader.fieldnames:
            raise SystemExit(f"{file}: no columns text (or sentence) and label")
        rows = [((row[text] or "").strip(), (row["label"] or "").strip()) for row in reader]
    return [row for row in rows if all(row)]


def measure(config: Path, train: Phrases, test: Phrases) -> tuple[list[Answer], float, float]:
    """The answers, the seconds that training took, and the milliseconds a message."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline = Pipeline(config, Path(folder))
        start = time.perf_counter()
        pipeline.train([(t, FOREIGN if label in OUT_OF_SCOPE else label) for t, label in train])
        seconds = time.perf_counter() - start
        start = time.perf_counter()
        answers = [_answer(pipeline.parse(text), label) for text, label in test]
        return answers, seconds, (time.perf_counter() - start) / len(test) * 1000


def _answer(message: Message, label: str) -> Answer:
    """The answer to one message: one without letters may have no ranking."""
    ranking = message.get(INTENT_RANKING_KEY)
    known = (intent for intent in ranking if intent["name"] not in REJECTIONS)
    best = next(known, {"name": NOTHING, "confidence": 0.0})
    intent = message.get(INTENT)
    said = NOTHING if intent["name"] in {*REJECTIONS, None} else _name(intent)
    right = NOTHING if label in OUT_OF_SCOPE else label
    return Answer(right, said, _name(best), best["confidence"])


def _name(intent: dict[str, Any]) -> str:
    return intent.get(FULL_RETRIEVAL_INTENT_NAME_KEY) or intent["name"]


def scores(right: Sequence[str], said: Sequence[str]) -> str:
    known = np.array([label != NOTHING for label in right])
    same = np.array(right) == np.array(said)
    recall = f"{same[~known].mean():6.3f}" if (~known).any() else "     -"
    macro = f1_score(right, said, average="macro", zero_division=0)
    mcc = matthews_corrcoef(right, said)
    return f"{same[known].mean():9.3f} {macro:9.3f} {mcc:7.3f} {recall}"


def report(answers: list[Answer], seconds: float, milliseconds: float) -> Iterator[str]:
    right = [answer.right for answer in answers]
    known = [answer for answer in answers if answer.right != NOTHING]
    best = np.mean([answer.best == answer.right for answer in known])
    yield f"messages {len(answers)}, in scope {len(known)}"
    yield f"trained in {seconds:.1f} s, {milliseconds:.1f} ms a message"
    yield f"in-scope accuracy without rejection {best:.3f}"
    yield "threshold  in-scope  macro F1     MCC  out-of-scope recall"
    yield f"shipped   {scores(right, [answer.said for answer in answers])}"
    for threshold in np.arange(0, 1, 0.05):
        yield f"{threshold:9.2f} {scores(right, sure(answers, threshold))}"
    steps = np.quantile([answer.confidence for answer in answers], np.linspace(0, 1, STEPS))
    mcc, threshold = max((matthews_corrcoef(right, sure(answers, step)), step) for step in steps)
    yield f"best MCC {mcc:.3f} at threshold {threshold:.3f}"


def sure(answers: list[Answer], threshold: float) -> list[str]:
    """What is said where a label must be at least so likely."""
    return [a.best if a.confidence >= threshold else NOTHING for a in answers]


def folded(config: Path, phrases: Phrases, folds: int) -> tuple[list[Answer], float, float]:
    """The same by cross-validation; labels with fewer phrases than folds are only trained on."""
    labels = [label for _, label in phrases]
    answers, times = [], []
    parts = StratifiedKFold(folds, shuffle=True, random_state=0).split(phrases, labels)
    for train, test in parts:
        held_out = [phrases[i] for i in test]
        found, *spent = measure(config, [phrases[i] for i in train], held_out)
        answers += found
        times.append(spent)
    return answers, *np.mean(times, axis=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--folds", type=int, default=5, help="without --test: cross-validation")
    parser.add_argument("--config", type=Path, default=Path("config.yml"))
    options = parser.parse_args()
    train = read(options.train)
    if options.test:
        measured = measure(options.config, train, read(options.test))
    else:
        measured = folded(options.config, train, options.folds)
    print("\n".join(report(*measured)))


if __name__ == "__main__":
    main()
