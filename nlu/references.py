"""The step that finds how shoppers speak of what they bought: which order or item they mean, how
it was paid, what is wrong with it."""

from nlu.draft import Draft, Found
from nlu.words import Match

ANSWERS = ("reference", "method", "place")  # that answer a question by themselves
KINDS = (*ANSWERS, "profile_field", "reason")
ENDING, NEAR_CARD = 4, 20  # digits of a card told; characters between it and its digits
IDLE = "idle"  # the value of phrases in which the words mean something else


def find_references(draft: Draft) -> None:
    """Notes them without taking their words: other kinds may stand in the same ones."""
    said = list(draft.words.sayings.find(draft.tokens, draft.vocabulary.is_common))
    for kind in KINDS:
        for match in longest([match for match in said if match.label == kind]):
            denied = kind == "reason" and draft.reading.ends("not", match.first)
            if match.value != IDLE and not denied:
                draft.note(kind, match.value, match.first, match.last, kind in ANSWERS)


def longest(matches: list[Match]) -> list[Match]:
    """Those within no longer one, from left to right; one phrase may mean two things."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (-m.length, m.first)):
        over = [k for k in kept if k.first < match.last and match.first < k.last]
        same = all((k.first, k.last) == (match.first, match.last) for k in over)
        if same and match not in over:
            kept.append(match)
    return sorted(kept, key=lambda m: m.first)


def drop_card_endings(draft: Draft) -> None:
    """ "My visa ending in 1234": four digits beside a card are no order number."""
    cards = [found for found in draft.found if found.entity == "method"]
    for found in list(draft.found):
        digits = found.entity == "order_number" and len(found.value) == ENDING
        if digits and found.value.isdigit() and any(_beside(card, found) for card in cards):
            draft.found.remove(found)


def _beside(card: Found, number: Found) -> bool:
    return max(number.start - card.end, card.start - number.end) <= NEAR_CARD
