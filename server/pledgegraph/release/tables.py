"""The tables of a release: what their rows are, and where each column is found in the graph.

A column never mixes "no" with "not stated": an empty cell says that the graph has no value, and nothing else.
"""

from pledgegraph.release.columns import (
    ANY_URI,
    DATE_BASIS,
    DUE_BY,
    EARLIEST,
    EVIDENCE,
    LATEST,
    NOTE,
    SAME,
    SUMMARY,
    TEXT,
    THEME,
    UNDATED,
    date,
    dates_of,
    kind,
    stated,
)
from pledgegraph.release.table import Column, Table, node, term

INSTRUMENTS = Table(
    "instruments",
    "Texts: form, version, dates, who issued or adopted them",
    "pledge:Instrument",
    (
        Column("title", "pledge:title", "Title as printed", several=True),
        Column("other_name", "skos:altLabel", "Other names", several=True),
        Column("symbol", "pledge:symbol", "Official symbol or number", several=True),
        term("form", "pledge:form", "What the text is called: declaration, resolution, strategy, law"),
        *node("version_of", "pledge:versionOf", "The work of which it is one version", several=True),
        *node("revises", "pledge:revises", "Earlier version that it replaces", several=True),
        *node("annex_of", "pledge:annexOf", "Text to which it is annexed", several=True),
        term("legal_status", "pledge:legalStatus", "Whether a source says that it is legally binding", several=True),
        term("in_force_state", "pledge:inForceState", "Whether a source says that it is in force", several=True),
        *node("issued_by", "pledge:issuedBy", "Whose text it is, where no adoption is reported", several=True),
        *node("presented_by", "pledge:presentedBy", "Who presented it for adoption", several=True),
        *node("outcome_of", "pledge:outcomeOf", "Event or process that it came out of", several=True),
        date("earliest", "pledge:earliest", "First day that the text can date from"),
        date("latest", "pledge:latest", "Last day that the text can date from"),
        *node("adopted_by", "^pledge:adoptedText/pledge:adopter", "Who adopted it", several=True),
        *node("adopted_at", "^pledge:adoptedText/pledge:adoptionVenue", "Event at which it was adopted", several=True),
        *dates_of("adopted", "adopted"),
        *dates_of("published", "published"),
        Column(
            "act",
            "^pledge:adoptedText|^pledge:publishedText|^pledge:launchedText|^pledge:revisedText",
            "Its adoption, publication, launch or revision; see acts.csv",
            "iri",
            True,
            ANY_URI,
        ),
        *node("stage", "^pledge:decisionOn", "Votes and adoptions without a vote on it; see records.csv", several=True),
        Column("public_address", "pledge:publicAddress", "Where the text is published", several=True, datatype=ANY_URI),
        *node("document", "^pledge:carriesTextOf", "Documents read here that carry its text", several=True),
        SAME,
        NOTE,
        *stated("adoptedText", "publishedText", "decisionOn"),
    ),
)

STATEMENTS = Table(
    "statements",
    "Normative statements: what texts and speakers ask, promise, affirm or hold",
    "pledge:NormativeStatement",
    (
        kind("NormativeStatement", "Record"),
        *node("text", "pledge:inText", "Text in which it stands; empty for statements made outside a text"),
        term("text_part", "pledge:textPart", "Part of the text in which it stands"),
        Column("locator", "pledge:locator", "Printed number or place in the text"),
        *node("speaker", "pledge:speaker", "Who makes the statement", several=True),
        *node("committer", "pledge:committer", "Who undertakes a commitment made outside endorsed texts", several=True),
        *node("commitment_of", "pledge:commitmentOf", "Text whose endorsers it commits"),
        *node("addressee", "pledge:addressee", "Of whom it asks something, or to whom it is said", several=True),
        term("force", "pledge:force", "How strongly it binds, asks or states, see docs/codebook.md"),
        *THEME,
        SUMMARY,
        Column("condition", "pledge:condition", "What limits or qualifies it, in Pledgegraph's words", several=True),
        Column("exception", "pledge:exception", "What it leaves out, in Pledgegraph's words", several=True),
        *node("regards", "pledge:regards", "Text, actor, venue or matter that it is about", several=True),
        *node("calls_for", "pledge:callsFor", "Proposed text that it asks for", several=True),
        *node("expressed_at", "pledge:expressedAt", "Event or forum at which it was expressed", several=True),
        date("earliest", "pledge:earliest", "First day on which it can have been made"),
        date("latest", "pledge:latest", "Last day on which it can have been made"),
        DATE_BASIS,
        UNDATED,
        DUE_BY,
        NOTE,
        *EVIDENCE,
    ),
)

