"""The questions of requests: what a message answers, when one is open, how it is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod

from actions.aftersale.context import Context
from actions.aftersale.model import Heard, Request


class Question(ABC):
    """`read` takes from any message what it holds for this question, so that facts may come early,
    together or as a correction; `asked` tells that it was this question's turn."""

    name: str
    listed = False  # a choice out of a list: words of another topic are no choice

    @abstractmethod
    async def read(
        self, context: Context, request: Request, heard: Heard, asked: bool
    ) -> Request: ...

    @abstractmethod
    async def open(self, context: Context, request: Request) -> bool:
        """Whether it has to be asked."""

    @abstractmethod
    async def ask(self, context: Context, request: Request) -> None: ...
