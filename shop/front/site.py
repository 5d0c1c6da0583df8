"""What all pages share: settings, texts, templates and the words for amounts and counts."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from babel import Locale as BabelLocale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from shop.model import Locale, Money, Price
from shop.policy import policy
from shop.settings import public_url

WEB = Path(__file__).parents[2] / "web"
DEFAULT_ASSISTANT_URL = "http://127.0.0.1:5005"


@dataclass(frozen=True)
class Site:
    settings: dict[str, Any]
    texts: dict[str, dict[str, Any]]
    templates: Environment
    public_url: str
    assistant_url: str

    @classmethod
    def load(cls, folder: Path = WEB / "shop") -> Site:
        settings = load_yaml(folder / "shop.yml")
        texts = {
            language: load_yaml(folder / "texts" / f"{language}.yml")
            for language in settings["languages"]
        }
        templates = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.filters.update(money=money, number=number, plural=plural, reduction=reduction)
        templates.filters.update(day=day, country=country)
        assistant = os.environ.get("ASSISTANT_URL", DEFAULT_ASSISTANT_URL).rstrip("/")
        return cls(settings, texts, templates, public_url(), assistant)

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.texts)

    @property
    def assistant_origin(self) -> str:
        return "{0.scheme}://{0.netloc}".format(urlsplit(self.assistant_url))

    def locale(self, language: str) -> Locale:
        return Locale(language, self.settings["currency"][language])

    def language(self, request: Request) -> str:
        """The language of the address, of the page before, of the browser, or the shop's own."""
        referrer = urlsplit(request.headers.get("referer", "")).path
        accepted = preferred(request.headers.get("accept-language", ""))
        wished = (request.url.path.split("/")[1], *referrer.split("/")[1:2], *accepted)
        return next((one for one in wished if one in self.texts), policy().default_language)

    @staticmethod
    def amount(minor: int, currency: str) -> Money:
        return Money(minor, currency)

    @staticmethod
    def promises() -> dict[str, str]:
        """What the legal texts name, from the shop's policy."""
        rules, contact = policy(), policy().contact
        return {
            "cutoff": f"{rules.dispatch.cutoff:%H:%M}",
            "window": str(rules.returns.window_days),
            "withdrawal": str(rules.returns.withdrawal_days),
            "send_back": str(rules.returns.send_back_days),
            "refund": "–".join(map(str, rules.returns.usual_refund_days)),
            "refund_limit": str(rules.returns.refund_days),
            "hold": str(rules.payment.hold_minutes),
            "email": contact.email,
            "complaints": contact.complaints_email,
            "privacy": contact.privacy_email,
            "jobs": contact.jobs_email,
        }

    def render(
        self, request: Request, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        language = values.pop("lang", None) or self.language(request)
        html = self.templates.get_template(template).render(
            site=self,
            shop=policy(),
            t=self.texts[language],
            lang=language,
            path=request.url.path,
            currency=self.settings["currency"][language],
            **values,
        )
        return HTMLResponse(html, status, {"Vary": "Accept-Language", "Cache-Control": "no-cache"})


def site_of(request: Request) -> Site:
    return request.app.state.site


def load_yaml(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def preferred(header: str) -> list[str]:
    """Language codes of an Accept-Language header, the most wanted first."""
    weighted = []
    for part in header.split(","):
        code, _, weight = part.strip().partition(";q=")
        try:
            weighted.append((-float(weight or 1), code[:2].lower()))
        except ValueError:
            continue
    return [code for _, code in sorted(weighted, key=lambda pair: pair[0])]


@pass_context
def money(context: Context, amount: Money) -> str:
    return format_currency(amount.decimal, amount.currency, locale=context["lang"])


@pass_context
def number(context: Context, value: float) -> str:
    return format_decimal(value, locale=context["lang"])


@pass_context
def day(context: Context, at: datetime) -> str:
    """A date in words, where the shop is."""
    return format_date(policy().local(at), "long", locale=context["lang"])


@pass_context
def country(context: Context, code: str) -> str:
    return BabelLocale(context["lang"]).territories.get(code, code)


@pass_context
def plural(context: Context, forms: dict[str, str], n: int, shown: str | None = None) -> str:
    """The form for `n`, with `shown` (a range that ends in n) in its place."""
    form = BabelLocale(context["lang"]).plural_form(n)
    return forms.get(form, forms["other"]).format(n=shown or n)


def reduction(price: Price) -> int:
    """Whole percent below the lowest price of the 30 days before, rounded down; 0 without one."""
    if price.lowest_30d is None or price.lowest_30d <= price.amount:
        return 0
    lowest = price.lowest_30d.minor
    return (lowest - price.amount.minor) * 100 // lowest
