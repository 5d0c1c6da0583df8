from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import shop
from shop import SettingsError, connect, connect_all
from shop.crm.base import CRM
from shop.crm.demo import DemoCRM


class Notebook(DemoCRM):
    """An adapter of somebody's own."""

    def __init__(self, colour: str, pages: list[str]) -> None:
        self.colour, self.pages = colour, pages


@pytest.fixture
def endpoints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "endpoints.yml"
    monkeypatch.setenv("SHOPKEEPER_ENDPOINTS", str(path))
    monkeypatch.setenv("SHOPKEEPER_DB", f"sqlite:///{tmp_path / 'shop.db'}")
    shop.connect.cache_clear()
    yield path
    shop.connect.cache_clear()


def test_without_a_stanza_the_demo_adapter_serves(endpoints: Path) -> None:
    assert isinstance(connect("crm"), DemoCRM)
    endpoints.write_text("action_endpoint: {url: http://x}\n")
    assert isinstance(connect("helpdesk"), shop.load(shop.DEMO["helpdesk"], "helpdesk"))


def test_a_stanzas_settings_are_the_adapters_arguments(
    endpoints: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INK", "blue")
    endpoints.write_text(
        "crm:\n  type: tests.shop.test_connect.Notebook\n"
        '  colour: ${INK}-black\n  pages: ["${INK}", "b"]\n'
    )
    adapter = connect("crm")
    assert isinstance(adapter, CRM)
    assert (adapter.colour, adapter.pages) == ("blue-black", ["blue", "b"])  # type: ignore
    assert connect("crm") is adapter


@pytest.mark.parametrize(
    ("stanza", "says"),
    [
        ("{type: shop.crm.demo.DemoCRM, url: '${NOT_THERE}'}", "crm.url needs.*NOT_THERE"),
        ("{type: shop.crm.nothing.X}", "cannot load 'shop.crm.nothing.X'"),
        ("{type: shop.crm.demo.Nothing}", "cannot load 'shop.crm.demo.Nothing'"),
        ("{type: Nothing}", "cannot load 'Nothing'"),
    ],
)
def test_wrong_settings_say_what_is_wrong(endpoints: Path, stanza: str, says: str) -> None:
    endpoints.write_text(f"crm: {stanza}\n")
    with pytest.raises(SettingsError, match=says):
        connect("crm")


def test_a_process_does_not_start_with_a_setting_missing(endpoints: Path) -> None:
    endpoints.write_text("payments: {type: shop.payments.stripe.StripePayments, secret_key: x}\n")
    with pytest.raises(SystemExit, match=r"endpoints.yml: .*webhook_secret"):
        connect_all()
    endpoints.write_text("crm: {type: shop.crm.demo.DemoCRM, url: '${NOT_THERE}'}\n")
    with pytest.raises(SystemExit, match=r"endpoints.yml: crm.url needs .*NOT_THERE"):
        connect_all()
    endpoints.write_text("")
    connect_all()
