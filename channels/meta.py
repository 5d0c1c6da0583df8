"""What Messenger, Instagram and WhatsApp share: Meta's Graph API and its webhooks.

https://developers.facebook.com/docs/graph-api/webhooks. A request is signed with the app's
secret; a failed one is repeated for hours (WhatsApp: for a week), so repeated and old messages
come. Versions of the API end after about two years: the setting `version` names another one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

import aiohttp
from sanic.response import HTTPResponse, text

from channels.base import Adapter, Incoming, each, json_object, same
from channels.calls import Answer, Call, Request, Sent, Trouble, by_status, exchange
from channels.guard import Refused

VERSION = "v25.0"
RATE = {4, 17, 32, 613, 80006, 80007, 130429, 131048, 131056, 133016}
"""Error codes that mean: too much at once."""
PASSING = {1, 2, 131000, 131016}
TOKEN = {102, 190}
CLOSED = {(10, 2018278), (131047, None), (100, 2018278)}
"""Code and subcode of a window that is over."""
GONE = {(551, None), (200, 1545041), (131050, None)}


class MetaAdapter(Adapter):
    """The parts that are alike. `needs` always holds the app's secret and both tokens."""

    api = "https://graph.facebook.com"
    of: str
    """The `object` of the webhooks that are ours."""

    def verify(self, request: Incoming) -> None:
        digest = hmac.new(self["app_secret"].encode(), request.body, hashlib.sha256).hexdigest()
        same(request.headers.get("x-hub-signature-256"), f"sha256={digest}")

    def challenge(self, request: Incoming) -> HTTPResponse | None:
        query = request.query
        if query.get("hub.mode") != "subscribe":
            raise Refused(403, "mode")
        try:
            same(query.get("hub.verify_token"), self["verify_token"])
        except Refused as refused:
            raise Refused(403, "token") from refused
        return text(query.get("hub.challenge", ""))

    def entries(self, body: bytes) -> Iterable[Mapping[str, Any]]:
        """The entries of a webhook that is about this kind of account."""
        whole = json_object(body)
        return each(whole, "entry") if whole.get("object") == self.of else []

    def request(self, call: Call, key: str) -> Request:
        version = self["version"] or VERSION
        headers = {"Authorization": f"Bearer {self['token']}"}
        return Request(f"{self.host}/{version}/{call.path}", headers, dict(call.body))

    async def subscribe(
        self, http: aiohttp.ClientSession, url: str, fields: Iterable[str]
    ) -> list[str]:
        """Sets the app's webhook, if the setting `app_id` says which app; else a person must."""
        if not self["app_id"]:
            return [f"in the app's dashboard set the callback URL {url} and the verify_token"]
        form = [
            ("object", self.of),
            ("callback_url", url),
            ("verify_token", self["verify_token"]),
            ("fields", ",".join(fields)),
            ("access_token", f"{self['app_id']}|{self['app_secret']}"),
        ]
        where = f"{self.host}/{self['version'] or VERSION}/{self['app_id']}/subscriptions"
        sent = self.judge(await exchange(http, Request(where, form=form)))
        if sent.error:
            raise Trouble(f"subscriptions: {sent.error}")
        return []

    def judge(self, answer: Answer) -> Sent:
        error = answer.body.get("error") if isinstance(answer.body, dict) else None
        if not isinstance(error, dict):
            return by_status(answer)
        code, subcode = error.get("code"), error.get("error_subcode")
        words = f"{code}/{subcode or ''} {str(error.get('message', ''))[:100]}"
        if code in RATE:
            return Sent("later", words, 6.0 if code == 131056 else 30.0, everyone=code != 131056)
        if code in TOKEN:  # somebody is going to mend it
            return Sent("later", words, 60.0)
        if {(code, subcode), (code, None)} & CLOSED:
            return Sent("closed", words)
        if {(code, subcode), (code, None)} & GONE:
            return Sent("left", words)
        if code in PASSING or answer.status >= 500:
            return Sent("later", words)
        return Sent("refused", words)
