"""The stanzas that endpoints.yml offers, and those of the docstrings, fit their adapters."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shop import VARIABLE, load
from shop.helpdesk.kept import KeptHelpdesk
from tests.shop.helpdesk.conftest import DOUBLES

ROOT = Path(__file__).parents[3]


def offered() -> list[dict[str, Any]]:
    """What stands behind the marks of endpoints.yml under `helpdesk`."""
    text = (ROOT / "endpoints.yml").read_text(encoding="utf-8").partition("\nhelpdesk:\n")[2]
    marked = [line[4:] for line in text.splitlines() if line[:1] == "#"]
    blocks = re.split(r"\n(?=type: )", "\n".join(marked).partition("\n")[2])
    return [yaml.safe_load(block) for block in blocks if block.strip()]


def described() -> list[dict[str, Any]]:
    modules = [inspect.getmodule(load(stanza["type"], "helpdesk")) for stanza in offered()]
    texts = [(inspect.getdoc(module) or "").partition("helpdesk:\n")[2] for module in modules]
    return [yaml.safe_load(text.partition("\n\n")[0]) for text in texts]


def test_every_help_desk_is_offered() -> None:
    names = [load(stanza["type"], "helpdesk").name for stanza in offered()]  # type: ignore[attr-defined]
    assert names == list(DOUBLES)
    assert [stanza["type"] for stanza in described()] == [stanza["type"] for stanza in offered()]


@pytest.mark.parametrize("stanza", [*offered(), *described()], ids=lambda stanza: stanza["type"])
def test_a_stanza_fits_its_adapter(stanza: dict[str, Any]) -> None:
    given = {
        key: VARIABLE.sub("x", value) if isinstance(value, str) else value
        for key, value in stanza.items()
    }
    assert isinstance(load(given.pop("type"), "helpdesk")(**given), KeptHelpdesk)
