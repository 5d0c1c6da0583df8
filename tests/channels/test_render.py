"""Rasa's message dictionaries as replies."""

from hypothesis import given
from hypothesis import strategies as st

from channels.render import Button, Reply, replies

CARD = {
    "title": "Storm",
    "subtitle": "Three layers",
    "image_url": "/images/storm.svg",
    "url": "https://shop.example/storm",
    "product": {"id": "storm", "price": "129.90", "in_stock": True, "cost": "40.00"},
    "buttons": [{"title": "Add", "payload": "/add"}],
}


def test_a_message_keeps_all_its_parts() -> None:
    said = {
        "text": "Found:",
        "lang": "pl",
        "buttons": [{"title": "More", "payload": "/more"}],
        "quick_replies": [{"title": "Pay", "url": "https://pay.example/1"}],
        "image": "https://shop.example/a.png",
        "elements": [CARD],
    }
    (reply,) = replies([said])
    assert (reply.text, reply.lang) == ("Found:", "pl")
    assert reply.buttons == (Button("More", "/more"), Button("Pay", None, "https://pay.example/1"))
    assert reply.as_dict(lambda button: f"id-of-{button.payload}") == {
        "text": "Found:",
        "lang": "pl",
        "buttons": [
            {"title": "More", "choice": "id-of-/more"},
            {"title": "Pay", "url": "https://pay.example/1"},
        ],
        "cards": [
            {
                "id": "storm", "title": "Storm", "subtitle": "",
                "url": "https://shop.example/storm",
                "image": {"src": "/images/storm.svg", "alt": "Storm"},
                "price": "129.90", "currency": None, "regular": None, "lowest_30d": None,
                "rating": None, "reviews": None, "note": None, "in_stock": True,
                "buttons": [{"title": "Add", "choice": "id-of-/add"}],
            }
        ],
        "image": {"src": "https://shop.example/a.png", "alt": ""},
    }  # fmt: skip


def test_buttons_without_text_join_the_message_before() -> None:
    one, two = {"title": "One", "payload": "/a"}, {"title": "Two", "payload": "/b"}
    (reply,) = replies([{"text": "Which?", "buttons": [one]}, {"text": None, "buttons": [two]}])
    assert reply == Reply("Which?", buttons=(Button("One", "/a"), Button("Two", "/b")))


def test_empty_and_repeated_messages_are_left_out() -> None:
    assert replies([{"text": "A"}, {"text": " "}, {"text": "A"}, {"custom": {}}]) == [Reply("A")]


def test_a_link_that_would_run_a_script_is_left_out() -> None:
    for bad in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "http://[",
        "vbscript:x",
    ):
        said = {"text": "x", "image": bad, "buttons": [{"title": "Go", "url": bad}]}
        assert (
            replies([{**said, "elements": [{"title": "t", "url": bad, "image_url": bad}]}])[
                0
            ].as_dict(str)["cards"][0]["url"]
            is None
        )
        assert replies([said]) == [Reply("x")]


buttons = st.lists(st.fixed_dictionaries({"title": st.text(), "payload": st.text()}), max_size=5)
cards = st.fixed_dictionaries({"title": st.text(), "buttons": buttons})
said = st.fixed_dictionaries(
    {},
    optional={
        "text": st.none() | st.text(),
        "buttons": st.none() | buttons,
        "elements": st.none() | st.lists(cards),
    },
)


@given(st.lists(said, max_size=4))
def test_no_payload_leaves_and_every_choice_is_offered_once(turn: list[dict[str, object]]) -> None:
    for reply in replies(turn):
        offered: list[Button] = []
        reply.as_dict(lambda button, to=offered: to.append(button) or "id")  # type: ignore[misc]
        assert offered == reply.choices()
