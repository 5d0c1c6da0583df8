"""Answers to questions about the shop: words in data/<topic>/, facts from shop/policy.yml."""

from __future__ import annotations

from actions.answers import country_named
from actions.base import Events, ShopAction
from actions.facts import facts
from actions.turn import Turn
from shop.policy import policy


class Answer(ShopAction):
    """Answers a retrieval intent ("faq/blik", "smalltalk/joke") with the response of that name."""

    def name(self) -> str:
        return "action_answer"

    async def serve(self, turn: Turn) -> Events:
        asked, country = question(turn), None if turn.tapped else country_named(turn.text)
        elsewhere = country is not None and country not in policy().countries
        if elsewhere and asked.startswith("faq/delivery"):
            turn.say("utter_not_delivered_to")
        else:
            turn.say(f"utter_{asked}", **facts(turn.locale, None if elsewhere else country))
        return []


def question(turn: Turn) -> str:
    """ "faq/blik": tapped as /faq{"question": "blik"}, or what the classifier chose."""
    if turn.value("question"):
        return f"{turn.intent}/{turn.value('question')}"
    chosen = turn.message.get("response_selector") or {}
    return chosen[turn.intent]["response"]["intent_response_key"]
