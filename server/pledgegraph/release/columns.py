"""Columns that several tables share, and makers of columns of one sort."""

from pledgegraph.release.table import Column, Datatype, node, term

ANY_URI: Datatype = "anyURI"


def kind(*general: str) -> Column:
    """Classes of a thing other than the general ones given, as their labels."""
    known = ", ".join(f"pledge:{name}" for name in general)
    path = f"?row a ?value . FILTER(?value NOT IN ({known}))"
    return term("kind", path, "Class of the thing, such as endorsement, call or state", several=True)


def date(name: str, path: str, says: str, *, several: bool = False) -> Column:
    """A column of days; see `Column`."""
    return Column(name, path, says, several=several, datatype="date")


NOTE = Column("note", "skos:editorialNote", "Remark of the editors", several=True)
SUMMARY = Column("summary", "pledge:summary", "One sentence in Pledgegraph's own words")
SAME = Column(
    "same_as",
    "skos:exactMatch|schema:sameAs",
    "The same thing in other graphs and on public pages, such as Wikidata",
    "iri",
    True,
    ANY_URI,
)
THEME = node("theme", "pledge:theme", "Theme as coded by docs/codebook.md", several=True)
UNDATED = Column("undated", "pledge:undated", "true where the sources give no date", datatype="boolean")
DATE_BASIS = term("date_basis", "pledge:dateBasis", "Whether the date is printed or inferred from its context")
TEXT = node("text", "pledge:text|(pledge:inStage/pledge:decisionOn)", "Text concerned, or voted on", several=True)
EARLIEST = date(
    "earliest",
    "pledge:earliest|(pledge:inStage/pledge:earliest)",
    "First day on which it can have happened; for votes cast, that of the vote",
)
LATEST = date(
    "latest",
    "pledge:latest|(pledge:inStage/pledge:latest)",
    "Last day on which it can have happened; for votes cast, that of the vote",
)
DUE_BY = date("due_by", "pledge:dueBy", "Last day by which it is asked for")

EVIDENCE = (
    Column("claim", "pledge:attestedBy", "Accepted claims that attest it; see claims.csv", "iri", True, ANY_URI),
    *node("claimant", "pledge:attestedBy/pledge:claimant", "Who asserts it in these claims", several=True),
    *node("reporter", "pledge:attestedBy/pledge:reporter", "Who passes the assertion on", several=True),
    Column("printed_verb", "pledge:attestedBy/pledge:printedVerb", "Verb as the sources print it", several=True),
    term("text_basis", "pledge:attestedBy/pledge:textBasis", "Text itself, quotation, paraphrase, list", several=True),
    *node("passage", "pledge:passage", "Passages that the claims cite; see passages.csv", several=True),
)
"""Columns that lead from a record to the claims and passages it rests on."""


def stated(*acts: str) -> tuple[Column, ...]:
    """Claim and passage columns for things that are no records: claims that state plain facts about them.

    Args:
        acts: Roles of the acts whose claims are given too, such as that by which a text is adopted.
    """
    path = "^pledge:subject"
    if acts:
        path = f"{path}|(({'|'.join(f'^pledge:{role}' for role in acts)})/pledge:attestedBy)"
    counts = "pledge:effectiveStatus pledge:accepted ; pledge:modality pledge:asserted"
    claim, passage = f"?row {path} ?value . ?value {counts}", f"?row {path} ?c . ?c {counts} ; pledge:cites ?value"
    return (
        Column("claim", claim, "Accepted claims that state its facts; see claims.csv", "iri", True, ANY_URI),
        *node("passage", passage, "Passages that these claims cite; see passages.csv", several=True),
    )


def dates_of(name: str, says: str) -> tuple[Column, ...]:
    """First and last day of the acts that concern a text.

    Args:
        name: The acts' role for the text, without the word Text at its end.
        says: The participle that the descriptions use.
    """
    act = f"^pledge:{name}Text"
    return (
        date(f"{name}_earliest", f"{act}/pledge:earliest", f"First day on which it can have been {says}", several=True),
        date(f"{name}_latest", f"{act}/pledge:latest", f"Last day on which it can have been {says}", several=True),
    )
