"""The steps that find e-mails, phone numbers, postcodes, promotion codes and order numbers."""

import re

from nlu.draft import Draft
from nlu.patterns import (
    AFTER_CODE_WORD,
    AFTER_PHONE_WORD,
    CAPITALS,
    CODE,
    ORDER,
    Found,
    contacts,
    spoken_email,
)
from nlu.text import fold
from nlu.vocabulary import LETTER_SIZE, measure


def find_contacts(draft: Draft) -> None:
    for found in contacts(draft.text):
        if not _is_order(draft, found):
            draft.add_found(found)
    for match in draft.labelled("phone_words"):
        after = AFTER_PHONE_WORD.match(draft.text, draft.tokens[match.last - 1].end)
        if after and draft.are_free(*after.span("phone")):
            number = re.sub(r"[^\d+]", "", after["phone"])
            draft.add("phone", number, *draft.span(*after.span("phone")))
    for match in draft.labelled("postcode_words"):
        i = _after(draft, match.last)
        if re.fullmatch(r"\d{5}", draft.word(i)) and draft.is_free(i, i + 1):
            draft.add("postcode", draft.word(i), i, i + 1)
    lists = draft.words.lists
    signs = {"@": lists["at"], ".": lists["dot"], "-": lists["dash"], "_": lists["underscore"]}
    spelt = spoken_email(fold(draft.text), signs) if draft.labelled("at") else None
    if spelt and draft.are_free(*spelt[1:]):
        draft.add("email", spelt[0], *draft.span(*spelt[1:]))


def find_codes(draft: Draft) -> None:
    shouted = draft.text.isupper()
    for match in draft.labelled("code_words"):
        after = AFTER_CODE_WORD.match(draft.text, draft.tokens[match.last - 1].end)
        if after is None or fold(after["code"]) in draft.words.lists["not_codes"]:
            continue
        code = after["code"]
        is_code = any(c.isdigit() for c in code) or (code.isupper() and not shouted)
        if is_code and draft.are_free(*after.span("code")):
            draft.add("code", code, *draft.span(*after.span("code")))
    if draft.labelled("code_words") and not shouted:
        for shape in CAPITALS.finditer(draft.text):
            if draft.are_free(*shape.span()):
                draft.add("code", shape[0], *draft.span(*shape.span()))
    for shape in CODE.finditer(draft.text):
        if draft.are_free(*shape.span()) and not LETTER_SIZE.fullmatch(shape[0]):
            draft.add("code", shape[0], *draft.span(*shape.span()))


def find_order_numbers(draft: Draft) -> None:
    for shape in ORDER.finditer(draft.text):
        group = shape.lastgroup or "bare"
        is_size = measure(shape[0]) in draft.vocabulary.measures
        if draft.are_free(*shape.span()) and not is_size:
            draft.add("order_number", shape[group], *draft.span(*shape.span(group)))
    for label in ("order_words", "number_signs"):
        for match in draft.labelled(label):
            i = _after(draft, match.last)
            if re.fullmatch(r"\d{3,}", draft.word(i)) and draft.is_free(i, i + 1):
                draft.add("order_number", draft.word(i), i, i + 1)


def _is_order(draft: Draft, found: Found) -> bool:
    """Whether what has the shape of a postcode is called an order's number."""
    first = draft.token_at(found.start)
    told = any(draft.reading.before(label, first) for label in ("order_words", "number_signs"))
    return found.entity == "postcode" and found.value.isdigit() and told


def _after(draft: Draft, i: int) -> int:
    """The place after a small word like "is", "nr" or a colon."""
    joint = draft.reading.at("copulas", i) or draft.reading.at("number_signs", i)
    return joint.last if joint else i
