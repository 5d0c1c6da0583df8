"""The command that starts the assistant."""

from __future__ import annotations

from pathlib import Path

import pytest

from channels.serve import main


@pytest.mark.parametrize("missing", ["model", "endpoints", "credentials"])
def test_a_missing_file_is_named_before_anything_is_loaded(
    missing: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "there").touch()
    options = [
        f"--{name}={tmp_path / ('not there' if name == missing else 'there')}"
        for name in ("model", "endpoints", "credentials")
    ]
    with pytest.raises(SystemExit):
        main(options)
    assert f"{tmp_path / 'not there'} is missing" in capsys.readouterr().err
