"""The steps that find goods, prices, sizes, numbers and persons, each on what was left free."""

import re

from nlu.draft import Draft
from nlu.money import Amount, prices
from nlu.patterns import SIZE, Found, size_name
from nlu.text import fold
from nlu.vocabulary import LETTER_SIZE, PRODUCT, measure
from nlu.words import Match

MARKED_SIZE = re.compile(r"\d ?[x×] ?\d|cm|w ?\d{2}|½|1/2|[34]\d[.,]5")
MOST_PIECES = 20  # a bare number up to here may be a quantity
SHORT = 3  # tokens of a message that is hardly a sentence


def find_prices(draft: Draft) -> None:
    for bound in prices(draft.reading, draft.numbers, draft.free):
        draft.add(bound.entity, bound.value, bound.amount.first, bound.amount.last)
        for i in range(bound.said_by.first, bound.said_by.last) if bound.said_by else ():
            draft.free[i] = False


def find_sizes(draft: Draft) -> None:
    for match in SIZE.finditer(draft.text):
        if not draft.are_free(*match.span()):
            continue
        first, last = draft.span(*match.span())
        half = draft.reading.at("halves", last)
        said, last = (f"{match[0]}.5", half.last) if half else (match[0], last)
        meanings = draft.vocabulary.measures.get(measure(said), [])
        if _is_size(draft, said, first, last, bool(meanings)):
            for facet, value in meanings or [("size", size_name(said))]:
                _negate(draft, draft.add(facet, value, first, last), first)


def _is_size(draft: Draft, text: str, first: int, last: int, is_sold: bool) -> bool:
    reading = draft.reading
    if reading.before("size_words", first):
        return True
    if reading.at("pieces", last) or reading.before("order_words", first):
        return False
    if LETTER_SIZE.fullmatch(text):
        if draft.word(first - 1)[:1].isdigit():
            return False
        plain = len(text) > 1 or text.isupper() or len(draft.tokens) <= SHORT
        return plain or draft.reading.ends("before_size", first)
    if MARKED_SIZE.search(text.lower()):
        return True
    if text[-1].isalpha():
        return is_sold or (text[-1].isupper() and text[-1] in "ABCDEF")
    return is_sold and not reading.at("measures", last)


def find_size_names(draft: Draft) -> None:
    """Sizes that are called by a word: "medium", "eska"."""
    for match in draft.labelled("size_names"):
        if draft.is_free(match.first, match.last):
            meanings = draft.vocabulary.measures.get(measure(match.value))
            facet, value = meanings[0] if meanings else ("size", match.value)
            _negate(draft, draft.add(facet, value, match.first, match.last), match.first)


def find_products(draft: Draft) -> None:
    """Products by their whole name, whatever numbers or colours stand in it."""
    for match in draft.sold:
        if match.label == PRODUCT and match.length > 1 and draft.is_free(match.first, match.last):
            draft.add(match.label, match.value, match.first, match.last)


def find_sold(draft: Draft) -> None:
    """What the catalogue knows: facet values and products, each with its denial."""
    for match in [m for m in draft.sold if draft.is_free(m.first, m.last)]:
        if not _is_small_word(draft, match):
            found = draft.add(match.label, match.value, match.first, match.last)
            _negate(draft, found, match.first)


def find_models(draft: Draft) -> None:
    """Products by the word that is theirs alone: beside goods ("the Day backpack"), written like a
    name, or a word that means nothing else."""
    for i, token in enumerate(draft.tokens):
        product = draft.vocabulary.models.get(token.text)
        if product and draft.free[i]:
            beside = any(_is_goods(draft, j) for j in (i - 1, i + 1))
            is_name = i > 0 and _is_capital(draft, i)
            if beside or is_name or not draft.vocabulary.is_common(token.text):
                draft.add("product", product, i, i + 1)


def _is_goods(draft: Draft, i: int) -> bool:
    if not 0 <= i < len(draft.tokens):
        return False
    token = draft.tokens[i]
    kinds = ("category", "brand")
    return any(f.entity in kinds and f.start <= token.start < f.end for f in draft.found)


def _is_small_word(draft: Draft, match: Match) -> bool:
    """Polish "bez" is "without", and "beige" only where it has its dot: "beż"."""
    surface = _surface(draft, match.first, match.last).lower()
    return surface in draft.words.lists["not"] and surface == fold(surface)


def _same_span(draft: Draft, first: int, last: int) -> bool:
    start, end = draft.tokens[first].start, draft.tokens[last - 1].end
    return any((f.start, f.end) == (start, end) for f in draft.found)


def _negate(draft: Draft, found: Found, first: int) -> None:
    while first > 0 and draft.word(first - 1) in draft.words.lists["between_not"]:
        if draft.reading.ends("not", first):
            break
        first -= 1
    if draft.reading.ends("not", first):
        draft.deny(found)


