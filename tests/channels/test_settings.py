"""No channel opens without all that it needs: it would be open to everybody, or mute."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from rasa.shared.exceptions import RasaException

from channels.base import Adapter
from tests.channels.doors import DOORS

GIVEN = {door.stanza: door.settings for door in DOORS.values()} | {
    "channels.relay.Relay": {**DOORS["relay"].settings, "deliver": "https://partner.example/"},
    "channels.snapchat.Snapchat": {
        "client": "c",
        "secret": "s",
        "refresh": "r",
        "profile": "p",
        "creators": ["u"],
    },
}


def adapter(stanza: str) -> type[Adapter]:
    module, _, name = stanza.rpartition(".")
    found: type[Adapter] = getattr(import_module(module), name)
    return found


def without_one() -> Iterator[tuple[str, str, Any]]:
    for stanza, settings in GIVEN.items():
        for missing in sorted(set(adapter(stanza).needs) & set(settings)):
            for value in (None, "", " ", "${NOT_SET}"):
                yield stanza, missing, value


@pytest.mark.parametrize("stanza", GIVEN)
def test_it_starts_with_what_it_needs(stanza: str) -> None:
    made = adapter(stanza).from_credentials(GIVEN[stanza])
    assert made.needs
    assert set(made.needs) <= set(GIVEN[stanza])
    assert made.account


@pytest.mark.parametrize(("stanza", "missing", "value"), without_one())
def test_it_does_not_start_without(stanza: str, missing: str, value: Any) -> None:
    with pytest.raises(RasaException, match=f"{stanza}: {missing} is missing"):
        adapter(stanza).from_credentials({**GIVEN[stanza], missing: value})
