"""The stanzas that endpoints.yml offers, and those of the docstrings, fit their adapters."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shop import VARIABLE, load
from shop.payments.hosted import HostedPayments
from tests.shop.payments.conftest import DOUBLES

ROOT = Path(__file__).parents[3]


def offered() -> list[dict[str, Any]]:
    """What stands behind the marks of endpoints.yml under `payments`."""
    text = (ROOT / "endpoints.yml").read_text(encoding="utf-8").partition("\npayments:\n")[2]
    marked = [line[4:] for line in text.partition("\ncrm:")[0].splitlines() if line[:1] == "#"]
    blocks = re.split(r"\n(?=type: )", "\n".join(marked).partition("\n")[2])
    return [yaml.safe_load(block) for block in blocks if block.strip()]


def described() -> list[dict[str, Any]]:
    modules = [inspect.getmodule(load(stanza["type"], "payments")) for stanza in offered()]
    texts = [inspect.getdoc(module) or "" for module in modules]
    return [yaml.safe_load(f"payments:{t.partition('payments:')[2].partition(chr(10) * 2)[0]}")
            ["payments"] for t in texts]  # fmt: skip


def test_every_provider_is_offered() -> None:
    names = [load(stanza["type"], "payments").name for stanza in offered()]  # type: ignore[attr-defined]
    assert names == list(DOUBLES)
    assert [stanza["type"] for stanza in described()] == [stanza["type"] for stanza in offered()]


@pytest.mark.parametrize("stanza", [*offered(), *described()], ids=lambda stanza: stanza["type"])
def test_a_stanza_fits_its_adapter(stanza: dict[str, Any], empty_store: Any) -> None:
    given = {
        key: VARIABLE.sub("00ff", value) if isinstance(value, str) else value
        for key, value in stanza.items()
    }
    adapter = load(given.pop("type"), "payments")(**given)
    assert isinstance(adapter, HostedPayments)
