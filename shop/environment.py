"""Settings for `make run`: addresses, free ports and secrets, made once and kept in var/env.

python -m shop.environment var/env
"""

from __future__ import annotations

import base64
import secrets
import socket
import sys
from pathlib import Path

PORTS = {"FRONT_PORT": 8000, "ASSISTANT_PORT": 5005, "ACTIONS_PORT": 5055}


def free_port(wanted: int) -> int:
    """`wanted`, or the next port up that nothing listens on."""
    for port in range(wanted, wanted + 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {wanted} on")


def webhook_secret() -> str:
    """A Standard Webhooks secret: "whsec_" and 32 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def settings(known: dict[str, str]) -> dict[str, str]:
    """What is known, completed; ports are looked up anew, so that one in use is no obstacle, and
    addresses with them, but for those that somebody has written in."""
    ports = {name: str(free_port(port)) for name, port in PORTS.items()}
    var = known.get("VAR_DIR", "var")
    before = addresses({name: known.get(name, "") for name in PORTS}, var)
    written = {name: value for name, value in known.items() if value != before.get(name)}
    return {
        "ACTIONS_SECRET": secrets.token_urlsafe(32),
        "WEB_SECRET": secrets.token_urlsafe(32),
        "NOTICE_SECRET": webhook_secret(),
        "PAYMENT_SECRET": webhook_secret(),
        "VAR_DIR": var,
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "OMP_NUM_THREADS": "1",
        **addresses(ports, var),
        **written,
        **ports,
    }


def addresses(ports: dict[str, str], var: str) -> dict[str, str]:
    front, assistant = ports["FRONT_PORT"], ports["ASSISTANT_PORT"]
    return {
        "SHOPKEEPER_DB": f"sqlite:///{var}/shop.db",
        "SHOPKEEPER_VOCABULARY": f"{var}/vocabulary.json",
        "ASSISTANT_HOST": "127.0.0.1",
        "WEB_ORIGINS": f"http://localhost:{front},http://127.0.0.1:{front}",
        "PUBLIC_URL": f"http://localhost:{front}",
        "ASSISTANT_URL": f"http://localhost:{assistant}",
    }


def main(path: str) -> None:
    file = Path(path)
    lines = file.read_text().splitlines() if file.exists() else []
    known = dict(line.split("=", 1) for line in lines if "=" in line)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{k}={v}\n" for k, v in settings(known).items()))
    file.chmod(0o600)


if __name__ == "__main__":
    main(sys.argv[1])
