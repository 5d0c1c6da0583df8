"""HTML as the words that a reader sees. Quoted parts get the marks that quotes have in text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

CUT = "-----Original Message-----"
"""A line after which all is quoted."""
_HIDDEN = {"head", "style", "script", "title", "template"}
_BLOCKS = {
    *("address", "article", "blockquote", "center", "div", "dl", "dt", "dd", "fieldset", "form"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "section", "table", "tr"),
    "ul",
}
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_QUOTED = re.compile(
    r"gmail_(quote|extra|attr)|yahoo_quoted|moz-cite-prefix|protonmail_quote", re.I
)
_CUTS = re.compile(r"divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message", re.I)
_SIGNED = re.compile(
    r"gmail_signature|moz-signature|protonmail_signature|ms-outlook-mobile-sig", re.I
)
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}


def plain(html: str) -> str:
    """Never raises; what is no HTML is taken as text."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, bool, bool]] = []
        """Elements that are open: name, whether hidden, whether quoted."""
        self._lines: list[str] = []
        self._line = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._break(always=True)
            return
        if tag in _BLOCKS:
            self._break()
        marks = " ".join(value or "" for name, value in attrs if name in ("id", "class"))
        if _CUTS.search(marks):
            self._lines.append(CUT)
        if tag in _VOID:
            return
        style = next((value or "" for name, value in attrs if name == "style"), "")
        hidden = tag in _HIDDEN or bool(_SIGNED.search(marks))
        hidden = hidden or "display:none" in style.replace(" ", "").lower()
        quoted = tag == "blockquote" or bool(_QUOTED.search(marks))
        self._open.append((tag, hidden, quoted))

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _, _ in self._open]
        if tag in _BLOCKS:
            self._break()
        if tag in _PARAGRAPHS:
            self._lines.append("")
        if tag in names:  # and what was left open inside
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        if not any(hidden for _, hidden, _ in self._open):
            if any(name == "pre" for name, _, _ in self._open):
                first, *others = data.split("\n")
                self._line += first
                for other in others:
                    self._break(always=True)
                    self._line = other
            else:
                self._line += re.sub(r"\s+", " ", data)
                if self._line.isspace():
                    self._line = ""

    def _break(self, always: bool = False) -> None:
        if self._line.strip() or always:
            quoted = any(quoted for _, _, quoted in self._open)
            self._lines.append(("> " if quoted else "") + self._line.replace("\xa0", " ").strip())
        self._line = ""

    def text(self) -> str:
        self._break()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines)).strip()
