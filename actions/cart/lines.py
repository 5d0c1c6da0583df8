"""Lines of a cart: in words, and the one that a message points at."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn, choice, said
from shop import connect
from shop.model import Cart, CartLine, Product, Variant

MOST = 99  # pieces of one variant in a chat order; more is a case for a person


def quantity(turn: Turn) -> int | None:
    """How many are wanted; a bare number only where nothing else claims it."""
    value = turn.value("quantity")
    return min(max(int(value), 1), MOST) if value is not None else None


def narrowed(product: Product, options: dict[str, str]) -> list[Variant]:
    return [v for v in product.variants if options.items() <= v.options.items()]


def next_steps() -> list[dict[str, Any]]:
    return [
        choice(said("utter_name_checkout"), "checkout"),
        choice(said("utter_name_cart"), "view_cart"),
    ]


def line_values(line: CartLine) -> dict[str, Any]:
    return {
        "title": line.title,
        "options": list(line.labels.values()),
        "quantity": line.quantity,
        "price": line.price,
        "line_total": line.total,
    }


def lines_in_words(cart: Cart) -> list[dict[str, Any]]:
    return [said("utter_name_line", **line_values(line)) for line in cart.lines]


def tell_cart(
    turn: Turn,
    cart: Cart,
    response: str = "utter_cart",
    choices: list[dict[str, Any]] | None = None,
) -> None:
    """With a button to the checkout, or other ones."""
    if not cart.lines:
        turn.say("utter_cart_empty")
        return
    turn.say(
        response,
        lines=lines_in_words(cart),
        count=cart.count,
        subtotal=cart.subtotal,
        discount=cart.discount,
        code=cart.code or "-",
        total=cart.total,
        choices=next_steps()[:1] if choices is None else choices,
    )


async def line_meant(turn: Turn, cart: Cart) -> CartLine | None:
    """The line that the message points at: by product, place, option or kind; else the last put in
    ("make it two"), or the only one."""
    named = {entity["value"] for entity in turn.entities("product")}
    kinds = {entity["value"] for entity in turn.entities("category")}
    lines = list(cart.lines)
    places = [int(e["value"]) for e in turn.entities("ordinal")]
    if places:
        place = places[0] - 1 if places[0] > 0 else len(lines) + places[0]
        return lines[place] if 0 <= place < len(lines) else None
    if named or kinds:
        commerce = connect("commerce")
        for line in lines:
            kind = (await commerce.product(line.product_id, turn.locale)).category
            if line.product_id in named or kind in kinds:
                return line
        return None
    last = next((li for li in lines if li.variant_id == turn.slot("last_variant")), None)
    return last or (lines[0] if len(lines) == 1 else None)
