"""General Assembly resolutions from public records into canonical Turtle, a few files a resolution.

What goes in is read by `akoma_ntoso`, `session_records` and `committee_votes`; names become states by `names`, and who
was a member that day comes from `members`. What comes out: the text with its titles, its draft with sponsors, the
stages with stated counts, every vote, who took no part, and the claims and record passages on which all of it rests.
Where the sources differ, or a list differs from its count, a Discrepancy says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from pyoxigraph import Literal, NamedNode

from pledgegraph.errors import InputError
from pledgegraph.importers.akoma_ntoso import ResolutionFile
from pledgegraph.importers.names import Sponsors
from pledgegraph.importers.nodes import Given, day, node, number, slug, term, text, thing, with_properties
from pledgegraph.importers.session_records import SessionRecord
from pledgegraph.importers.sources import ASSEMBLY, UNITED_NATIONS, Import, Sources, claim, passage
from pledgegraph.importers.stages import committee_stages, discrepancy, written_silence, written_votes

PRESIDENT = "president-of-the-general-assembly"
_PRESIDENTS_DRAFT = "submitted by the president of the general assembly"
_RELATIONS = {"Recalling": "recalls", "Reaffirming": "reaffirms", "Welcoming": "welcomes"}
"""How a resolution's own file names a recital to the relation that follows from a link in it."""


def run(sources: Sources) -> Import:
    """Import the resolutions of the files given.

    Raises:
        InputError: A resolution has no English file, or two files in one language.
    """
    languages: dict[str, dict[str, ResolutionFile]] = defaultdict(dict)
    for file in sources.files:
        if file.language in languages[file.symbol]:
            raise InputError(f"a second file of {file.symbol} in {file.language}", file=file.path.as_posix())
        languages[file.symbol][file.language] = file
    result = Import()
    for symbol in sorted(languages):
        if "en" not in languages[symbol]:
            some = next(iter(languages[symbol].values()))
            raise InputError(f"{symbol} has no English file", file=some.path.as_posix(), hint="Give it too")
        _Resolution(sources, result, languages[symbol], set(languages)).write()
    return result


