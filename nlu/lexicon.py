"""Words with all their forms: each word is found in any inflection, and with one typo."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA

from nlu.text import SHORTEST_STEM, stems

SHORTEST_TYPO, LONGEST_TYPO = 5, 30  # letters of a word in which one typo is forgiven
LONGEST_ENDING = 3  # letters that may be wrong after a stem


@dataclass
class Lexicon:
    """One language's words of some kind, by stem, with their near misses."""

    endings: Mapping[str, str]
    feminine: Mapping[str, str]
    words: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    near: dict[str, list[str]] = field(default_factory=dict)

    def add(self, word: str) -> str:
        """Takes up a folded word and gives the key under which its forms are found."""
        if word in self.words:
            return self.words[word]
        forms = stems(word, self.endings) if word.isalpha() else [word]
        key = next((self.keys[form] for form in forms if form in self.keys), word)
        for form in forms:
            if form == word or len(form) > SHORTEST_STEM:  # "haya" must not answer to "hay"
                self.keys.setdefault(form, key)
        self.words[word] = key
        return key

    def index_typos(self) -> None:
        """Lists the words and stems under each string that lacks one of their letters."""
        for known in sorted(self.keys):
            if len(known) >= SHORTEST_TYPO and known.isalpha():
                for short in {known, *_shorter(known)}:
                    self.near.setdefault(short, []).append(known)

    def key(self, word: str, is_common: Callable[[str], bool]) -> str | None:
        """The key of the word that this folded word is a form or a misspelling of."""
        forms = stems(word, self.endings)
        for form in (*forms, *stems(word, self.feminine)):
            if form in self.keys:
                return self.keys[form]
        if not SHORTEST_TYPO <= len(word) <= LONGEST_TYPO or not word.isalpha() or is_common(word):
            return None
        return self._misspelt(forms) or self._misspelt_ending(word)

    def _misspelt(self, forms: list[str]) -> str | None:
        for form in forms:
            if len(form) < SHORTEST_TYPO:
                continue
            for short in (form, *_shorter(form)):
                for known in self.near.get(short, ()):
                    if OSA.distance(form, known, score_cutoff=1) <= 1:
                        return self.keys[known]
        return None

    def _misspelt_ending(self, word: str) -> str | None:
        cuts = range(len(word) - 1, max(SHORTEST_TYPO, len(word) - LONGEST_ENDING) - 1, -1)
        return next((self.keys[word[:i]] for i in cuts if word[:i] in self.keys), None)


def _shorter(word: str) -> Iterator[str]:
    for i in range(len(word)):
        yield word[:i] + word[i + 1 :]
