"""The assistant starts without what it does not use, and everything that it does use is there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.channels.rig import ROOT

PROBE = """
import json, sys
from channels.lean import UNUSED, UnusedModule, leave_out
leave_out()
import rasa.core.run
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
loaded = [name for name in UNUSED if not isinstance(sys.modules.get(name), UnusedModule | None)]
(line,) = (l for l in open("/proc/self/status") if l.startswith("VmRSS"))
print(json.dumps({"loaded": loaded, "rss": int(line.split()[1]) // 1024}))
"""


def lean(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-c", code, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)


def modules() -> list[str]:
    """Every module of ours that the assistant may load."""
    ours = [f"{d}.{file.stem}" for d in ("channels", "nlg", "nlu") for file in files(d)]
    named = yaml.safe_load((ROOT / "config.yml").read_text())
    parts = [part["name"].rpartition(".")[0] for part in named["pipeline"] + named["policies"]]
    return sorted({*ours, *parts} - {"channels.serve", "channels.__main__", "nlu.importer"})


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).glob("[a-z]*.py"))


def test_nothing_unused_is_loaded_by_what_the_assistant_is_made_of() -> None:
    probed = lean(PROBE, *modules())
    assert probed.returncode == 0, probed.stderr
    found = json.loads(probed.stdout.splitlines()[-1])
    assert found["loaded"] == []
    assert found["rss"] < 350  # with TensorFlow and the rest 540 before any of ours


@pytest.mark.parametrize(
    "use",
    ["import sklearn.svm; sklearn.svm.SVC()", "from tensorflow import keras; keras.Model(1)"],
)
def test_what_was_left_out_says_so_when_it_is_used(use: str) -> None:
    used = lean(f"from channels.lean import leave_out; leave_out(); {use}")
    assert "was left out (channels/lean.py)" in used.stderr


def test_it_is_too_late_after_rasa() -> None:
    assert (
        "comes before Rasa" in lean("import rasa.shared, channels.lean as l; l.leave_out()").stderr
    )
