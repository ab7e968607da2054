"""Printed names to states: spellings, run-together lists, groups and formulas."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from pledgegraph import content
from pledgegraph.errors import InputError
from pledgegraph.importers.names import Names, key
from pledgegraph.importers.nodes import node, text
from pledgegraph.terms import ID


@pytest.fixture(scope="module")
def names() -> Names:
    return Names.from_content(content.find())


@pytest.mark.parametrize(
    ("printed", "slug"),
    [
        ("TURKEY", "turkiye"),
        ("TURKIYE", "turkiye"),
        ("TÜRKIYE", "turkiye"),
        ("TÜRKİYE", "turkiye"),
        ("TÜRKÝYE", "turkiye"),
        ("NETHERLANDS", "netherlands"),
        ("NETHERLANDS (KINGDOM OF THE)", "netherlands"),
        ("COTE D'IVOIRE", "cote-divoire"),
        ("CÔTE D’IVOIRE", "cote-divoire"),
        ("NAMIBIA", "namibia"),
        ("CONGO", "congo"),
        ("THE DEMOCRATIC REPUBLIC OF THE CONGO", "democratic-republic-of-the-congo"),
        ("NIGER", "niger"),
        ("NIGERIA", "nigeria"),
        ("GUINEA BISSAU", "guinea-bissau"),
        ("GUINEA\xa0", "guinea"),
        ("Bahamas (the)", "bahamas"),
        ("THEREPUBLIC OF KOREA", "south-korea"),
        ("DEMOCRATIC PEOPLE’S REPUBLIC OF KOREA", "north-korea"),
        ("State of Palestine", "palestine"),
        ("Holy See", "holy-see"),
        ("Kosovo", "kosovo"),
    ],
)
def test_each_spelling_finds_its_state(names: Names, printed: str, slug: str) -> None:
    assert names.resolve(printed) == ID(slug)


@pytest.mark.parametrize(
    "printed", ["", " ", "the", "PRINCIPE", "ISLANDS", "Korea", "European Union", "KINGDOM OF THE"]
)
def test_what_no_name_matches_is_not_guessed(names: Names, printed: str) -> None:
    assert names.resolve(printed) is None


def test_a_list_in_one_string_is_taken_apart_at_the_longest_names(names: Names) -> None:
    printed = (
        "Antigua and Barbuda, Bosnia and Herzegovina, Congo, Iran (Islamic Republic of), Trinidad and Tobago, "
        "United Kingdom of Great Britain and Northern Ireland and State of Palestine"
    )
    found = names.sponsors([printed])
    assert [state.removeprefix(ID) for state in found.states] == [
        *("antigua-and-barbuda", "bosnia-and-herzegovina", "congo", "iran", "trinidad-and-tobago", "united-kingdom"),
        "palestine",
    ]
    assert not found.unresolved


def test_speaking_for_a_group_is_no_sponsorship_of_its_members(names: Names) -> None:
    found = names.sponsors(
        [
            "Australia, Bosnia and Herzegovina, Nigeria (on behalf of the States Members of the United Nations that "
            "are members of the Group of African States (African Group)) and Türkiye",
            "Cuba (on behalf of the Movement of Non-Aligned Countries)",
        ]
    )
    assert [state.removeprefix(ID) for state in found.states] == ["australia", "bosnia-and-herzegovina", "turkiye"]
    assert len(found.on_behalf) == 2
    assert not found.unresolved


def test_formulas_name_nobody_and_rubbish_is_reported(names: Names) -> None:
    found = names.sponsors(
        ["submitted by the President of the General Assembly", "UNITED KINGDOMAND URUGUAY", "MALTAS"]
    )
    assert found.states == ()
    assert found.formulas == ("submitted by the President of the General Assembly",)
    assert found.unresolved == ("UNITED KINGDOMAND URUGUAY", "MALTAS")


def test_one_name_for_two_states_is_refused() -> None:
    first = node("first", "State", label=[text("Gondwana", "en")])
    second = node("second", "State", label=[text("Second", "en")])
    hidden = Triple(
        NamedNode(ID("second")), NamedNode("http://www.w3.org/2004/02/skos/core#hiddenLabel"), Literal("GOND WANA")
    )
    with pytest.raises(InputError, match="id:first and id:second"):
        Names([*first, *second, hidden])


def test_the_key_keeps_letters_of_every_script() -> None:
    assert key("Türkiye") == "turkiye"
    assert key("阿富汗") == "阿富汗"
    assert key("(–)") == ""
