"""The address of a passage: normalisation, words, uniqueness and digest."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given, strategies as st

from pledgegraph.provenance import PassageAddress, address, digest, enclosing_sentence, find, normalise

INVENTED = """1. **Noting** that the blue heron\u00a0waits;
2. **URGES** all ferrymen of the lake to:

   - a. moor their boats at dusk, as the “harbour rule” asks;
   - b. moor their boats at dawn, as the “harbour rule” asks;

The heron waits. The heron waits. It flew off on Oct. 4 at noon."""


def words_of(text: str, found: PassageAddress) -> str:
    """The one passage of `text` that the address names."""
    normal = normalise(text)
    ((start, end),) = find(normal, found)
    return normal[start:end]


def address_of(words: str, text: str = INVENTED) -> PassageAddress:
    """The address of the first place `words` stand at, taken as they are in the raw text."""
    start = text.index(words)
    return address(text, start, start + len(words))


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("  one\u2003two\r\n\tthree\u00a0", "one two three"),
        ("e\u0301tat", "état"),
        ("**bold** and *leaning* and `code`", "bold and leaning and code"),
        ("_leaning_ but snake_case and a_b_", "leaning but snake_case and a_b"),
        ("## Heading\n> quoted", "Heading quoted"),
        ("issue #5 and 3 > 2", "issue #5 and 3 > 2"),
        ('“quoted” ‘words’ "stay"', '“quoted” ‘words’ "stay"'),
        ("13. (a) - • stay", "13. (a) - • stay"),
        ("\u001cnot white space", "\u001cnot white space"),
        ("", ""),
    ],
)
def test_normalisation_takes_away_what_differs_between_copies_and_nothing_else(raw: str, normal: str) -> None:
    assert normalise(raw) == normal


def test_address_is_the_first_and_last_four_words_and_the_digest_of_the_normalised_text() -> None:
    found = address_of("**Noting** that the blue heron\u00a0waits;")
    assert found == PassageAddress(
        "Noting that the blue",
        "the blue heron waits;",
        digest=hashlib.sha256(b"Noting that the blue heron waits;").hexdigest(),
    )


def test_marks_cut_in_two_by_the_offsets_do_not_change_the_address() -> None:
    inner = INVENTED.index("Noting")
    end = INVENTED.index(";")
    assert address(INVENTED, inner, end) == address(INVENTED, inner - 2, end)


def test_words_before_and_after_are_added_only_where_needed() -> None:
    assert address_of("a. moor their boats at dusk, as the “harbour rule” asks;").words_before == ""
    first = address_of("moor their boats at dusk, as the “harbour rule” asks;")
    assert (first.words_before, first.words_after) == ("a.", "")
    second = address_of("moor their boats at dawn, as the “harbour rule” asks;")
    assert (second.words_before, second.words_after) == ("b.", "")


def test_the_second_of_two_equal_sentences_is_told_apart() -> None:
    start = INVENTED.rindex("The heron waits.")
    second = address(INVENTED, start, start + len("The heron waits."))
    ((begin, _),) = find(normalise(INVENTED), second)
    assert begin == normalise(INVENTED).rindex("The heron waits.")


def test_a_passage_that_opens_the_text_and_opens_again_takes_more_first_words() -> None:
    text = "a b c d e. a b c d f. END"
    found = address(text, 0, len(text))
    assert words_of(text, found) == text
    assert len(found.first_words.split()) > 4


@pytest.mark.parametrize(("start", "end"), [(-1, 4), (4, 4), (0, 10_000)])
def test_offsets_outside_the_text_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="outside a text of"):
        address(INVENTED, start, end)


def test_offsets_that_hold_no_words_or_cut_a_word_are_refused() -> None:
    with pytest.raises(ValueError, match="hold no words"):
        address("a ** b", 1, 4)
    with pytest.raises(ValueError, match="cut through a word"):
        address("one heron", 0, 6)


def test_find_reports_what_is_missing_and_what_is_ambiguous() -> None:
    text = normalise(INVENTED)
    assert find(text, PassageAddress("no such words stand", "here at all today")) == []
    assert len(find(text, PassageAddress("The heron waits.", "The heron waits."))) == 2
    assert find(text, PassageAddress("", "")) == []
    assert find("preheron waits", PassageAddress("heron waits", "heron waits")) == []


@given(
    st.lists(st.sampled_from(["a", "b", "**a**", "_b_", "“a”", "e\u0301", "b.", "\n", "\u00a0"]), min_size=1), st.data()
)
def test_an_address_always_leads_back_to_its_own_passage(words: list[str], data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    text = " ".join(words)
    begin = len(" ".join([*words[:start], ""]))
    try:
        found = address(text, begin, begin + len(" ".join(words[start:end])))
    except ValueError as error:
        assert "hold no words" in str(error)  # only blanks were chosen
        return
    passage = words_of(text, found)
    assert digest(passage) == found.digest
    assert passage == normalise(" ".join(words[start:end]))


@pytest.mark.parametrize("length", range(1, 14))
def test_every_passage_of_a_text_of_one_word_has_an_address(length: int) -> None:
    text = " ".join("a" * length)
    for start in range(length):
        for end in range(start + 1, length + 1):
            assert find(text, address(text, 2 * start, 2 * end - 1)) == [(2 * start, 2 * end - 1)]


@given(st.text())
def test_normalisation_is_idempotent_on_plain_text(text: str) -> None:
    assume(not set("*_`#>") & set(text))
    assert normalise(normalise(text)) == normalise(text)


@pytest.mark.parametrize(
    ("inside", "whole"),
    [
        ("blue heron", "**Noting** that the blue heron\u00a0waits;"),
        ("at dawn", "moor their boats at dawn, as the “harbour rule” asks;"),
        ("flew", "It flew off on Oct. 4 at noon."),
        ("heron waits. The", "The heron waits. The heron waits."),
    ],
)
def test_the_enclosing_sentence_leaves_list_marks_out(inside: str, whole: str) -> None:
    start = INVENTED.index(inside)
    begin, end = enclosing_sentence(INVENTED, start, start + len(inside))
    assert INVENTED[begin:end] == whole
