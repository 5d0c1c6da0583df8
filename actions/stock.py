"""What is left of a product, of all its options or of those that a message names."""

from __future__ import annotations

import re
from typing import Any

from actions.cards import add
from actions.turn import Turn, choice, said
from shop.model import Product, Variant

MEASURE = re.compile(r"(\d+(?:[.,]\d+)?)\W?[^\W\d]+")


def tell_stock(turn: Turn, product: Product) -> None:
    """Of a measure said without its unit ("the green one, 50") if there is such a one."""
    variants = [variant for variant in product.variants if fits(variant, turn)]
    measured = [v for v in variants if any(in_numbers(turn, label) for label in v.labels.values())]
    variants = measured or variants
    left = [variant for variant in variants if variant.stock > 0]
    if not variants:
        turn.say("utter_stock_no_such_option", title=product.title, stock=stock_lines(product))
    elif not left:
        similar = [choice(said("utter_name_similar"), "similar_products", product=product.id)]
        turn.say("utter_stock_none", title=product.title, options=asked(turn), choices=similar)
    elif len(variants) == 1:
        (variant,) = variants
        buy = [add(product, variant)]
        turn.say(
            "utter_stock_one",
            title=product.title,
            option=option(variant, list(product.axes)),
            count=variant.stock,
            choices=buy,
        )
    else:
        turn.say(
            "utter_stock_some",
            title=product.title,
            stock=[stock_option(v, list(product.axes)) for v in left[:12]],
            choices=[add(product)],
        )


def asked(turn: Turn) -> list[str]:
    """The options as the shopper wrote them."""
    kinds = ("colour", "size")
    return [turn.text[e["start"] : e["end"]] for k in kinds for e in turn.entities(k) if "end" in e]


def fits(variant: Variant, turn: Turn) -> bool:
    """Whether a variant has every option that the message names."""
    wanted = {axis: {e["value"] for e in turn.entities(axis)} for axis in variant.options}
    return all(not ids or variant.options[axis] in ids for axis, ids in wanted.items())


def in_numbers(turn: Turn, label: str) -> bool:
    """Whether a message says the number of a label that has a unit: "50" of "50 l"."""
    number = MEASURE.fullmatch(label)
    return number is not None and number[1] in {str(e["value"]) for e in turn.entities("number")}


def stock_lines(product: Product) -> list[dict]:
    """One line for each value of the first axis: what is left of the others."""
    if not product.axes:
        pieces = sum(variant.stock for variant in product.variants)
        return [said("utter_name_pieces", count=pieces)]
    first, *others = product.axes
    if not others:
        return [stock_option(variant, [first]) for variant in product.variants]
    lines = []
    for label in dict.fromkeys(v.labels[first] for v in product.variants):
        group = [v for v in product.variants if v.labels[first] == label]
        left = [stock_option(variant, others) for variant in group]
        lines.append(said("utter_name_stock_line", option=label, left=left))
    return lines


def stock_option(variant: Variant, axes: list[str]) -> dict[str, Any]:
    return said("utter_name_stock_option", option=option(variant, axes), count=variant.stock)


def option(variant: Variant, axes: list[str]) -> str:
    return " / ".join(variant.labels[axis] for axis in axes)
