"""What was said in a conversation, for the people who read it later."""

from __future__ import annotations

from actions.turn import Turn


def transcript(turn: Turn) -> tuple[tuple[str, str], ...]:
    """The last words of both sides, oldest first."""
    said = [
        ("shopper" if event["event"] == "user" else "assistant", event.get("text") or "")
        for event in turn.tracker.events
        if event["event"] in ("user", "bot") and event.get("text")
    ]
    return tuple(said[-40:])
