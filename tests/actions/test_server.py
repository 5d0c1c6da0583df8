"""What the action server remembers between calls."""

from __future__ import annotations

from typing import Any

from actions.__main__ import DOMAINS, Domains


def test_a_domain_is_asked_for_once_and_then_known() -> None:
    domains = Domains()
    assert not domains.complete({"next_action": "a"}, "one")
    assert domains.complete({"next_action": "a", "domain": {"forms": 1}}, "one")
    call: dict[str, Any] = {"next_action": "b"}
    assert domains.complete(call, "one")
    assert call == {"next_action": "b", "domain": {"forms": 1}}
    assert not domains.complete({"next_action": "a"}, "two")


def test_only_the_last_domains_are_kept() -> None:
    domains = Domains()
    for number in range(DOMAINS + 1):
        assert domains.complete({"domain": {}}, f"d{number}")
    assert not domains.complete({}, "d0")
    assert domains.complete({}, "d1")
