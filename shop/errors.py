"""The ways a shop says no."""


class ShopError(Exception):
    """The shop did not do what was asked; nothing has changed."""


class NotFound(ShopError):
    """No such thing, or not one that this shopper may see: the two are told in the same words."""


class Refused(ShopError):
    """A rule of the shop forbids it. `reason` is a short id that names a response."""

    def __init__(self, reason: str, **details: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details


class OutOfStock(Refused):
    """`available` pieces are left, fewer than were asked for; of what, `title` says in an order."""

    def __init__(self, available: int, title: str = "") -> None:
        super().__init__("out_of_stock", available=available, title=title)
        self.available = available


class Unavailable(ShopError):
    """The back end cannot be reached, is too slow, or talks nonsense. Whether a write happened is
    unknown to the caller; repeating it with the same key is safe."""
