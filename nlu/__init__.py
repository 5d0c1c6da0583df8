"""Understanding: what the components of `config.yml` are made of."""

LABEL = "label"
"""Message property of a training phrase: the full label, `faq/delivery_cost` or `track_order`."""

LANGUAGE = "language"
"""Message property of a training phrase, and the entity: the two letters of the language."""

MEANT = "meant"
"""Message property: the text without capitals, signs and typos, as far as these are known."""

BARE_VALUES = "bare_values"
"""Message property: nothing but entities and small words stands in the message."""

PARTS = "parts"
"""Message property: the pieces that a message may be cut into, each a `nlu.parts.Part`."""

CLAUSES = "clauses"
"""Message property and output: where each wish stands, {"start", "end", "intent", "confidence"}."""
