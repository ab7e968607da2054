"""Small differences between the engine and SPARQL 1.1, put right in the query before the engine reads it.

Each was found with the W3C suite; tests/w3c_sparql runs it and lists what is left.
"""

import re

from pledgegraph import sparql

_NEEDS_MENDING = re.compile(r"GROUP_CONCAT|TRUE|FALSE", re.IGNORECASE)


def mend(query: str) -> str:
    """Rewrite what the engine reads otherwise than SPARQL 1.1 has it.

    * GROUP_CONCAT over strings that share a language gives a string in that language; SPARQL 1.1 §18.5.1.7 has a simple
      literal, which STR around it makes.
    * `TRUE` and `False` are keywords in any case; the engine knows lower case alone.
    """
    if not _NEEDS_MENDING.search(query):
        return query
    tokens = list(sparql.tokens(query))
    parts: list[str] = []
    end = 0
    closing: list[bool] = []  # for each bracket open, whether STR is to be closed with it
    for index, token in enumerate(tokens):
        text = token.text
        if token.is_word("TRUE", "FALSE"):
            text = text.lower()
        elif token.is_word("GROUP_CONCAT"):
            text = f"STR({text}"
        elif text == "(":
            closing.append(index > 0 and tokens[index - 1].is_word("GROUP_CONCAT"))
        elif text == ")" and closing and closing.pop():
            text = "))"
        if text != token.text:
            parts += (query[end : token.start], text)
            end = token.end
    return "".join((*parts, query[end:]))