_DEED = "pledge:mandated|pledge:established|pledge:undoes|pledge:topic|pledge:launchedSeries"

ACTS = Table(
    "acts",
    "Acts: endorsements, votes, sponsorships, adoptions, publications and others",
    "pledge:Act",
    (
        kind("Act", "Record"),
        *node("actor", "pledge:actor", "Who acts; empty where the sources name nobody", several=True),
        *TEXT,
        *node("stage", "pledge:inStage", "Vote to which a vote cast belongs; see records.csv"),
        term("choice", "pledge:choice", "How a vote was cast; empty for acts other than votes cast"),
        term("sponsorship_kind", "pledge:sponsorshipKind", "Whether a sponsor stood on the draft or joined later"),
        term("capacity", "pledge:capacity", "Capacity in which someone took part"),
        *node("venue", "pledge:venue", "Event or forum of the act", several=True),
        *node("addressee", "pledge:addressee", "To whom something was said", several=True),
        *node("object", _DEED, "Who is mandated, what is set up, launched, discussed or undone", several=True),
        *node("statement", "pledge:mandatingStatement", "Statement that gives a mandate", several=True),
        *node("due_at", "pledge:dueAt", "Event at which what is mandated is due", several=True),
        *node("fulfilled_by", "pledge:fulfilledBy", "What fulfilled a mandate, as a source says", several=True),
        DUE_BY,
        date("ended", "pledge:ended", "Day on which a mandate ended or is to end"),
        EARLIEST,
        LATEST,
        DATE_BASIS,
        UNDATED,
        Column("reason", "pledge:reason", "Reason that a source gives, in Pledgegraph's words", several=True),
        SUMMARY,
        NOTE,
        *EVIDENCE,
    ),
)

_MEMBER = (
    "?membership pledge:member ?row ; pledge:memberAs pledge:fullMember ; pledge:memberOf ?value "
    "FILTER NOT EXISTS { ?membership pledge:ended ?end }"
)

ACTORS = Table(
    "actors",
    "Actors: states with their codes, organisations, bodies, groups, offices, persons",
    "pledge:Actor",
    (
        kind("Actor", "Venue"),
        Column("other_name", "skos:altLabel", "Other names", several=True),
        Column("iso2", "pledge:iso2", "ISO 3166-1 alpha-2 code"),
        Column("iso3", "pledge:iso3", "ISO 3166-1 alpha-3 code"),
        Column("m49", "pledge:m49", "UN M49 code, three digits"),
        term("organisation_kind", "pledge:organisationKind", "Sort of organisation, body or project", several=True),
        *node("body_of", "pledge:bodyOf", "Organisation, assembly or state whose organ it is", several=True),
        *node("delegation_of", "pledge:delegationOf", "State that a delegation represents"),
        *node(
            "member_of",
            _MEMBER,
            "Full member of, on the days of the memberships; not where an end is stated",
            several=True,
        ),
        *node("membership", "^pledge:member", "Memberships of any capacity; see records.csv", several=True),
        Column(
            "members_listed",
            "pledge:membersListed",
            "For groups: true where a source lists the members, false where none does",
            datatype="boolean",
        ),
        *node("funded_by", "pledge:fundedBy", "Who funds it", several=True),
        term("decision_rule", "pledge:decisionRule", "How it takes decisions", several=True),
        SAME,
        NOTE,
        *stated(),
    ),
)