class _Resolution:
    """One resolution on its way from files to triples."""

    def __init__(self, sources: Sources, result: Import, files: dict[str, ResolutionFile], imported: set[str]) -> None:
        self.sources = sources
        self.result = result
        self.files = files
        self.english = files["en"]
        self.imported = imported
        self.symbol = self.english.symbol
        self.name = f"resolution-{slug(self.symbol.removeprefix('A/RES/'))}"
        self.short = self.name.removeprefix("resolution-")
        self.number = self.symbol.removeprefix("A/RES/")
        self.documents = f"documents/{self.name}"
        self.records = f"records/{self.name}"
        self.row = self._row()
        tabled = self.english.step("draftResolution")
        self.draft_symbol = tabled.symbol if tabled else ""
        self.draft = f"draft-{slug(self.draft_symbol)}" if self.draft_symbol else ""

    def write(self) -> None:
        """Write every file of the resolution into the result."""
        self._compare_languages()
        self._texts()
        self._row_passage()
        self._draft()
        self._plenary()
        self._relations()
        if self.draft and self.sources.committee:
            committee_stages(self.sources, self.result, self.draft_symbol, self.draft, *self._committee_bounds())

    def _row(self) -> SessionRecord | None:
        for records in self.sources.sessions.values():
            if self.symbol in records:
                return records[self.symbol]
        message = f"{self.symbol} is in none of the session files given; its votes rest on the text's file alone"
        self.result.report("warning", message, self.english.path)
        return None

    def _compare_languages(self) -> None:
        for language, file in sorted(self.files.items()):
            if file.voters != self.english.voters or file.tallies != self.english.tallies:
                message = f"{self.symbol}: the votes in {language} differ from those in English"
                self.result.report("warning", message, file.path)
            if [(p.element, p.operative) for p in file.paragraphs] != [
                (p.element, p.operative) for p in self.english.paragraphs
            ]:
                message = f"{self.symbol}: the paragraphs in {language} do not align with the English ones"
                self.result.report("info", message, file.path)

    def _texts(self) -> None:
        kept = self.sources.kept(self.name)
        labels = {language: text(f"{file.title} ({self.symbol})", language) for language, file in self.files.items()}
        if curated := kept.get("label"):
            labels["en"] = curated
        self.result.add(
            self.records,
            node(self.name, "Instrument", label=labels.values(), symbol=self.symbol, form=term("resolution"),
                 publicAddress=f"https://docs.un.org/en/{self.symbol}"),
        )  # fmt: skip
        for language, file in sorted(self.files.items()):
            document = f"document-{self.name}-{language}"
            title = self.sources.kept(document).get("title", Literal(file.title))
            characters, digest = self.sources.measure(file.path)
            self.result.add(
                self.documents,
                node(
                    document,
                    "Document",
                    label=[text(f"{self.symbol} in {_LANGUAGE_NAMES[language]}", "en")],
                    note=_COPY_NOTE,
                    title=title,
                    symbol=self.symbol,
                    author=thing(ASSEMBLY),
                    publisher=thing(UNITED_NATIONS),
                    carriesTextOf=thing(self.name),
                    characters=number(characters),
                    copyCompleteness=term("completeCopy"),
                    copyDigest=digest,
                    language=language,
                    mediaType="application/akn+xml",
                    publicAddress=f"https://docs.un.org/{language}/{self.symbol}",
                    reviewState=term("unreviewed"),
                    sourceType=term("officialRecord-source"),
                ),
            )

    def _row_passage(self) -> None:
        self.row_passage = None
        if self.row:
            name = f"passage-unga-session-{slug(self.row.path.stem.removeprefix('session_'))}-{self.short}"
            document = f"document-unga-{slug(self.row.path.stem)}"
            element = self.symbol if len(self.row.lines) == 1 else f"rows;symbol={self.symbol}"
            digest = self.sources.digest(self.row.path, element)
            self.result.add(self.documents, passage(name, document, element, f"record {self.symbol}", digest))
            self.row_passage = name

    def _element(self, key: str, element: str, locator: str, language: str = "en") -> str:
        """A record passage of one of the resolution's files; its slug."""
        name = f"passage-{self.name}-{language}-{key}"
        digest = self.sources.digest(self.files[language].path, element)
        self.result.add(self.documents, passage(name, f"document-{self.name}-{language}", element, locator, digest))
        return name

    def _claim(self, key: str, cites: Sequence[str], **properties: Given) -> None:
        name = f"claim-{self.name}-{key}"
        self.result.add(self.documents, claim(name, ASSEMBLY, cites) + with_properties(name, properties))

    def _evidence(self, *passages: str) -> list[str]:
        return [*passages, *([self.row_passage] if self.row_passage else [])]

    def _draft(self) -> None:
        tabled = self.english.step("draftResolution")
        if not tabled or not self.draft:
            self.result.report("warning", f"{self.symbol}: no draft is named", self.english.path)
            return
        path = f"records/{self.draft}"
        label = [text(f"Draft resolution {self.draft_symbol}", "en")]
        self.result.add(path, node(self.draft, "Instrument", label=label, symbol=self.draft_symbol, form=term("draft")))
        cites = self._element("draft", "step;outcome=draftResolution", "workflow, draft resolution")
        self._claim("version", [cites], subject=thing(self.draft), property=term("versionOf"), object=thing(self.name))
        sponsors = self._sponsors("sponsors", tabled.by, self.row.sponsors if self.row else ())
        if any(_PRESIDENTS_DRAFT in formula.lower() for formula in sponsors.formulas):
            self._claim("presented", [cites], subject=thing(self.draft), property=term("presentedBy"),
                        object=thing(PRESIDENT))  # fmt: skip
        self._sponsorships(sponsors.states, "asTabled", self._evidence(cites), tabled.day, tabled.day)
        later = self.english.step("draftResolutionAdditionalSponsors")
        if later is None:
            return
        more = self._sponsors("additional sponsors", later.by, self.row.additional_sponsors if self.row else ())
        joined = [state for state in more.states if state not in sponsors.states]
        if joined:
            element = "step;outcome=draftResolutionAdditionalSponsors"
            cites = self._element("additional-sponsors", element, "workflow, additional sponsors")
            latest = self._committee_bounds()[1] or self.english.adopted
            self._sponsorships(joined, "additionalSponsor", self._evidence(cites), None, latest)

    def _sponsors(self, what: str, printed: str, entries: Iterable[str]) -> Sponsors:
        """Sponsors of the text's file, compared with those of the session record."""
        sponsors = self.sources.names.sponsors([printed])
        other = self.sources.names.sponsors(entries)
        for entry in dict.fromkeys((*sponsors.unresolved, *other.unresolved)):
            message = f"{self.symbol}: {entry!r} among the {what} is no known name"
            self.result.report("violation", message, self.english.path, hint=_NAME_HINT)
        for entry in sponsors.on_behalf:
            self.result.report("info", f"{self.symbol}: set aside among the {what}: {entry}", self.english.path)
        if self.row and set(other.states) != set(sponsors.states):
            differing = sorted(set(other.states) ^ set(sponsors.states))
            message = f"{self.symbol}: the {what} differ between text and session record: {', '.join(differing)}"
            self.result.report("warning", message, self.row.path)
        return sponsors

    def _sponsorships(
        self, states: Iterable[str], kind: str, cites: list[str], earliest: date | None, latest: date | None
    ) -> None:
        records = []
        for state in states:
            name = f"sponsorship-{self.draft.removeprefix('draft-')}-{state.rpartition('/')[2]}"
            self.result.add(
                f"records/{self.draft}",
                node(name, "Sponsorship", sponsor=thing(state), sponsoredText=thing(self.draft),
                     sponsorshipKind=term(kind), earliest=day(earliest), latest=day(latest)),
            )  # fmt: skip
            records.append(thing(name))
        if records:
            key = "sponsors" if kind == "asTabled" else "additional-sponsors"
            self._claim(key, cites, textBasis=term("officialRecord"), attests=records)

    def _committee_bounds(self) -> tuple[date | None, date | None]:
        """Between which days a committee can have voted on the draft: its tabling and the committee's report."""
        tabled, reported = self.english.step("draftResolution"), self.english.step("recommendedForAdoption")
        if not self.draft_symbol.startswith("A/C."):
            return None, None
        return (tabled.day if tabled else None, reported.day if reported else None)

    def _plenary(self) -> None:
        english, when = self.english, day(self.english.adopted)
        outcome = english.outcome or (self.row.outcome if self.row else None)
        if outcome is None:
            self.result.report("violation", f"{self.symbol}: how it was adopted is not said", english.path)
            return
        self._compare_with_row()
        adopted = english.step("adopted")
        stage, adoption = f"stage-{self.short}-plenary", f"adoption-{self.name}"
        told = _outcome_words(outcome, english.tallies)
        summary = f"The General Assembly adopted resolution {self.number} {told} on {_written(english.adopted)}."
        self.result.add(
            self.records,
            [
                *node(adoption, "Adoption", label=[text(f"Adoption of resolution {self.number}", "en")],
                      adoptedText=thing(self.name), adopter=thing(ASSEMBLY), earliest=when, latest=when,
                      summary=text(summary, "en")),
                *node(stage, "Stage", label=[text(f"Resolution {self.number}, plenary", "en")],
                      decisionOn=thing(self.name), decidedBy=thing(ASSEMBLY), stageKind=term("plenary"),
                      outcome=term(outcome), meetingRecord=(adopted.symbol or None) if adopted else None,
                      earliest=when, latest=when, summary=text(summary, "en")),
            ],
        )  # fmt: skip
        cites = [self._element("adopted", "step;outcome=adopted", "workflow, adoption")]
        counts: list[NamedNode] = []
        if outcome == "adoptedByVote":
            cites.append(self._element("voting", "voting;outcome=adoptedRecordedVote", "analysis, voting"))
            counts = self._votes(stage)
        attested = [thing(adoption), thing(stage), *counts]
        self._claim("plenary", self._evidence(*cites), textBasis=term("officialRecord"), attests=attested)

    def _votes(self, stage: str) -> list[NamedNode]:
        votes: dict[str, str] = {}
        for choice, printed in self.english.voters.items():
            for name in printed:
                state = self.sources.names.resolve(name)
                if state is None:
                    message = f"{self.symbol}: {name!r}, listed {_WORDS[choice]}, is no known name"
                    self.result.report("violation", message, self.english.path, hint=_NAME_HINT)
                elif votes.setdefault(state, choice) != choice:
                    message = f"{self.symbol}: {name!r} is listed {_WORDS[votes[state]]} and {_WORDS[choice]}"
                    self.result.report("violation", message, self.english.path)
        members = self.sources.members.on(self.english.adopted)
        for state in sorted(set(votes) - members):
            message = f"{self.symbol}: {state} votes and is not known as a member that day"
            self.result.report("violation", message, self.english.path)
        counts = written_votes(self.result, self.records, stage, votes, self.english.tallies, self.english.path)
        written_silence(self.result, self.records, stage, members, votes)
        return counts

    def _compare_with_row(self) -> None:
        """Report and record where text and session record differ on the vote."""
        if not self.row:
            return
        resolved = [
            {choice: {self.sources.names.resolve(name) for name in printed} for choice, printed in voters.items()}
            for voters in (self.english.voters, self.row.voters)
        ]
        differs = [
            what
            for what, here, there in (
                ("outcome", self.english.outcome, self.row.outcome),
                ("day of adoption", self.english.adopted, self.row.adopted),
                ("counts", dict(self.english.tallies), dict(self.row.tallies)),
                ("lists of voters", resolved[0], resolved[1]),
            )
            if here != there and there is not None
        ]
        for what in differs:
            message = f"{self.symbol}: {what} differs between the text's file and the session record"
            self.result.report("warning", message, self.row.path, self.row.lines[0])
        if differs and self.row_passage:
            key = f"claim-{self.name}-session-record"
            said = f"The session record gives another {', another '.join(differs)} than the file of the resolution."
            self.result.add(
                self.documents,
                claim(key, UNITED_NATIONS, [self.row_passage], status=term("contested"), note=said,
                      claimKind=term("referenceClaim"), about=thing(self.name), summary=text(said, "en")),
            )  # fmt: skip
            sides = [key, f"claim-{self.name}-plenary"]
            self.result.add(
                self.records, discrepancy(f"discrepancy-{self.name}-session-record", self.name, sides, said)
            )

    def _relations(self) -> None:
        """What the recitals recall, reaffirm or welcome among the resolutions of this import, in each language."""
        for place in self.english.paragraphs:
            for symbol in place.links:
                relation, target = _RELATIONS.get(place.verb.partition(" ")[0]), symbol.upper()
                if relation is None or not _ITS_RESOLUTIONS.search(place.opening) or target not in self.imported:
                    continue
                other = slug(target.removeprefix("A/RES/"))
                name = f"relation-{self.short}-{relation}-{other}"
                said = f"Resolution {self.number} {relation} {target} in its preamble."
                self.result.add(
                    self.records,
                    node(name, "TextRelation", label=[text(f"Resolution {self.number} {relation} {target}", "en")],
                         relationFrom=thing(self.name), relation=term(relation),
                         relationTo=thing(f"resolution-{other}"), summary=text(said, "en")),
                )  # fmt: skip
                recital = [p.element for p in self.english.paragraphs if not p.operative].index(place.element) + 1
                cites = [
                    self._element(slug(place.element), place.element, f"PP {recital}", language)
                    for language, file in sorted(self.files.items())
                    if any(p.element == place.element and target in map(str.upper, p.links) for p in file.paragraphs)
                ]
                self._claim(f"{relation}-{other}", cites, printedVerb=place.verb, textBasis=term("textItself"),
                            attests=thing(name))  # fmt: skip


_ITS_RESOLUTIONS = re.compile(r"\bits (?:\w+ )?resolutions?\Z", re.IGNORECASE)
"""How a recital begins that recalls resolutions themselves; others recall a report and cite a resolution in passing."""
_COPY_NOTE = (
    "Unofficial copy by the United Nations in Akoma Ntoso (github.com/UNxml/GAresolutions, version of 10 July 2026); "
    "the United Nations is the source."
)
_NAME_HINT = "Add it to the state as skos:altLabel, or as skos:hiddenLabel if it is a misprint"
_WORDS = {"yes": "in favour", "no": "against", "abstain": "abstaining"}
_LANGUAGE_NAMES = {
    "ar": "Arabic",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "ru": "Russian",
    "zh": "Chinese",
}


def _outcome_words(outcome: str, tallies: Mapping[str, int]) -> str:
    if outcome == "adoptedWithoutVote":
        return "without a vote"
    return f"by {tallies.get('yes', 0)} votes to {tallies.get('no', 0)} with {tallies.get('abstain', 0)} abstentions"


def _written(when: date) -> str:
    return f"{when.day} {when:%B %Y}"
