"""The settings of `make run`: secrets made once, addresses anew, what is written in stays."""

from pathlib import Path

import pytest

from shop import environment


def written(path: Path) -> dict[str, str]:
    environment.main(str(path))
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def test_what_an_owner_writes_stays_and_the_rest_follows_the_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "env"
    first = written(file)
    own = {"WEB_ORIGINS": "https://shop.example", "STRIPE_SECRET_KEY": "sk_test_x"}
    file.write_text("".join(f"{k}={v}\n" for k, v in {**first, **own}.items()))
    monkeypatch.setattr(environment, "free_port", lambda wanted: wanted + 1000)
    second = written(file)
    assert second["WEB_ORIGINS"] == "https://shop.example"
    assert second["STRIPE_SECRET_KEY"] == "sk_test_x"
    assert second["PUBLIC_URL"] == "http://localhost:9000"
    assert second["ASSISTANT_URL"] == "http://localhost:6005"
    assert second["ACTIONS_SECRET"] == first["ACTIONS_SECRET"]
    assert file.stat().st_mode & 0o077 == 0
