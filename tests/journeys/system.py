"""The whole system, started as `make run` starts it, on free ports and an empty var folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from shop.environment import settings

ROOT = Path(__file__).parents[2]
READY_SECONDS = 180.0


class System:
    """The processes of the Procfile. Databases and logs are kept under `var`."""

    def __init__(self, var: Path, credentials: Path | None = None, **more: str) -> None:
        """`credentials` stands for the project's own; `more` is added to the settings."""
        self.var, self._credentials = var, credentials
        pythons = {
            "ASSISTANT_PYTHON": os.environ.get("ASSISTANT_PYTHON", ".venv/assistant/bin/python"),
            "ACTIONS_PYTHON": os.environ.get("ACTIONS_PYTHON", ".venv/actions/bin/python"),
        }
        self.env = {**os.environ, **settings({"VAR_DIR": str(var)}), **more, **pythons}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def assistant(self) -> str:
        return self.env["ASSISTANT_URL"]

    @property
    def shop(self) -> str:
        return self.env["PUBLIC_URL"]

    def start(self, *names: str) -> None:
        for line in (ROOT / "Procfile").read_text().splitlines():
            name, command = re.fullmatch(r"(\w+): (.+)", line).groups()  # type: ignore[union-attr]
            if name == "assistant" and self._credentials:
                command += f" --credentials {self._credentials}"
            if not names or name in names:
                log = (self.var / f"{name}.log").open("ab")
                self.processes[name] = subprocess.Popen(
                    f"exec {command}", shell=True, cwd=ROOT, env=self.env, stdout=log, stderr=log
                )

    def wait(self, *names: str) -> None:
        """Until the model is loaded and the shop answers."""
        probes = {
            "actions": f"http://127.0.0.1:{self.env['ACTIONS_PORT']}/health",
            "assistant": f"{self.assistant}/webhooks/web/health",
            "front": f"{self.shop}/en/",
        }
        for name in names or probes:
            self.wait_for(probes[name])

    def wait_for(self, url: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                with urlopen(url, timeout=5) as answer:
                    if answer.status == 200:
                        return
            except (OSError, HTTPException):
                pass
            time.sleep(0.3)
        raise TimeoutError(f"{url} is not ready; logs in {self.var}")

    def check_alive(self) -> None:
        for name, process in self.processes.items():
            if process.poll() is not None:
                log = (self.var / f"{name}.log").read_text()[-3000:]
                raise RuntimeError(f"{name} ended with {process.returncode}:\n{log}")

    def signal(self, name: str, number: signal.Signals) -> None:
        self.processes[name].send_signal(number)

    def stop(self, *names: str) -> None:
        for name in names or tuple(self.processes):
            process = self.processes.pop(name)
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
