"""Standard Webhooks 1.0 (https://www.standardwebhooks.com): what we sign and what we believe."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from standardwebhooks.webhooks import Webhook

from shop.model import Refused


def signed_headers(secret: str, id_: str, body: bytes) -> dict[str, str]:
    at = datetime.now(timezone.utc)
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(id_, at, body.decode()),
        "content-type": "application/json",
    }


def signed_body(secret: str, headers: Mapping[str, str], body: bytes) -> tuple[str, dict[str, Any]]:
    """The event's id and JSON object. Raises Refused(signature) where signature, age (5 minutes at
    most) or shape is wrong; without a secret nothing is believed."""
    try:
        plain = {name.lower(): value for name, value in headers.items()}
        content = Webhook(secret).verify(body, plain)
    except Exception as trouble:  # the library lets decoding errors of many kinds through
        raise Refused("signature") from trouble
    if not isinstance(content, dict):
        raise Refused("signature")
    return plain["webhook-id"], content


def encoded(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
