"""The cart of a conversation, written into the session that we keep of it.

The REST API has no carts. The Store API has: made for browsers, it checks out with the shop's own
payment methods only and cannot say beforehand which order a cart will become. So a cart is ours,
and WooCommerce prices it: the goods as it lists them, a coupon in an order that is never placed (an
`auto-draft`, which no list shows and which WordPress clears away).
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace


@dataclass(frozen=True)
class Basket:
    """`pieces` by variant id, in the order in which they were first put in; `discount` is what
    `code` took off when the cart cost `priced`: by variant id, minor units of a currency."""

    id: str
    pieces: dict[str, int] = field(default_factory=dict)
    code: str = ""
    discount: int = 0
    priced: dict[str, int] = field(default_factory=dict)
    currency: str = ""

    @property
    def session(self) -> str:
        return json.dumps(asdict(self))

    def put(self, variant_id: str, quantity: int) -> Basket:
        pieces = {**self.pieces, variant_id: quantity}
        return replace(self, pieces={id_: count for id_, count in pieces.items() if count})

    def with_code(self, code: str) -> Basket:
        return replace(self, code=code, discount=0, priced={}, currency="")

    def known_discount(self, prices: Mapping[str, int], currency: str) -> int | None:
        """None where it has to be asked for again."""
        if not self.code or not self.pieces:
            return 0
        same = (self.priced, self.currency) == (self.worth(prices), currency)
        return self.discount if same else None

    def with_discount(self, discount: int, prices: Mapping[str, int], currency: str) -> Basket:
        return replace(self, discount=discount, priced=self.worth(prices), currency=currency)

    def worth(self, prices: Mapping[str, int]) -> dict[str, int]:
        return {id_: prices[id_] * count for id_, count in self.pieces.items() if id_ in prices}


def opened(session: str) -> Basket:
    return Basket(**json.loads(session)) if session else Basket(uuid.uuid4().hex)