PASSAGES = Table(
    "passages",
    "Passages: where in which document, the few words at each end, digest",
    "pledge:Passage",
    (
        *node("document", "pledge:inDocument", "Document in which it stands"),
        Column(
            "document_address", "pledge:inDocument/pledge:publicAddress", "Where that is published", datatype=ANY_URI
        ),
        Column("locator", "pledge:locator", "Printed number or place in the document"),
        Column("element", "pledge:element", "Identifier of the record, row or element in a structured document"),
        Column("words_before", "pledge:wordsBefore", "Words before it, where needed to tell it from others"),
        Column("first_words", "pledge:firstWords", "Its first words, at most four"),
        Column("last_words", "pledge:lastWords", "Its last words, at most four"),
        Column("words_after", "pledge:wordsAfter", "Words after it, where needed to tell it from others"),
        Column("digest", "pledge:digest", "SHA-256 of its normalised text"),
        Column("exclusion_reason", "pledge:exclusionReason", "Why nothing may be taken from it, such as advertising"),
        Column("claim", "^pledge:cites", "Claims of any status that cite it", "iri", True, ANY_URI),
        Column("context_of", "^pledge:context", "Claims that need it to be understood", "iri", True, ANY_URI),
    ),
)

CLAIMS = Table(
    "claims",
    "Claims of any status: who says what, where, with which verb",
    "pledge:Claim",
    (
        term("status", "pledge:effectiveStatus", "Status with which it counts; only accepted claims make facts"),
        term("modality", "pledge:modality", "Whether the claimant asserts, opines, plans or supposes"),
        term("claim_kind", "pledge:claimKind", "Sort of claim, where it attests no record"),
        *node("claimant", "pledge:claimant", "Who asserts it"),
        *node("reporter", "pledge:reporter", "Who passes the assertion on"),
        Column("printed_verb", "pledge:printedVerb", "Verb as the source prints it", several=True),
        Column("printed_name", "pledge:printedName", "Name as the source prints it", several=True),
        term("text_basis", "pledge:textBasis", "Text itself, quotation, paraphrase, list"),
        Column("attests", "pledge:attests", "Records that it asserts; see records.csv", "iri", True, ANY_URI),
        *node("subject", "pledge:subject", "Subject of the plain statement that it makes, if any"),
        *node("property", "pledge:property", "Property of that statement"),
        *node("object", "pledge:object", "Object of that statement, where it is a thing"),
        Column("value", "pledge:value", "Object of that statement, where it is a date, number or string"),
        *node("about", "pledge:about", "What it concerns", several=True),
        SUMMARY,
        Column("scope", "pledge:scope", "Limits within which it is meant, in Pledgegraph's words", several=True),
        Column("date_printed", "pledge:datePrinted", "Date as the source prints it", several=True),
        date("as_of", "pledge:asOf", "Day for which it is stated"),
        *THEME,
        *node("contradicted_by", "pledge:contradictedBy", "Claims that contradict it", several=True),
        *node("superseded_by", "pledge:supersededBy", "Claims that count instead of it", several=True),
        NOTE,
        *node("passage", "pledge:cites", "Passages that it cites; see passages.csv", several=True),
        Column("context", "pledge:context", "Passages needed to understand these", "iri", True, ANY_URI),
    ),
)

RECORDS = Table(
    "records",
    "Records of every kind with what they have in common; those that are neither acts nor statements are here alone",
    "pledge:Record",
    (
        kind("Record", "Act", "NormativeStatement"),
        *node("actor", "pledge:actor", "Who acts, speaks, holds or takes part", several=True),
        *TEXT,
        *node("venue", "pledge:venue", "Forum, series or event where it took place", several=True),
        *node("about", "pledge:about", "What it is about, or a position is held towards", several=True),
        *THEME,
        term("stance", "pledge:stance", "Stance of a position"),
        term("outcome", "pledge:outcome", "How a vote or adoption without a vote ended"),
        Column("count", "pledge:count", "Number that a source states", datatype="integer"),
        term("unit", "pledge:unit", "What that number counts"),
        SUMMARY,
        EARLIEST,
        LATEST,
        UNDATED,
        date("as_of", "pledge:asOf", "Day for which a state of affairs, list or count is stated"),
        NOTE,
        *EVIDENCE,
        *node("searched", "pledge:searched", "Documents searched for what an absence says is not there", several=True),
        Column("between", "pledge:between", "Claims or records between which sources differ", "iri", True, ANY_URI),
    ),
)

TABLES = (INSTRUMENTS, STATEMENTS, ACTS, ACTORS, PASSAGES, CLAIMS, RECORDS)
