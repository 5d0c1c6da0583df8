"""Static files; the widget's may be used by pages of any origin."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class Files(StaticFiles):
    """Files are revalidated by ETag, so that a new version shows at once."""

    def __init__(self, *, cross_origin: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.cross_origin = cross_origin

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        if self.cross_origin:
            # Modules and style sheets of another origin load only with CORS.
            response.headers["Access-Control-Allow-Origin"] = "*"
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response
