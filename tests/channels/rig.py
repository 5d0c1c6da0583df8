"""The real server with the real channels on a tiny model, and a browser's view of it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests
import yaml

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ORIGIN = "https://shop.example"
WEB_SECRET = "a-secret-for-the-tests-only"
NOTICE_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
QUIET = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(ROOT),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Process:
    """A server process on its own port, its output in a file."""

    def __init__(self, command: list[str], cwd: Path, port: int, probe: str) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._command, self._cwd, self._probe = command, cwd, probe
        self.log = cwd / f"{port}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.env: dict[str, str] = {}

    def start(self, seconds: float = 300) -> None:
        with self.log.open("ab") as log:
            env = {**os.environ, **QUIET, **self.env}
            self._process = subprocess.Popen(
                self._command, cwd=self._cwd, stdout=log, stderr=log, env=env
            )
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            try:
                if requests.get(self.url + self._probe, timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.2)
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"did not start:\n{self.log.read_text()[-3000:]}")

    def send(self, number: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.send(signal.SIGCONT)
        self.send(number)
        if self._process:
            self._process.wait(30)

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def memory(self) -> float:
        """Resident, in MB."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None


class Actions(Process):
    """The action server of `acting.py`."""

    def __init__(self, cwd: Path) -> None:
        port = free_port()
        super().__init__([sys.executable, str(HERE / "acting.py"), str(port)], cwd, port, "/calls")

    def mode(self, name: str) -> None:
        requests.post(self.url + "/mode", data=name, timeout=5)

    def calls(self) -> list[list[str]]:
        return requests.get(self.url + "/calls", timeout=5).json()


class Assistant(Process):
    """`channels.serve` with the web and notice channels; its files are in `cwd`."""

    def __init__(
        self,
        cwd: Path,
        model: Path,
        actions: Actions,
        *options: str,
        stanzas: dict[str, dict[str, Any]] | None = None,
        inbox: str | None = None,
    ) -> None:
        """`stanzas` opens further channels, on the same inbox, which is a file if not given."""
        port = free_port()
        self.inbox, self.talk = cwd / "var/inbox.db", cwd / "var/talk.db"
        self.database = inbox or str(self.inbox)
        credentials = {
            "channels.web.WebInput": {
                "secret": WEB_SECRET,
                "origins": [ORIGIN],
                "database": self.database,
            },
            "channels.notice.NoticeInput": {
                "secret": NOTICE_SECRET,
                "notices": ["paid"],
                "database": self.database,
            },
        }
        for path, settings in (stanzas or {}).items():
            credentials[path] = {**settings, "database": self.database}
        endpoints = {
            "action_endpoint": {"url": actions.url + "/webhook"},
            "tracker_store": {
                "type": "channels.tracker.ConversationStore",
                "url": f"sqlite:///{self.talk}",
            },
        }
        (cwd / "credentials.yml").write_text(yaml.safe_dump(credentials))
        (cwd / "endpoints.yml").write_text(yaml.safe_dump(endpoints))
        command = [
            *(sys.executable, "-m", "channels.serve", "--model", str(model), "--port", str(port)),
            *options,
        ]
        super().__init__(command, cwd, port, "/webhooks/web/health")


class Gateway(Process):
    """The messaging channels of an assistant's credentials, in a process of their own."""

    def __init__(self, cwd: Path) -> None:
        port = free_port()
        command = [sys.executable, "-m", "channels.gateway", "--port", str(port)]
        super().__init__(command, cwd, port, "/health")


class Browser:
    """One shopper's page: a session, messages, the log and the stream."""

    def __init__(self, server: Assistant, **session: Any) -> None:
        self.base = server.url + "/webhooks/web"
        made = requests.post(self.base + "/session", json=session, timeout=10)
        assert made.status_code == 201, made.text
        self.conversation = made.json()["conversation"]
        self.headers = {"Authorization": "Bearer " + made.json()["token"]}
        self.sent = 0

    def post(self, body: Any = None, raw: bytes | None = None) -> requests.Response:
        data = raw if raw is not None else json.dumps(body).encode()
        return requests.post(self.base + "/message", data=data, headers=self.headers, timeout=15)

    def say(self, text: str, **more: Any) -> str:
        """Sends a message; gives its client id."""
        self.sent += 1
        sent = self.post({"id": f"c-{self.sent}", "text": text, **more})
        assert sent.status_code == 202, sent.text
        return f"c-{self.sent}"

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.base}/history?after={after}", headers=self.headers, timeout=10
        )
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]

    def answers(
        self, asked: str | None, count: int = 1, seconds: float = 12
    ) -> list[dict[str, Any]]:
        """The bot's messages to the message `asked` (None: to a notice), waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            said = [m for m in self.history() if m["from"] == "bot"]
            found = [m for m in said if m["reply_to"] == asked]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"no answer to {asked}: {self.history()}")

    def ask(self, text: str, **more: Any) -> str:
        """Sends a message and gives the text of the first answer."""
        return self.answers(self.say(text, **more))[0]["text"]

    def stream(self, after: int = 0, seconds: float = 20) -> Iterator[dict[str, Any]]:
        """Events as a page parses them: `event`, `id`, `data`; comments as `event: comment`."""
        response = requests.get(
            f"{self.base}/events?after={after}", headers=self.headers, stream=True, timeout=seconds
        )
        assert response.status_code == 200, response.text
        self.stream_headers = response.headers
        try:
            block: dict[str, Any] = {}
            for line in response.iter_lines(chunk_size=1, decode_unicode=True):
                if line:
                    name, _, value = line.partition(": ")
                    block[name or "event"] = value if name else "comment"
                elif block:
                    block["data"] = json.loads(block.get("data", "null"))
                    yield block
                    block = {}
        finally:
            response.close()
