"""Host pages that embed the widget, from friendly to hostile."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

CSP = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self'; style-src 'self'; "
    "base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SCRIPT = (
    '<script type="module" src="/widget/shopkeeper.js" data-assistant="{assistant}/webhooks/web"'
    ' data-currency="PLN" data-privacy="/privacy"{attributes}></script>'
)
BODY = """
<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>Shop</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/{css}.css"><script src="/host.js"></script>{script}</head>
<body><main><h1>Shop</h1><p><a href="/product">A product</a>
<button type="button" data-shopkeeper-ask="two">Ask two</button></p>
<div class="tall"></div></main></body></html>
"""
CSS = {
    "plain": (
        "html{color-scheme:light dark;background:Canvas;color:CanvasText}"
        "body{font:16px sans-serif}.tall{height:1500px}"
    ),
    "hostile": (
        "html{font-size:62.5%}*{all:unset!important}"
        "button,div,section,p{color:red!important;font:900 40px serif!important;float:left}"
        "shopkeeper-chat{display:none;position:absolute;font-size:4px;opacity:1}"
    ),
}
HOST = """
window.events = [];
window.keys = [];
for (const name of ["ready", "open", "close", "message", "unread", "choice", "error"])
  addEventListener(`shopkeeper:${name}`, (event) => window.events.push([name, event.detail]));
addEventListener("keydown", (event) => window.keys.push(event.key));
addEventListener("securitypolicyviolation", (event) => {
  (window.violations ??= []).push(`${event.violatedDirective} ${event.blockedURI}`);
});
"""
PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 500"><rect width="400" height="500"'
    ' fill="#e9ecef"/><path d="M120 120h160l40 260H80z" fill="#0b5d4e"/></svg>'
)


async def host_page(request: Request) -> HTMLResponse:
    query = request.query_params
    known = {"theme", "persist", "position", "accent", "lang"}
    attributes = "".join(f' data-{key}="{query[key]}"' for key in known & set(query))
    assistant = query.get("assistant", "")
    html = BODY.format(
        lang=query.get("html", "en"),
        css=query.get("css", "plain"),
        script=SCRIPT.format(assistant=assistant, attributes=attributes),
    )
    csp = CSP.replace("connect-src 'self'", f"connect-src 'self' {assistant}")
    return HTMLResponse(html, headers={"Content-Security-Policy": csp})


async def host_css(request: Request) -> Response:
    return Response(CSS[request.path_params["name"]], media_type="text/css")


async def host_js(request: Request) -> Response:
    return Response(HOST, media_type="text/javascript")


async def picture(request: Request) -> Response:
    return Response(PICTURE, media_type="image/svg+xml")
