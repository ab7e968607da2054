"""Generated labels: every claim, passage, vote and other node without `rdfs:label` gets one from its typed roles.

Records without `pledge:summary` get one too: the label and what bounds the date. Labels are nouns ("Endorsement of X by
Y"), so that no verb is put into the mouth of a source.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode, Triple

from pledgegraph.dataset import Dataset
from pledgegraph.terms import GRAPH_LABELS, ID, PLEDGE, RDF_TYPE, RDFS, RDFS_LABEL

SHOWN = 2
"""Values of one role that a label names; it counts the others."""

TEMPLATES: dict[str, tuple[str, ...]] = {
    "Endorsement": ("Endorsement of {endorsedText} by {endorser}",),
    "NonEndorsement": ("Non-endorsement of {declinedText} by {decliner}",),
    "Signature": ("Signature of {signedText} by {signatory}",),
    "Withdrawal": ("Withdrawal by {withdrawer}: {undoes}", "Withdrawal by {withdrawer} from {text}"),
    "Removal": ("Removal from {removedFrom}: {removedStatement}", "Removal from {removedFrom}"),
    "Sponsorship": (
        "Sponsorship of {sponsoredText} by {sponsor} ({sponsorshipKind})",
        "Sponsorship of {sponsoredText} by {sponsor}",
    ),
    "VoteCast": ("Vote of {voter}: {choice}, {inStage}", "Vote of {voter}: {choice}"),
    "NonParticipation": ("No vote of {nonParticipant}, {inStage}", "Non-participation of {nonParticipant}"),
    "ConsentToBeBound": ("Consent of {consenter} to be bound by {bindingText}",),
    "Adoption": ("Adoption of {adoptedText} by {adopter}", "Adoption of {adoptedText}"),
    "Launch": ("Launch of {launchedText} at {launchVenue}", "Launch of {launchedText}", "Launch of {launchedSeries}"),
    "Publication": ("Publication of {publishedText} by {publicationBy}", "Publication of {publishedText}"),
    "Revision": ("Revision of {revisedText}",),
    "Establishment": ("Establishment of {established} by {establisher}", "Establishment of {established}"),
    "Mandate": ("Mandate of {mandated} from {mandator}", "Mandate of {mandated}"),
    "Submission": ("Submission of {submitter} to {submittedTo}",),
    "Participation": ("Participation of {participant} in {attended}",),
    "AnnouncedParticipation": ("Announced participation of {announcedParticipant} in {announcedAt}",),
    "Utterance": ("Utterance of {speaker} to {addressee}", "Utterance of {speaker} at {expressedAt}"),
    "Discussion": ("Discussion at {discussedAt}",),
    "Position": ("Position of {holder}: {stance}, {towards}", "Position of {holder}"),
    "Membership": ("Membership of {member} in {memberOf}",),
    "Role": ("{roleHolder}: {roleTitle}, {roleAt}", "{roleHolder}: {roleTitle}", "{roleHolder}: {office}"),
    "Stage": ("{decisionOn}, {stageKind}, {paragraph}", "{decisionOn}, {stageKind}", "Decision on {decisionOn}"),
    "StatedCount": ("Stated count: {count} {unit}, {about}", "Stated count: {count} {unit}", "Stated count: {count}"),
    "Roster": ("List for {listOf} as of {asOf}", "List for {listOf}"),
    "Definition": ("Definition of {definedTerm} in {definedIn}", "Definition of {definedTerm}"),
    "Absence": ("Nothing found on {soughtTheme} in {soughtText}", "Nothing found on {about}"),
    "TextRelation": ("{relationFrom} {relation} {relationTo}",),
    "StatementRelation": ("{relationFrom} {relation} {relationTo}",),
    "NormativeStatement": ("{kind} in {inText}, {locator}", "{kind} of {speaker}", "{kind} in {inText}"),
    "Claim": (
        "Claim of {claimant}, reported by {reporter}: {attests}",
        "Claim of {claimant}: {attests}",
        "Claim of {claimant}, reported by {reporter}: {property} of {subject}",
        "Claim of {claimant}: {property} of {subject}",
        "Claim of {claimant}, reported by {reporter} ({cites})",
        "Claim of {claimant} ({cites})",
        "Claim of {claimant}",
    ),
    "Passage": ("{inDocument}, {locator}", "{inDocument}, {element}", "{inDocument}"),
}
"""Class to its templates, the first whose roles are all filled is taken. `{kind}` is the label of the class itself."""

_GENERAL = (
    "{kind}: {actor}, {text}",
    "{kind}: {actor}",
    "{kind}: {text}",
    "{kind}: {venue}",
    "{kind}: {about}",
    "{kind}",
)
_ROLE = re.compile(r"\{(\w+)\}")
_SUBCLASS = RDFS("subClassOf")


def add_labels(dataset: Dataset) -> int:
    """Write the missing labels and summaries into their graph and the default graph.

    Args:
        dataset: A closed dataset: classes and general roles are read as the closure gives them.

    Returns:
        Triples added.
    """
    labels = _Labels(dataset)
    added = [_text(iri, RDFS_LABEL, labels.of(iri)) for iri in labels.unlabelled]
    summaries = ((iri, f"{labels.of(iri)}{labels.when(iri)}.") for iri in labels.unsummarised)
    added += [_text(iri, PLEDGE("summary"), summary) for iri, summary in summaries]
    dataset.add(added, GRAPH_LABELS)
    return len(added)


def _text(subject: str, predicate: str, value: str) -> Triple:
    return Triple(NamedNode(subject), NamedNode(predicate), Literal(value, language="en"))


class _Labels:
    """Labels of a dataset, those given and those to be made."""

    def __init__(self, dataset: Dataset) -> None:
        self._given: dict[str, str] = {}
        self._values: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        types: dict[str, set[str]] = defaultdict(set)
        summarised: set[str] = set()
        roles = {
            PLEDGE(name)
            for templates in [*TEMPLATES.values(), _GENERAL]
            for t in templates
            for name in _ROLE.findall(t)
        }
        roles |= {PLEDGE(name) for name in ("earliest", "latest", "asOf")}
        self._depth = self._depths(dataset)
        for triple in dataset.triples():
            if not isinstance(triple.subject, NamedNode):
                continue
            subject, predicate, value = triple.subject.value, triple.predicate.value, triple.object
            if predicate == RDFS_LABEL and isinstance(value, Literal):
                if subject not in self._given or value.language == "en":
                    self._given[subject] = value.value
            elif predicate == RDF_TYPE and isinstance(value, NamedNode):
                types[subject].add(value.value)
            elif predicate == PLEDGE("summary"):
                summarised.add(subject)
            elif predicate in roles and isinstance(value, NamedNode | Literal):
                self._values[subject][predicate.removeprefix(PLEDGE)].append(
                    value.value if isinstance(value, Literal) else f"<{value.value}>"
                )
        self._types = types
        things = sorted(iri for iri in types if iri.startswith(ID))
        self.unlabelled = [iri for iri in things if iri not in self._given]
        """Typed things without a label, sorted."""
        self.unsummarised = [iri for iri in things if PLEDGE("Record") in types[iri] and iri not in summarised]
        """Records without a summary, sorted."""
        self._made: dict[str, str] = {}

    @staticmethod
    def _depths(dataset: Dataset) -> dict[str, int]:
        """Class to the number of its superclasses, by which the most specific class of a node is known."""
        depths: dict[str, int] = defaultdict(int)
        for subject, _, _ in dataset.matching(None, f"<{_SUBCLASS}>", None):
            depths[subject[1:-1]] += 1
        return depths

    def of(self, iri: str) -> str:
        """The label of a node: the one given, else the one made from its roles, else its slug in words."""
        if iri in self._given:
            return self._given[iri]
        if iri not in self._made:
            self._made[iri] = _slug_words(iri)  # what a role that leads back here reads
            if iri in self._types:
                self._made[iri] = self._make(iri)
        return self._made[iri]

    def when(self, iri: str) -> str:
        """What bounds the date of a record, in words with a blank before them; empty where nothing does."""
        values = self._values.get(iri, {})
        earliest, latest, as_of = (sorted(values.get(name, [])) for name in ("earliest", "latest", "asOf"))
        if earliest and latest:
            one_day = earliest[0] == latest[-1]
            return f" (on {earliest[0]})" if one_day else f" (between {earliest[0]} and {latest[-1]})"
        if latest:
            return f" (no later than {latest[0]})"
        if earliest:
            return f" (no earlier than {earliest[0]})"
        return f" (as of {as_of[-1]})" if as_of else ""

    def _make(self, iri: str) -> str:
        classes = sorted(self._types[iri], key=lambda item: (-self._depth[item], item))
        kind = next((self._given[item] for item in classes if item in self._given), "thing")
        roles = self._values.get(iri, {})
        for templates in [TEMPLATES.get(item.removeprefix(PLEDGE), ()) for item in classes] + [_GENERAL]:
            for template in templates:
                names = _ROLE.findall(template)
                if all(name == "kind" or roles.get(name) for name in names):
                    filled = {name: kind if name == "kind" else self._join(roles[name]) for name in names}
                    text = template.format(**filled)
                    return text[0].upper() + text[1:]
        raise AssertionError("the last template needs no role")

    def _join(self, values: Iterable[str]) -> str:
        named = sorted({self.of(value[1:-1]) if value.startswith("<") else value for value in values})
        if len(named) > SHOWN + 1:
            named = [*named[:SHOWN], f"{len(named) - SHOWN} others"]
        return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def _slug_words(iri: str) -> str:
    return re.split(r"[/#]", iri)[-1].replace("-", " ")
