"""How well and how fast the demo shop is searched.

`python -m bench.search` searches the judged queries of bench/search/*.yml (see bench/judged.py) in
a newly seeded shop, in a temporary folder, and prints nDCG@10 of five ways:
  product  as the running product searches: the trained model's understanding of the message (its
           language, category, colour, price ...) becomes wishes, and these go to the shop's port
  port     the text alone to the shop's port, without the model: words and meaning together
  words    the text against the word index alone
  meaning  the text against the sentence encoder's vectors alone
  typos    `product` with a slip in each word of five letters or more, averaged over three seeds,
           without the queries of the kind `typo`, and how much that costs (`loss`)

`--text` does without a trained model (no `product`; typos then go to the port), `--worst N` lists
the worst queries of the development half, `--large` measures a shop of 100,000 products instead.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn
from actions.wishes import heard
from bench import large
from bench.judged import BEST, LANGUAGES, Query, queries
from bench.typos import misspelt
from shop.commerce.search.engine import Engine
from shop.commerce.search.meaning import encode_query
from shop.commerce.snapshot import Snapshots
from shop.demo.seed import open_shop
from shop.model import Wishes

SEEDS = (1, 2, 3)
Scores = dict[Query, float]
Hear = Callable[[Sequence[tuple[Query, str]]], list[Wishes]]


@dataclass(frozen=True)
class Bench:
    engine: Engine

    @classmethod
    def seeded(cls, folder: Path) -> Bench:
        os.environ["SHOPKEEPER_VOCABULARY"] = str(folder / "vocabulary.json")
        store = open_shop(f"sqlite:///{folder / 'shop.db'}")
        store.prepare()
        with store.begin(write=False) as connection:
            return cls(Snapshots(store).get(connection).engine)

    def product(self, query: Query, wishes: Wishes) -> list[str]:
        return self.engine.search(wishes, query.currency, 0, BEST).ids

    def words(self, query: Query) -> list[str]:
        scores = self.engine.words.search(query.text).scores
        return [self.engine.ids[row] for row in np.argsort(-scores)[:BEST] if scores[row] > 0]

    def meaning(self, query: Query) -> list[str]:
        near = self.engine.meanings.near(encode_query(query.text))
        return [self.engine.ids[row] for row in np.argsort(-near)[:BEST]]

    def all_scores(self, hear: Hear | None) -> dict[str, Scores]:
        judged = queries()
        found = {
            "port": {q: q.ndcg(self.product(q, Wishes(q.text))) for q in judged},
            "words": {q: q.ndcg(self.words(q)) for q in judged},
            "meaning": {q: q.ndcg(self.meaning(q)) for q in judged},
        }
        if hear:
            said = [(q, q.text) for q in judged]
            found = {"product": self.scores(said, hear(said)), **found}
        return {**found, "typos": self.typos(hear or texts_alone)}

    def typos(self, hear: Hear) -> Scores:
        judged = [q for q in queries() if q.kind != "typo"]
        said = [(q, misspelt(q.text, seed)) for seed in SEEDS for q in judged]
        wishes = hear(said)
        rounds = [
            self.scores(said[at : at + len(judged)], wishes[at : at + len(judged)])
            for at in range(0, len(said), len(judged))
        ]
        return {q: float(np.mean([scores[q] for scores in rounds])) for q in judged}

    def scores(self, said: Sequence[tuple[Query, str]], wishes: list[Wishes]) -> Scores:
        pairs = zip(said, wishes, strict=True)
        return {query: query.ndcg(self.product(query, wish)) for (query, _), wish in pairs}


def texts_alone(said: Sequence[tuple[Query, str]]) -> list[Wishes]:
    return [Wishes(text) for _, text in said]


def understood(said: Sequence[tuple[Query, str]]) -> list[Wishes]:
    """What the trained model and the actions make of each message, as the first of its
    conversation, on the shop's page in its language."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        for query, text in said:
            file.write(json.dumps({"text": text, "locale": query.language}) + "\n")
        file.flush()
        python = os.environ.get("ASSISTANT_PYTHON", ".venv/assistant/bin/python")
        command = [python, "-m", "bench.messages", file.name]
        run = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answers = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return [wishes_of(query, text, a) for (query, text), a in zip(said, answers, strict=True)]


def wishes_of(query: Query, text: str, answer: dict) -> Wishes:
    message = {"text": text, "entities": answer["entities"], "intent": {"name": answer["intent"]}}
    slots = {"language": answer["language"] or query.language}
    metadata = {"currency": query.currency}
    tracker = Tracker("bench", slots, {**message, "metadata": metadata}, [], False, None, {}, "")
    return heard(Turn(CollectingDispatcher(), tracker, {}))


def table(ways: dict[str, Scores]) -> Iterator[str]:
    yield f"{'':<28}{'queries':>8}" + "".join(f"{way:>9}" for way in ways) + f"{'loss':>9}"
    halves = {"development": False, "held out": True}
    for name, held_out in halves.items():
        yield row(name, ways, lambda q, held_out=held_out: q.held_out == held_out)
        for language in LANGUAGES:
            yield row(
                f"  {name}, {language}",
                ways,
                lambda q, h=held_out, la=language: (q.held_out, q.language) == (h, la),
            )
    yield row("all", ways, lambda q: True)
    for language in LANGUAGES:
        yield row(f"  {language}", ways, lambda q, la=language: q.language == la)
    for kind in dict.fromkeys(q.kind for q in queries()):
        yield row(f"  {kind}", ways, lambda q, k=kind: q.kind == k)


def row(name: str, ways: dict[str, Scores], is_in: Callable[[Query], bool]) -> str:
    means = [mean(scores, is_in) for scores in ways.values()]
    count = sum(map(is_in, queries()))
    typed = {q for q in ways["typos"] if is_in(q)}
    right = mean(next(iter(ways.values())), lambda q: q in typed)
    loss = right - mean(ways["typos"], is_in)
    return f"{name:<28}{count:>8}" + "".join(f"{m:>9.3f}" for m in [*means, loss])


def mean(scores: Scores, is_in: Callable[[Query], bool]) -> float:
    values = [score for query, score in scores.items() if is_in(query)]
    return float(np.mean(values)) if values else float("nan")


def worst(ways: dict[str, Scores], count: int) -> Iterator[str]:
    for way in (next(iter(ways)), "port", "typos"):
        ranked = sorted((s, q.language, q.text) for q, s in ways[way].items() if not q.held_out)
        yield from (f"{way}  {s:.2f}  {lang}  {text}" for s, lang, text in ranked[:count])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--text", action="store_true", help="without a trained model")
    parser.add_argument("--worst", type=int, default=0, help="list this many bad queries")
    parser.add_argument("--large", action="store_true", help="the speed of a large shop")
    parser.add_argument("--products", type=int, default=100_000, help="with --large: how many")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.large:
            print("\n".join(large.measured(Path(folder), options.products)))
            return
        bench = Bench.seeded(Path(folder))
        ways = bench.all_scores(None if options.text else understood)
        print("\n".join([*table(ways), *worst(ways, options.worst)]))


if __name__ == "__main__":
    main()
