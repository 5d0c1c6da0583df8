"""Headers that every answer of the front carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

if TYPE_CHECKING:
    from shop.front.site import Site


def policy(assistant: str, public_url: str) -> str:
    """Nothing inline, no script of others, no string becomes script; pictures may be anywhere."""
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            f"connect-src 'self' {assistant}",
            f"img-src 'self' {public_url} https:",
            "style-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


class SecurityHeaders:
    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.headers = {
            "Content-Security-Policy": policy(site.assistant_origin, site.public_url),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
            "Cross-Origin-Opener-Policy": "same-origin",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
