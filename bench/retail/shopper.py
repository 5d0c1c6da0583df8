"""The scripted shopper: says the wishes of a task, answers what is asked, checks what is read back.

Goes by what a person sees, the words of the replies. Types everything, taps nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bench.retail import ear
from bench.retail.check import ReadBack
from bench.retail.wishes import Item, Wish, who, wishes
from bench.retail.words import Words

MOST_TURNS = 40
PATIENCE = 3  # times that the same thing is answered, said or corrected
ALL_AT_ONCE, WHOLE = 0.45, 0.6  # how often
HAS = {  # what is asked -> the part of a wish that answers it
    "address": "address",
    "items": "items",
    "method": "method",
    "reason": "reason",
    "variants": "items",
}


@dataclass
class Errand:
    """A wish and how far it has come: new, said, done, or over (refused or given up)."""

    wish: Wish
    state: str = "new"
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def open(self) -> bool:
        return self.state == "said"


class Shopper:
    def __init__(self, task: dict[str, Any], language: str, seed: int) -> None:
        # The task alone decides, whatever order or language the tasks are played in.
        self.random = Random(f"{seed}/{task['id']}")
        self.language = language
        self.words = Words(language, task["user_id"], self.random)
        self.who = who(task["instruction"])
        self.errands = [Errand(wish) for wish in wishes(task["instruction"])]
        self.at_once = self.random.random() < ALL_AT_ONCE
        self.whole = self.random.random() < WHOLE
        self.introduced = False
        self.agreed = False  # the last thing said was a yes
        self.misses = 0

    def opening(self) -> str:
        way = self.random.choice(("all", "all", "wish", "who"))
        parts = [self.words.pick("hello")] if self.random.random() < 0.6 else []
        if way != "wish":
            self.introduced = True
            parts.append(self.words.who(self.who))
        if way != "who":
            parts.append(self.next_wishes())
        return " ".join(parts)

    def next_wishes(self) -> str:
        """The next wish, or all that are left."""
        fresh = [errand for errand in self.errands if errand.state == "new"]
        said = []
        for errand in fresh if self.at_once else fresh[:1]:
            errand.state = "said"
            joint = self.words.pick("then") if said and self.random.random() < 0.5 else ""
            sentence = self.words.wish(errand.wish, self.whole)
            said.append(joint + (small(sentence) if joint else sentence))
        return " ".join(said)

    def answer(self, messages: list[str]) -> str | None:
        """What to say to a reply; None at the end of the errands."""
        self.agreed = False
        question: tuple[str, str, str] | None = None
        known = False
        for text in messages:
            name = ear.name_of(text, self.language) or ""
            asked = ear.asks(name)
            known = known or bool(name)
            if asked in ("done", "refused", "left"):
                self.ended(name, text, asked)
            elif asked:
                question = (asked, name, text)
        if question:
            return self.react(*question)
        return self.go_on(known)

    def ended(self, name: str, text: str, how: str) -> None:
        errand = self.meant(name, text)
        if errand and how == "done":
            errand.state = "done"
        elif errand:
            errand.state = "over"

    def meant(self, name: str, text: str, asked: str = "") -> Errand | None:
        """The errand that a reply is about: by what is asked, by its kind, by the order that is
        named; else the first."""
        found = [errand for errand in self.errands if errand.open]
        found = [e for e in found if getattr(e.wish, HAS[asked])] if asked in HAS else found
        kind = ear.kind_of(name)
        found = [e for e in found if e.wish.kind == kind] if kind else found
        named = [e for e in found if e.wish.order[2:] in text]
        return next(iter(named or found), None)

    def go_on(self, known: bool) -> str | None:
        """Nothing was asked: the next wish; one that was not taken up is said again."""
        idle = known or not any(errand.open for errand in self.errands)
        if idle and any(errand.state == "new" for errand in self.errands):
            return self.next_wishes()
        waiting = [errand for errand in self.errands if errand.open]
        for errand in waiting:
            if self.patient(errand, "said"):
                return self.words.answer("again", errand.wish)
            errand.state = "over"
        return self.next_wishes() or None

    def patient(self, errand: Errand, what: str) -> bool:
        errand.counts[what] += 1
        return errand.counts[what] <= PATIENCE

    def react(self, asked: str, name: str, text: str) -> str | None:
        if asked in ("who", "postcode", "number"):
            return self.introduce(asked)
        errand = self.meant(name, text, asked)
        if errand is None and asked == "unclear":
            return self.go_on(known=True)
        if errand is None:
            return self.stray()
        if not self.patient(errand, asked):
            errand.state = "over"
            return self.words.pick("answers", "leave")
        if asked == "confirm":
            return self.check(errand, text)
        if asked == "variants":
            return self.variants(errand, text)
        if asked in ("change", "unclear"):
            return self.words.answer("again", errand.wish)
        return self.words.answer(asked, errand.wish)

    def introduce(self, asked: str) -> str | None:
        self.misses += 1
        if self.misses > PATIENCE:
            return None
        self.introduced = True
        if asked == "postcode" and self.who.postcode:
            return self.words.say("answers", "postcode", postcode=self.who.postcode)
        if asked == "number":
            errand = next(e for e in self.errands if e.state in ("new", "said"))
            return self.words.answer("order", errand.wish)
        return self.words.who(self.who)

    def stray(self) -> str | None:
        """Something is asked that this shopper never wanted."""
        self.misses += 1
        return self.words.pick("answers", "leave") if self.misses <= PATIENCE else None

    def check(self, errand: Errand, text: str) -> str:
        errand.counts["confirm"] -= 1
        faults = ReadBack(text, errand.wish, self.language).faults()
        if not faults:
            self.agreed = True
            return self.words.pick("answers", "yes")
        if self.patient(errand, "no"):
            return self.words.answer("no", errand.wish)
        errand.state = "over"
        return self.words.pick("answers", "leave")

    def variants(self, errand: Errand, text: str) -> str:
        """What the item that is asked about shall become."""
        item = self.item_in(errand.wish, text)
        said = errand.counts["variants"]
        if item.gets:
            errand.counts["variants"] = 0 if errand.counts[str(item)] == 0 else said
            errand.counts[str(item)] += 1
            return self.words.say("answers", "variants", options=self.words.options(item))
        return self.words.say("answers", "same" if errand.wish.kind == "exchange" else "stay")

    def item_in(self, wish: Wish, text: str) -> Item:
        said = text.casefold()
        named = [
            item
            for item in wish.items
            if ear.shown("products", item.name, self.language).casefold() in said
        ]
        return next(iter([i for i in named if i.gets] or named or wish.items))


def small(sentence: str) -> str:
    """With a small first letter, but for "I" and what is written in capitals."""
    first = sentence.split(" ", 1)[0]
    proper = first.split("'")[0] == "I" or first[:1] == "#" or first[1:2].isupper()
    return sentence if proper else sentence[:1].lower() + sentence[1:]
