"""E-mail between real servers: mails in, one mail out for a turn, trouble on both sides."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from rasa.shared.exceptions import RasaException

from channels.calls import Trouble
from channels.inbox.lock import alone
from channels.mail import Mail
from channels.render import Reply
from tests.channels.fake_platform import Office, Platform, Reaction
from tests.channels.mail_servers import PASSWORD, USER, Servers
from tests.channels.mails import ANNA, GIVEN, TO, body, links, mail
from tests.channels.parrot import Assistant, inbox
from tests.channels.test_receive import until


@pytest.fixture(scope="module")
def post() -> Iterator[Servers]:
    with Servers() as servers:
        yield servers


@pytest.fixture
def servers(post: Servers) -> Servers:
    post.empty()
    return post


def texts(servers: Servers, count: int) -> list[str]:
    """The plain text of each mail that was sent, waited for."""
    until(lambda: len(servers.postman.mails) >= count)
    return [body(mail, "plain") for mail in servers.postman.mails]


def test_a_mail_is_answered_in_its_thread(servers: Servers, tmp_path: Path) -> None:
    with Assistant(Mail({**servers.settings, "database": inbox(tmp_path)})) as assistant:
        servers.arrive(mail("hello", Subject="My order", References="<a@x>"))
        assert texts(servers, 1) == ["You said hello"]
        (heard,) = assistant.parrot.heard
        until(lambda: servers.unread() == 0)
    assert heard.sender_id == f"mail:{USER}:{ANNA}"
    assert (heard.message_id, heard.metadata["subject"]) == ("<m1@example.com>", "My order")
    (answer,) = servers.postman.mails
    assert (answer["To"], answer["From"]) == (ANNA, f"Halny <{USER}>")
    assert (answer["Subject"], answer["In-Reply-To"]) == ("Re: My order", "<m1@example.com>")
    assert answer["References"] == "<a@x> <m1@example.com>"
    assert (answer["Auto-Submitted"], answer["X-Auto-Response-Suppress"]) == ("auto-replied", "All")
    assert re.fullmatch(r"<[0-9a-f]{32}@shop.example>", answer["Message-ID"])
    assert answer.get_content_type() == "multipart/alternative"


def test_a_link_and_a_number_choose(servers: Servers, tmp_path: Path) -> None:
    with Assistant(Mail({**servers.settings, "database": inbox(tmp_path)})) as assistant:
        servers.arrive(mail("menu", Message_ID="<m2@x>"))
        (menu,) = texts(servers, 1)
        assert "\n1. Number 0 of" in menu
        shown = links(body(servers.postman.mails[0], "html"))
        link = urlsplit(next(link for title, link in shown.items() if title.startswith("2. ")))
        assert link.path == USER
        written = parse_qs(link.query)["body"][0]
        servers.arrive(mail(written + "\n\nSent from my iPhone", Message_ID="<m3@x>"))
        texts(servers, 2)
        servers.arrive(mail("menu", Message_ID="<m4@x>"))
        texts(servers, 3)
        servers.arrive(mail("two\n\n> quoted", Message_ID="<m5@x>"))
        texts(servers, 4)
        servers.arrive(mail(written, Message_ID="<m6@x>", From="jan@example.com"))
        texts(servers, 5)
        given = [message.text for message in assistant.parrot.heard]
    assert given == ["menu", "/pick1", "menu", "/pick1", given[4]]
    assert given[4].startswith("Number 1 of")


def test_a_mail_that_lies_there_twice_or_after_a_restart_is_answered_once(
    servers: Servers, tmp_path: Path
) -> None:
    settings = {**servers.settings, "database": inbox(tmp_path)}
    servers.arrive(mail("one", Message_ID="<o1@x>"))
    servers.arrive(mail("one", Message_ID="<o1@x>"))
    servers.arrive(mail("old", Message_ID="<o2@x>"), days_ago=5)
    servers.arrive(mail("a day old", Message_ID="<o3@x>"), days_ago=1.1)
    servers.arrive(mail("gone", Message_ID="<o4@x>", Auto_Submitted="auto-replied"))
    with Assistant(Mail(settings)):
        texts(servers, 1)
        until(lambda: servers.unread() == 1)
    servers.forget_marks()
    with Assistant(Mail(settings)) as again:
        servers.arrive(mail("two", Message_ID="<o5@x>"))
        assert texts(servers, 2) == ["You said one", "You said two"]
        assert [message.text for message in again.parrot.heard] == ["two"]


def test_one_process_listens(servers: Servers, tmp_path: Path) -> None:
    """The other one takes over when it ends."""

    servers.arrive(mail("hello", Message_ID="<l1@x>"))
    lock = alone(inbox(tmp_path), "mail.listen")
    loop = asyncio.new_event_loop()
    loop.run_until_complete(lock.__aenter__())
    with Assistant(Mail({**servers.settings, "database": inbox(tmp_path)})) as assistant:
        with pytest.raises(AssertionError):
            until(lambda: bool(assistant.parrot.heard), seconds=1.5)
        loop.run_until_complete(lock.__aexit__(None, None, None))
        assert texts(servers, 1) == ["You said hello"]
    loop.close()


@pytest.mark.parametrize(
    ("script", "states", "mails"),
    [
        (["451 try later"], [("sent", "SMTP 451")], 1),
        (["RCPT 450 greylisted"], [("sent", "SMTP 450")], 1),
        (["RCPT 550 no such user"], [("refused", "SMTP 550")], 0),
        (["554 no"], [("refused", "SMTP 554")], 0),
        (["drop"], [("unknown", "SMTPServerDisconnected")], 0),
        (["lost"], [("unknown", "SMTPServerDisconnected")], 1),
    ],
)
def test_what_the_server_answers_is_understood(
    servers: Servers, tmp_path: Path, script: list[str], states: list[Any], mails: int
) -> None:
    async def scenario() -> None:
        servers.postman.script = script
        office = Office(Mail(servers.settings), tmp_path)
        await office.say(ANNA, Reply("One"), Reply("Two"), to=TO)
        found = await office.send(10)
        assert [state for state, _ in found] == [state for state, _ in states]
        assert [error or "" for _, error in found] == [
            "" if state == "sent" else error for state, error in states
        ]

    asyncio.run(scenario())
    assert len(servers.postman.mails) == mails


def test_a_server_that_is_away_gets_the_mail_later(servers: Servers, tmp_path: Path) -> None:
    async def scenario() -> None:
        for broken in ({"smtp": "smtp+plain://127.0.0.1:9"}, {"password": "other"}):
            office = Office(Mail({**servers.settings, **broken}), tmp_path / "".join(broken))
            await office.say(ANNA, Reply("One"), to=TO)
            ((state, error),) = await office.send(0.5)
            assert state == "waiting"
            assert error in ("SMTPConnectError", "SMTP 535")

    asyncio.run(scenario())
    assert servers.postman.mails == []


@pytest.mark.parametrize(
    "given",
    [
        {"imap": ""},
        {"smtp": "smtp.shop.example"},
        {"imap": "http://x"},
        {"password": ""},
        {"password": "${MAIL_PASSWORD}"},
    ],
    ids=str,
)
def test_it_does_not_start_without(given: dict[str, Any]) -> None:
    with pytest.raises(RasaException, match=r"missing|no address"):
        Mail.from_credentials({**GIVEN, **given})


def test_it_checks_both_servers(servers: Servers) -> None:
    async def scenario() -> None:
        async with aiohttp.ClientSession() as http:
            ours = Mail({**servers.settings, "authserv": "mx"})
            assert await ours.check(http, "") == []
            wrong = Mail({**servers.settings, "password": "other"})
            said = await wrong.check(http, "")
            assert [problem.partition(" ")[0] for problem in said] == ["set", "IMAP:", "SMTP:"]
            assert not re.search("other|help", " ".join(said))

    asyncio.run(scenario())


def test_a_token_is_got_first_where_no_password_is_taken(tmp_path: Path) -> None:
    async def scenario(platform: Platform) -> None:
        oauth = {"client": "c", "secret": PASSWORD, "refresh": "r1", "url": platform.url + "/token"}
        known = {**GIVEN, "password": "", "oauth": oauth, "database": inbox(tmp_path)}
        async with aiohttp.ClientSession() as http:
            login = await Mail(known)._login(http)
            assert (login.user, login.password, login.token) == (GIVEN["address"], "", "t1")
            assert (await Mail(known)._login(http)).token == "t1"
            (heard,) = platform.heard
            assert dict(heard.body) == {
                "grant_type": "refresh_token",
                "refresh_token": "r1",
                "client_id": "c",
                "client_secret": PASSWORD,
            }
            platform.script = [Reaction(400, {"error": "invalid_grant"})]
            with pytest.raises(Trouble, match="invalid_grant"):
                await Mail({**known, "oauth": {**oauth, "refresh": "r2"}})._login(http)

    with Platform({"access_token": "t1", "expires_in": 3600}) as platform:
        asyncio.run(scenario(platform))
