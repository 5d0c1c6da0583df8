"""The limits of a platform as data, and one message laid out within them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from channels.render import Button, Card
from channels.text import Unit


@dataclass(frozen=True)
class Form:
    """One native way to offer choices: how many, and how long the titles and the text may be."""

    count: int
    title: int
    text: int
    links: bool = False
    link: int = 2000
    """Length of the address of a link."""
    detail: int = 0
    """Length of a second line below a title."""


@dataclass(frozen=True)
class Carousel:
    count: int
    title: int
    text: int
    buttons: Form
    single: bool = False
    """Whether it is for one card only: several are shorter in a text."""


@dataclass(frozen=True)
class Can:
    """The limits of a platform, in its own `unit`."""

    text: int
    unit: Unit = len
    titles: Unit = len
    """The unit of titles, where it is another one."""
    buttons: Form | None = None
    quick: Form | None = None
    """Choices that go away with the next message: only at the end of a turn."""
    rows: Form | None = None
    carousel: Carousel | None = None
    picture: Form | None = None
    """An image with a caption and this many buttons; None: no images."""
    each: bool = False
    """Whether cards that no carousel takes go out one by one, not in the text."""
    joined: bool = False
    """Whether messages are dear: texts that follow one another become one."""


@dataclass(frozen=True)
class Bubble:
    """One message as it will be seen; the payload of a button is the id of its choice."""

    form: Literal["text", "buttons", "quick", "rows", "picture", "carousel"] = "text"
    text: str = ""
    lang: str | None = None
    buttons: tuple[Button, ...] = ()
    image: str | None = None
    cards: tuple[Card, ...] = ()
