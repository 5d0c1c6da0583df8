"""What the small assistant says in browser tests."""

from __future__ import annotations

from typing import Any

CARD: dict[str, Any] = {
    "id": "storm",
    "title": "Storm Shell Jacket",
    "subtitle": "Waterproof, 3 layers",
    "url": "/product",
    "image": {"src": "/picture.svg", "alt": "Storm Shell Jacket"},
    "price": "129.90",
    "currency": "PLN",
    "regular": "189.90",
    "lowest_30d": "149.90",
    "rating": 4.6,
    "reviews": 128,
    "note": "S, M, L",
    "in_stock": True,
    "buttons": [{"title": "Add to cart", "choice": "k-storm"}],
}
OTHERS: list[dict[str, Any]] = [
    {"id": "ridge", "title": "Ridge Down Jacket", "price": "1234.50", "lowest_30d": None},
    {"id": "fjord", "title": "Fjord Parka", "lowest_30d": None, "rating": None, "reviews": 0},
    {"id": "calm", "title": "Calm Softshell with a very long name for a card", "in_stock": False},
    {"id": "breeze", "title": "Breeze Windbreaker", "price": "0.99", "lowest_30d": "1.00"},
]


def card(**change: Any) -> dict[str, Any]:
    title = change.get("title", CARD["title"])
    name = change.get("id", CARD["id"])
    buttons = [{"title": "Add to cart", "choice": f"k-{name}"}]
    return {**CARD, "image": {**CARD["image"], "alt": title}, "buttons": buttons, **change}


XSS = (
    '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script> '
    "[click](javascript:window.hacked=1) **bold** https://example.org/a?b=c. "
)


def answer(text: str) -> list[dict[str, Any]]:
    known: dict[str, list[dict[str, Any]]] = {
        "cards": [
            {"text": "Five jackets that fit:", "cards": [card(), *(card(**one) for one in OTHERS)]}
        ],
        "regular only": [{"text": "One:", "cards": [card(lowest_30d=None)]}],
        "buttons": [
            {
                "text": "Shall I put it into the cart?",
                "buttons": [
                    {"title": "Yes", "choice": "k-yes"},
                    {"title": "No", "choice": "k-no"},
                ],
            }
        ],
        "pay": [
            {
                "text": "Please pay here:",
                "buttons": [{"title": "Pay PLN 129.90", "url": "https://pay.example.org/1"}],
            }
        ],
        "long": [{"text": "\n\n".join(f"Paragraph {n} " + "word " * 40 for n in range(12))}],
        "xss": [{"text": XSS + "x" * 5000 + " \u202eabc \U0001f9e5"}],
        "two": [{"text": "First part."}, {"text": "Second part."}],
    }
    return known.get(text, [{"text": f"You said: {text}"}])
