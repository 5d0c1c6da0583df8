"""A mail server for tests, on a free port: enough of SMTP (RFC 5321) for smtplib."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Server:
    """`tls`: offers STARTTLS with this; `rejects`: what the server says no to, as DATA or MAIL."""

    tls: ssl.SSLContext | None = None
    rejects: str = ""
    port: int = 0
    letters: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    encrypted: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            writer.write(b"220 test\r\n")
            while line := (await reader.readline()).decode().strip():
                self.said.append(line)
                if not await self.answer(line, reader, writer):
                    break
        writer.close()

    async def answer(
        self, line: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        verb = line.split()[0].upper()
        if verb == self.rejects:
            writer.write(b"451 not now\r\n")
        elif verb == "EHLO":
            writer.write(self.abilities())
        elif verb == "STARTTLS":
            writer.write(b"220 go\r\n")
            await writer.drain()
            await self.encrypt(writer)
        elif verb == "AUTH":
            writer.write(b"235 welcome\r\n")
        elif verb == "DATA":
            writer.write(b"354 go on\r\n")
            self.letters.append((await reader.readuntil(b"\r\n.\r\n"))[:-5])
            writer.write(b"250 taken\r\n")
        else:
            writer.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
        await writer.drain()
        return verb != "QUIT"

    def abilities(self) -> bytes:
        tls = b"250-STARTTLS\r\n" if self.tls and not self.encrypted else b""
        return b"250-test\r\n" + tls + b"250-AUTH PLAIN\r\n250 8BITMIME\r\n"

    async def encrypt(self, writer: asyncio.StreamWriter) -> None:
        """Python 3.10 has no StreamWriter.start_tls."""
        loop, transport = asyncio.get_running_loop(), writer.transport
        protocol = transport.get_protocol()
        assert self.tls is not None
        new = await loop.start_tls(transport, protocol, self.tls, server_side=True)
        writer._transport = new  # type: ignore[attr-defined]
        protocol._stream_reader._transport = new  # type: ignore[union-attr]
        self.encrypted = True

    @property
    def logins(self) -> list[str]:
        words = [line.split() for line in self.said if line.startswith("AUTH PLAIN")]
        return [base64.b64decode(word[2]).decode().replace("\0", " ").strip() for word in words]


@asynccontextmanager
async def running(server: Server) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    async with listening:
        yield server
