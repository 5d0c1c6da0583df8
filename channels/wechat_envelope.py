"""What WeChat's messages come in: signed queries, XML, and AES in safe mode. Pure functions.

https://developers.weixin.qq.com/doc/service/en/guide/dev/push/encryption.html. The signature is
SHA-1 of the token and the other parts, sorted and joined. A sealed message is AES-256-CBC with
PKCS7 to 32 bytes of: 16 random bytes, the length of the XML (4 bytes), the XML, the account.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
"""Bytes to which a message is padded, twice as many as AES needs."""
HEAD = 20
"""Random bytes and the length that come before the XML."""
DEPTH = 10


def signature(*parts: str) -> str:
    """WeChat's own construction; SHA-1 is its choice."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "replace")).hexdigest()  # noqa: S324


def secret_key(encoding_aes_key: str) -> bytes:
    """The key of 32 bytes. Raises `ValueError` if it is not the 43 characters of the platform."""
    key = base64.b64decode(encoding_aes_key + "=", validate=True)
    if len(key) != BLOCK:
        raise ValueError("EncodingAESKey has 43 characters")
    return key


def opened(sealed: str, key: bytes, account: str) -> bytes:
    """What is sealed for `account`. Raises `ValueError`."""
    cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    padded = cipher.update(base64.b64decode(sealed, validate=True)) + cipher.finalize()
    pad = padded[-1] if padded else 0
    plain = padded[:-pad] if 1 <= pad <= BLOCK else b""
    end = HEAD + int.from_bytes(plain[16:HEAD], "big")
    if len(plain) < HEAD or padded[-pad:] != bytes([pad]) * pad or end > len(plain):
        raise ValueError("not a sealed message")
    if not hmac.compare_digest(plain[end:], account.encode()):
        raise ValueError("sealed for another account")
    return plain[HEAD:end]


def fields(xml: bytes) -> dict[str, str]:
    """The texts of a message by the names of their elements; of two alike the first.

    Read with Python's expat, which is given no document type: without one there are no entities
    to be expanded or fetched. Raises `ValueError`.
    """
    found: dict[str, str] = {}
    said: list[str] = []
    depth, leaf = 0, True

    def begin(*_: Any) -> None:
        nonlocal depth, leaf
        depth, leaf = depth + 1, True
        said.clear()
        if depth > DEPTH:
            raise ValueError("too deep")

    def end(name: str) -> None:
        nonlocal depth, leaf
        if leaf:
            found.setdefault(name, "".join(said))
        depth, leaf = depth - 1, False

    parser = ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = said.append
    try:
        parser.Parse(xml, True)
    except ExpatError as error:
        raise ValueError("no XML") from error
    return found


def _refuse(*_: Any) -> None:
    raise ValueError("a document type")
