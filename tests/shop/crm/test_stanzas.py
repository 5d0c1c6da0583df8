"""The stanzas that endpoints.yml offers, and those of the docstrings, fit their adapters."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shop import VARIABLE, load
from shop.crm.remote import RemoteCRM

ROOT = Path(__file__).parents[3]
TYPES = [
    "shop.crm.hubspot.HubSpotCRM",
    "shop.crm.salesforce.SalesforceCRM",
    "shop.crm.odoo.OdooCRM",
    "shop.crm.bottlecrm.BottleCRM",
]


def offered() -> list[dict[str, Any]]:
    """What stands behind the marks of endpoints.yml under `crm`."""
    text = (ROOT / "endpoints.yml").read_text(encoding="utf-8").partition("\ncrm:\n")[2]
    marked = [line[4:] for line in text.partition("\nhelpdesk:")[0].splitlines() if line[:1] == "#"]
    blocks = re.split(r"\n(?=type: )", "\n".join(marked).partition("\n")[2])
    return [yaml.safe_load(block) for block in blocks if block.strip()]


def described() -> list[dict[str, Any]]:
    modules = [inspect.getmodule(load(type_, "crm")) for type_ in TYPES]
    stanzas = [(inspect.getdoc(module) or "").partition("\ncrm:\n")[2] for module in modules]
    return [yaml.safe_load(stanza.partition("\n\n")[0]) for stanza in stanzas]


def test_every_crm_is_offered_and_described() -> None:
    assert [stanza["type"] for stanza in offered()] == TYPES
    assert [stanza["type"] for stanza in described()] == TYPES


@pytest.mark.parametrize("stanza", [*offered(), *described()], ids=lambda stanza: stanza["type"])
def test_a_stanza_fits_its_adapter(stanza: dict[str, Any]) -> None:
    given = {
        key: VARIABLE.sub("00ff", value) if isinstance(value, str) else value
        for key, value in stanza.items()
    }
    assert isinstance(load(given.pop("type"), "crm")(**given), RemoteCRM)