def find_wishes(draft: Draft) -> None:
    """Order of results, and the flags that need no value."""
    for match in draft.labelled("sort"):
        if draft.is_free(match.first, match.last):
            draft.add("sort", match.value, match.first, match.last)
    for label in ("cheaper", "on_sale", "in_stock"):
        for match in draft.labelled(label):
            if draft.is_free(match.first, match.last):
                draft.add(label, True, match.first, match.last)


def find_ordinals(draft: Draft) -> None:
    sorted_by = draft.labelled("sort")  # "the best rated first" is no ordinal
    for match in draft.labelled("ordinals") if not sorted_by else ():
        is_time = draft.reading.at("measures", match.last) is not None
        if draft.is_free(match.first, match.last) and not is_time:
            draft.add("ordinal", match.value, match.first, match.last)


def find_persons(draft: Draft) -> None:
    fillers = draft.words.lists["person_filler"]
    for match in draft.labelled("persons"):
        first = match.first
        while draft.word(first - 1) in fillers:
            first -= 1
        told = first < match.first or draft.reading.ends("person_before", first)
        if told or len(draft.tokens) < SHORT:
            draft.add("person", match.value, first, match.last)


def find_names(draft: Draft) -> None:
    for match in draft.labelled("name_words"):
        last = match.last
        while last < min(match.last + 3, len(draft.tokens)) and _is_name(draft, last):
            last += 1
        whole = match.length > 1 and last - match.last > 1 and _ends_part(draft, last)
        if whole or (last > match.last and _is_capital(draft, match.last)):
            draft.add("person", _surface(draft, match.last, last), match.last, last)
    for match in draft.labelled("maybe_name_words"):
        last = _names_end(draft, match.last)
        if last - match.last > 1:
            draft.add("person", _surface(draft, match.last, last), match.last, last)


def find_bare_names(draft: Draft) -> None:
    """Two or three names that are the whole message, or stand before what else identifies."""
    last = _names_end(draft, 0)
    told = any(found.entity in ("email", "postcode", "order_number") for found in draft.found)
    if last > 1 and (last == len(draft.tokens) or (told and _ends_part(draft, last))):
        draft.add("person", _surface(draft, 0, last), 0, last)


def _names_end(draft: Draft, first: int) -> int:
    """Where a run of at most three capitalised names ends; `first` if there is none or more."""
    last = first
    while last < len(draft.tokens) and _is_name(draft, last) and _is_capital(draft, last):
        last += 1
    return last if last - first <= 3 else first


def _ends_part(draft: Draft, i: int) -> bool:
    return draft.word(i) in ("", ",", ".", ";") or draft.reading.at("joints", i) is not None


def _is_name(draft: Draft, i: int) -> bool:
    token = draft.tokens[i]
    return token.is_word and draft.free[i] and token.text not in draft.words.plain


def _is_capital(draft: Draft, i: int) -> bool:
    return draft.text[draft.tokens[i].start].isupper()


def find_quantities(draft: Draft) -> None:
    """Bare numbers: all of them as `number`, those that may count something as `quantity`."""
    for number in draft.numbers:
        if number.is_money:
            continue
        counted = draft.reading.at("pieces", number.last) is not None
        alone = len(draft.tokens) < SHORT
        told = counted or alone or draft.reading.ends("before_pronoun", number.first)
        if draft.reading.at("pronouns", number.first) and not told:
            continue
        is_free = draft.is_free(number.first, number.last)
        if is_free and _counts(draft, number, counted):
            draft.add("quantity", int(number.value), number.first, number.last)
        if is_free or _same_span(draft, number.first, number.last):
            is_measured = draft.reading.at("measures", number.last) is not None
            if not is_measured and not _is_contact(draft, number):
                draft.add("number", _plain(draft, number), number.first, number.last)


def _counts(draft: Draft, number: Amount, counted: bool) -> bool:
    if number.value < 1 or number.value != int(number.value):
        return False
    if counted or draft.word(number.first - 1) == "x":
        return True
    near = [i for i in (number.first - 1, number.last) if 0 <= i < len(draft.tokens)]
    in_address = any(draft.word(i) == "/" or draft.tokens[i].is_name for i in near)
    placed = in_address or draft.reading.before("address_words", number.first)
    return number.value <= MOST_PIECES and not (placed or draft.reading.at("measures", number.last))


def _is_contact(draft: Draft, number: Amount) -> bool:
    start, end = draft.tokens[number.first].start, draft.tokens[number.last - 1].end
    kinds = ("email", "phone", "code", "price_min", "price_max", "price_around", "amount")
    return any(f.start <= start and end <= f.end for f in draft.found if f.entity in kinds)


def _plain(draft: Draft, number: Amount) -> str:
    text = _surface(draft, number.first, number.last)
    is_half = number.value % 1 and not text[-1].isdigit()  # "42 and a half"
    return f"{number.value:g}" if is_half or not text[0].isdigit() else text


def _surface(draft: Draft, first: int, last: int) -> str:
    return draft.text[draft.tokens[first].start : draft.tokens[last - 1].end]
