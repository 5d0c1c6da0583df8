"""Products by the one word of their name that is theirs alone: "Storm" of "Storm rain jacket"."""

import re
from collections import Counter
from collections.abc import Mapping

from nlu.text import fold

CAPITALISED = re.compile(r"[^\W\d_a-z][^\W\d_]{2,}")


def model_words(products: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Folded word -> product id: capitalised words that stand in the product's name in every
    language (a name in one language only: not the first word) and in no other product's."""
    named = {product: _own_words(list(names.values())) for product, names in products.items()}
    uses = Counter(word for words in named.values() for word in words)
    return {word: product for product, words in named.items() for word in words if uses[word] == 1}


def _own_words(names: list[str]) -> set[str]:
    if len(names) == 1:
        return {fold(word) for word in CAPITALISED.findall(names[0].partition(" ")[2])}
    spoken = [{fold(word) for word in CAPITALISED.findall(name)} for name in names]
    return set.intersection(*spoken) if spoken else set()
