from __future__ import annotations

import ssl
import subprocess
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import yaml

from shop import mail
from shop.model import Unavailable
from shop.policy import policy
from tests.shop.smtp import Server, running

VALUES = {"code": "012345", "minutes": 10}
TO = "ewa@example.org"


async def write(language: str = "pl") -> None:
    await mail.send(TO, "code", language, VALUES)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Of localhost, signed by itself."""
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", str(key), "-out", str(cert)]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    return key, cert


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key, cert = certificate
    context.load_cert_chain(cert, key)
    return context


async def test_a_server_gets_the_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(Server()) as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        await write()
    assert f"mail FROM:<{policy().contact.email}>" in server.said[1]
    assert f"rcpt TO:<{TO}>" in server.said[2]
    letter = message_from_bytes(server.letters[0], policy=default)
    assert letter["to"] == TO
    assert letter["subject"] == "012345 to Twój kod do Halny"
    assert letter["message-id"]
    assert letter["date"]
    assert "10 minut" in letter.get_content()
    assert server.logins == []


async def test_a_password_goes_over_tls_alone(
    monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext, certificate: tuple[Path, Path]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[1]))
    async with running(Server(tls)) as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://shop:p%40ss@localhost:{server.port}")
        await write()
    assert server.encrypted
    assert server.logins == ["shop p@ss"]
    assert len(server.letters) == 1
    said = [line.split()[0].upper() for line in server.said]
    assert said.index("STARTTLS") < said.index("AUTH")


async def test_a_server_without_tls_does_not_learn_the_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(Server()) as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://shop:secret@127.0.0.1:{server.port}")
        with pytest.raises(Unavailable):
            await write()
    assert not [line for line in server.said if "AUTH" in line]
    assert server.letters == []


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    monkeypatch: pytest.MonkeyPatch, tls: ssl.SSLContext
) -> None:
    async with running(Server(tls)) as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://localhost:{server.port}")
        with pytest.raises(Unavailable):
            await write()
    assert server.letters == []


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
async def test_a_letter_not_taken_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    async with running(Server(rejects=verb)) as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        with pytest.raises(Unavailable):
            await write()


async def test_a_server_that_is_gone_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(Server()) as server:
        pass
    monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{server.port}")
    for attempt in (write(), mail.rehearse()):
        with pytest.raises(Unavailable):
            await attempt


async def test_a_rehearsal_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(Server()) as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        await mail.rehearse()
    assert [line.split()[0].upper() for line in server.said] == ["EHLO", "NOOP", "QUIT"]


async def test_without_a_server_letters_are_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SMTP_URL", raising=False)
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    await write("es")
    await mail.rehearse()
    files = list((tmp_path / "mail").iterdir())
    assert len(files) == 1
    letter = message_from_bytes(files[0].read_bytes(), policy=default)
    assert letter["content-language"] == "es"
    assert "tu código es 012345" in letter.get_content().casefold()


@pytest.mark.parametrize("language", ["ja", "../en", ""])
def test_an_unknown_language_gets_the_shops_own(language: str) -> None:
    assert mail.texts(language) == mail.texts("en")


def test_every_letter_is_there_in_every_language() -> None:
    found = {
        language: yaml.safe_load((mail.FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
        for language in policy().languages
    }
    for words in found.values():
        assert words.keys() == found["en"].keys()
        for name, letter in words.items():
            assert letter.keys() == {"subject", "text"}, name
            assert "{code}" in letter["text"]
            assert "{minutes}" in letter["text"]
