"""The whole system, started as `make run` starts it, on free ports and an empty var folder."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from pathlib import Path

import httpx

from shop.environment import settings

ROOT = Path(__file__).parents[2]
READY_SECONDS = 180.0


class System:
    """The processes of the Procfile. Databases and logs are kept under `var`."""

    def __init__(self, var: Path) -> None:
        self.var = var
        pythons = {
            "ASSISTANT_PYTHON": os.environ.get("ASSISTANT_PYTHON", ".venv/assistant/bin/python"),
            "ACTIONS_PYTHON": os.environ.get("ACTIONS_PYTHON", ".venv/actions/bin/python"),
        }
        self.env = {**os.environ, **settings({"VAR_DIR": str(var)}), **pythons}
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
            if not names or name in names:
                log = (self.var / f"{name}.log").open("ab")
                self.processes[name] = subprocess.Popen(
                    f"exec {command}", shell=True, cwd=ROOT, env=self.env, stdout=log, stderr=log
                )

    def wait(self) -> None:
        """Until the model is loaded and the shop answers."""
        actions = f"http://127.0.0.1:{self.env['ACTIONS_PORT']}"
        for url in (
            f"{actions}/health",
            f"{self.assistant}/webhooks/web/health",
            f"{self.shop}/en/",
        ):
            self.wait_for(url)

    def wait_for(self, url: str) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                if httpx.get(url, timeout=5, follow_redirects=True).status_code == 200:
                    return
            except httpx.HTTPError:
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
