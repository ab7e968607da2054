"""Stages of a decision: stated counts, votes as compact as the model allows, and the stages of a committee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from pledgegraph.errors import InputError
from pledgegraph.importers.committee_votes import RollCall
from pledgegraph.importers.nodes import day, node, number, slug, term, text, thing
from pledgegraph.importers.sources import Import, Sources, claim, passage

_COMMITTEES = {"A/C.1/": ("un-first-committee", "The First Committee")}
"""Start of a draft's symbol to the committee that decides on it and its name in a sentence."""


def written_votes(
    result: Import, path: str, stage: str, votes: Mapping[str, str], tallies: Mapping[str, int], source: Path,
    votes_path: str | None = None,
) -> list[NamedNode]:  # fmt: skip
    """Write the votes and the stated counts of a stage.

    A count that differs from its list gets a Discrepancy and a finding.

    Args:
        result: Where to write.
        path: File for the counts.
        stage: Slug of the stage.
        votes: IRI of a state to its choice.
        tallies: Choice to the count that the source states.
        source: The file that the votes come from.
        votes_path: File for the votes; the file for the counts by default.

    Returns:
        The counts, for the claim that attests them with the stage. The votes rest on the stage.
    """
    key = stage.removeprefix("stage-")
    for state, choice in sorted(votes.items()):
        name = f"vote-{key}-{state.rpartition('/')[2]}"
        vote = node(name, "VoteCast", voter=thing(state), inStage=thing(stage), choice=term(choice))
        result.add(votes_path or path, vote)
    listed = Counter(votes.values())
    counts = []
    for choice, stated in sorted(tallies.items()):
        name = f"count-{key}-{choice}"
        result.add(
            path,
            node(name, "StatedCount", count=number(stated), unit=term("votesUnit"), inStage=thing(stage),
                 choice=term(choice)),
        )  # fmt: skip
        counts.append(thing(name))
        if listed[choice] != stated:
            said = f"The record states {stated} under this choice and lists {listed[choice]}."
            result.report("warning", f"{stage}: {said}", source)
            result.add(path, discrepancy(f"discrepancy-{key}-{choice}", stage, [name, stage], said))
    return counts


def written_silence(result: Import, path: str, stage: str, members: Iterable[str], votes: Mapping[str, str]) -> None:
    """Write who took no part in a stage: the members of that day that no list of the vote names.

    Args:
        result: Where to write.
        path: File for the records.
        stage: Slug of the stage.
        members: IRIs of the members on the day of the vote.
        votes: IRI of a state to its choice.
    """
    key = stage.removeprefix("stage-")
    for state in sorted(set(members) - set(votes)):
        name = f"no-vote-{key}-{state.rpartition('/')[2]}"
        result.add(path, node(name, "NonParticipation", nonParticipant=thing(state), inStage=thing(stage)))


def discrepancy(name: str, about: str, between: Iterable[str], summary: str) -> list[Triple]:
    """The record that two statements of the sources differ."""
    return node(
        name, "Discrepancy", label=[text(f"Discrepancy on {about.replace('-', ' ')}", "en")], about=thing(about),
        between=[thing(one) for one in between], summary=text(summary, "en"),
    )  # fmt: skip


def committee_stages(
    sources: Sources, result: Import, symbol: str, draft: str, earliest: date | None, latest: date | None
) -> None:
    """Write a committee's stages on a draft and its paragraphs.

    Args:
        sources: With the table of committee votes.
        result: Where to write.
        symbol: Symbol of the draft.
        draft: Slug of the draft.
        earliest: The day on which the draft was tabled.
        latest: The day of the committee's report.

    Raises:
        InputError: The table has a code that no state of the graph has.
    """
    assert sources.committee is not None
    path, calls = sources.committee
    body = next((body for start, body in _COMMITTEES.items() if symbol.startswith(start)), None)
    mine = [call for call in calls if call.draft == symbol]
    if not mine or body is None:
        return
    for call in mine:
        _committee_stage(sources, result, call, draft, body, (earliest, latest), path)


def _committee_stage(
    sources: Sources, result: Import, call: RollCall, draft: str, body: tuple[str, str],
    bounds: tuple[date | None, date | None], path: Path,
) -> None:  # fmt: skip
    key = f"{draft.removeprefix('draft-')}-{slug(call.paragraph) or 'committee'}"
    stage, records = f"stage-{key}", f"records/{draft}"
    unknown = sorted(set(call.votes) - set(sources.states))
    if unknown:
        raise InputError(f"no state of the graph has the code {', '.join(unknown)}", file=path.as_posix())
    carried = call.tallies["yes"] > call.tallies["no"]
    if call.paragraph:
        outcome, verb = ("retained", "kept") if carried else ("rejectedByVote", "rejected")
        what = f"{call.paragraph} of draft {call.draft}"
    else:
        outcome, verb = ("adoptedByVote", "adopted") if carried else ("rejectedByVote", "rejected")
        what = f"draft {call.draft} as a whole"
    tallies = call.tallies
    told = f"{tallies['yes']} votes to {tallies['no']} with {tallies['abstain']} abstentions"
    summary = f"{body[1]} {verb} {what} by {told}."
    earliest, latest = bounds
    result.add(
        records,
        node(stage, "Stage", label=[text(f"{call.draft}, {call.paragraph or 'committee'}", "en")],
             decisionOn=thing(draft), decidedBy=thing(body[0]), outcome=term(outcome),
             stageKind=term("separateParagraph" if call.paragraph else "committee"),
             paragraph=call.paragraph or None, earliest=day(earliest), latest=day(latest),
             summary=text(summary, "en")),
    )  # fmt: skip
    votes = {sources.states[code]: choice for code, choice in call.votes.items()}
    votes_path = f"records/votes-{draft.removeprefix('draft-')}"
    counts = written_votes(result, records, stage, votes, call.tallies, path, votes_path)
    if earliest and latest:  # every member of the United Nations sits in a Main Committee
        members = sources.members.on(earliest) & sources.members.on(latest)
        written_silence(result, votes_path, stage, members, votes)
    source = slug(path.name.split(".")[0])
    element = f"rows;draft={call.draft};part={call.part}"
    name = f"passage-{source}-{key}"
    documents = f"documents/{source}-{draft.removeprefix('draft-')}"
    locator = f"rows of {call.draft}, {call.part or 'the draft as a whole'}"
    result.add(documents, passage(name, f"document-{source}", element, locator, sources.digest(path, element)))
    attested = [thing(stage), *counts]
    result.add(
        documents, claim(f"claim-{source}-{key}", body[0], [name], textBasis=term("officialRecord"), attests=attested)
    )
