"""The phrases of phrases.yml as patterns."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml


@cache
def pattern(name: str, form: str = "{}") -> re.Pattern[str]:
    """Any phrase of this kind, put into the place that `form` has for it."""
    known = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
    return re.compile(form.replace("{}", f"(?:{'|'.join(known[name])})"), re.IGNORECASE)
