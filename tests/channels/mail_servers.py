"""A real IMAP server (pymap) and a real SMTP server (aiosmtpd), which refuses as it is told."""

from __future__ import annotations

import email
import email.policy
import imaplib
import subprocess
import sys
import time
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.channels.rig import free_port

USER, PASSWORD = "help@shop.example", "a-secret-of-ours"


class Postman:
    """Takes mails. `script` answers those that come next: "451 later" to their words, "RCPT 550
    unknown" to their address; `drop` closes the connection, `lost` takes the mail first."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.script: list[str] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _: list[str]
    ) -> str:
        if self.script and self.script[0].startswith("RCPT "):
            return self.script.pop(0)[5:]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        told = self.script.pop(0) if self.script else "250 OK"
        if told in ("250 OK", "lost"):
            raw: Any = envelope.original_content
            self.mails.append(email.message_from_bytes(raw, policy=email.policy.default))
        if told in ("drop", "lost"):
            server.transport.abort()
        return told


class Servers:
    def __init__(self) -> None:
        self.postman = Postman()
        self.port = free_port()
        command = [sys.executable, "-c", "from pymap.main import main; main()"]
        command += [
            "--host",
            "127.0.0.1",
            "--port",
            str(self.port),
            "--no-tls",
            "dict",
            "--demo-data",
        ]
        self._command = [*command, "--demo-user", USER, "--demo-password", PASSWORD]
        self._smtp = Controller(
            self.postman,
            hostname="127.0.0.1",
            port=free_port(),
            authenticator=lambda *given: AuthResult(
                success=(given[4].login, given[4].password) == (USER.encode(), PASSWORD.encode()),
                handled=False,
            ),
            auth_require_tls=False,
            auth_required=True,
        )
        self._imap: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Servers:
        self._smtp.start()
        self._imap = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                self.empty()  # it begins with mails of a demonstration
                return self
            except OSError:
                time.sleep(0.1)
        raise AssertionError("pymap did not start")

    def __exit__(self, *_: object) -> None:
        self._smtp.stop()
        if self._imap:
            self._imap.kill()
            self._imap.wait()

    @property
    def settings(self) -> dict[str, Any]:
        return {
            "address": USER,
            "password": PASSWORD,
            "imap": f"imap+plain://127.0.0.1:{self.port}",
            "smtp": f"smtp+plain://127.0.0.1:{self._smtp.port}",
            "sender": "Halny",
            "site": "https://shop.example/",
        }

    def arrive(self, raw: bytes, days_ago: float = 0) -> None:
        when = imaplib.Time2Internaldate(time.time() - days_ago * 86400)
        with self._client() as client:
            assert client.append("INBOX", "", when, raw)[0] == "OK"

    def unread(self) -> int:
        with self._client() as client:
            return len(client.search(None, "UNSEEN")[1][0].split())

    def empty(self) -> None:
        self.postman.mails.clear()
        self.postman.script.clear()
        with self._client() as client:
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()

    def forget_marks(self) -> None:
        """As if no mark had arrived before the process ended."""
        with self._client() as client:
            client.store("1:*", "-FLAGS", "\\Seen")

    def _client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, 10)
        client.login(USER, PASSWORD)
        client.select("INBOX")
        return client
