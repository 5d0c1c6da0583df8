"""Rasa's rules, found without going through the whole conversation and all rules each time."""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from rasa.core.policies.policy import State
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT, TEXT

Wanted = list[tuple[str, str, Any]]
"""What a rule says of a turn: kind of state, key, value (`SHOULD_NOT_BE_SET` for none)."""
Rule = list[tuple[bool, Wanted]]
Anchor = tuple[str | None, str | None]
"""The action before and the intent of a turn; None where a rule leaves it open."""


@DefaultV1Recipe.register(
    DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True
)
class QuickRules(RulePolicy):
    """Predicts what `RulePolicy` predicts: trained by it, held to it by tests/nlu/test_rules.py.

    Rules look back a few turns, so only the states of those are made; each rule's states are laid
    out once, and found by its last turn; and where no rule holds a shopper's words, the search for
    such words is left out.
    """

    _compiled: dict[str, Rule] | None = None
    _anchored: dict[Anchor, list[str]]
    _quotes = False
    """Whether any rule holds a shopper's words."""

    def _prediction_states(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        states = last_states(tracker, domain, max(map(len, self._rules().values()), default=1))
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _find_action_from_rules(
        self, tracker: DialogueStateTracker, domain: Domain, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        self._rules()
        if use_text_for_last_user_input and not self._quotes:
            return None, None, False
        return super()._find_action_from_rules(tracker, domain, use_text_for_last_user_input)

    def _get_possible_keys(self, lookup: dict[str, str], states: list[State]) -> set[str]:
        rules, past = self._rules(), states[::-1]
        near = (key for anchor in anchors(states[-1]) for key in self._anchored.get(anchor, ()))
        return {key for key in near if key in lookup and applies(rules[key], past)}

    def _rules(self) -> dict[str, Rule]:
        """Each key of the lookups as what it says of the last turn, the one before, ..."""
        if self._compiled is None:
            keys = {
                key for table in self.lookup.values() if isinstance(table, dict) for key in table
            }
            self._compiled = {key: compiled(json.loads(key)) for key in sorted(keys)}
            self._anchored = defaultdict(list)
            for key, rule in self._compiled.items():
                self._anchored[anchor(rule)].append(key)
            self._quotes = any(
                kind == USER and name == TEXT
                for key in self.lookup[RULES]
                for _, wanted in self._compiled[key]
                for kind, name, _ in wanted
            )
        return self._compiled


def anchor(rule: Rule) -> Anchor:
    """What the rule's last turn must have; any turn may be one where a rule only begins."""
    begins, wanted = rule[0]
    said = {(kind, key): value for kind, key, value in wanted if value != SHOULD_NOT_BE_SET}
    if begins:
        return None, None
    return said.get((PREVIOUS_ACTION, ACTION_NAME)), said.get((USER, INTENT))


def anchors(state: State) -> set[Anchor]:
    """Those of the rules that may apply to a conversation in this state."""
    action = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    intent = state.get(USER, {}).get(INTENT)
    return {(a, i) for a in (None, action) for i in (None, intent)}


def compiled(states: list[State]) -> Rule:
    """For each state, the last one first: whether it begins the conversation, and what it says."""
    return [
        (
            not state.get(PREVIOUS_ACTION),
            [
                (kind, key, tuple(value) if isinstance(value, list) else value)
                for kind, part in state.items()
                for key, value in part.items()
                if value
            ],
        )
        for state in reversed(states)
    ]


def applies(rule: Rule, past: list[State]) -> bool:
    for (begins, wanted), state in zip(rule, past, strict=False):
        is_beginning = not state.get(PREVIOUS_ACTION)
        if begins and is_beginning:
            continue
        if begins or is_beginning or not all(holds(state, *one) for one in wanted):
            return False
    return True


def holds(state: Mapping[str, Any], kind: str, key: str, value: Any) -> bool:
    found = state.get(kind, {}).get(key)
    if value == SHOULD_NOT_BE_SET:
        return not found or found == SHOULD_NOT_BE_SET
    return bool(found == value)


def last_states(tracker: DialogueStateTracker, domain: Domain, count: int) -> list[State]:
    """The last `count` of `tracker.past_states(domain)`."""
    events = tracker.applied_events()
    ends = [i for i, event in enumerate(events) if isinstance(event, ActionExecuted)]
    first = ends[-count + 1] if 1 < count <= len(ends) else (len(events) if count == 1 else 0)
    replay = DialogueStateTracker(tracker.sender_id, _telling(tracker))
    states = []
    for place, event in enumerate(events):
        if isinstance(event, ActionExecuted) and place >= first:
            states.append(domain.get_active_state(replay))
        if _matters(event, replay):
            event.apply_to(replay)
    return [*states, domain.get_active_state(replay)]


def _telling(tracker: DialogueStateTracker) -> list[Any]:
    """The slots that states speak of."""
    return [slot for slot in tracker.slots.values() if slot.influence_conversation]


def _matters(event: Event, replay: DialogueStateTracker) -> bool:
    return not isinstance(event, SlotSet) or event.key in replay.slots
