"""The domain for the action server: sent once, then known there by its digest.

Rasa sends all of it, 190 kB here, with every call of an action. The header `X-Domain` names it; a
server that does not know it answers 409 and is sent the call again with the domain in it.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from rasa.shared.core.domain import Domain

HEADER = "X-Domain"
UNKNOWN = 409


class DomainOnce:
    def __init__(self, domain: Domain) -> None:
        self._text = json.dumps(domain.as_dict(), ensure_ascii=False)
        self.digest = hashlib.sha256(self._text.encode()).hexdigest()

    def with_domain(self, call: dict[str, Any]) -> bytes:
        """The call as JSON, the domain in it."""
        return f'{json.dumps(call, ensure_ascii=False)[:-1]}, "domain": {self._text}}}'.encode()
