"""Product drawings: one template a kind of thing, filled with the colour asked for."""

from __future__ import annotations

import re
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response

from shop.demo.catalogue import FOLDER
from shop.front.site import WEB, load_yaml
from shop.model import NotFound

NAME = re.compile(r"[a-z0-9-]+")
TOKEN = re.compile(r"\{\{\s*(main|dark|light)\s*\}\}")
FALLBACK = "grey"


@lru_cache(maxsize=1)
def colours() -> dict[str, str]:
    """Hex value of each colour of the demo catalogue."""
    return {
        str(name): entry["hex"]
        for name, entry in load_yaml(FOLDER / "terms.yml")["colours"].items()
    }


def shade(colour: str, towards: int, share: float) -> str:
    """`colour` (#rrggbb) mixed with a grey of the value `towards`."""
    parts = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(part + (towards - part) * share):02x}" for part in parts)


@lru_cache(maxsize=2000)
def draw(name: str, colour: str) -> str:
    """Raises NotFound for a drawing that there is not; an unknown colour is grey."""
    path = WEB / "pictures" / f"{name}.svg"
    if not NAME.fullmatch(name) or not path.is_file():
        raise NotFound(f"picture {name}")
    main = colours().get(colour) or colours()[FALLBACK]
    tones = {"main": main, "dark": shade(main, 0, 0.28), "light": shade(main, 255, 0.32)}
    return TOKEN.sub(lambda match: tones[match[1]], path.read_text(encoding="utf-8"))


async def picture(request: Request) -> Response:
    svg = draw(request.path_params["name"], request.path_params["colour"])
    headers = {
        "Cache-Control": "public, max-age=86400",
        # Opened on its own, a drawing may do nothing but be seen.
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return Response(svg, media_type="image/svg+xml", headers=headers)
