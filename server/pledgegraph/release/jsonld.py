"""JSON-LD that reads like plain JSON: a hand-made context, one entity framed with PyLD, whole graphs as flat nodes."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse

from pledgegraph.errors import RunError
from pledgegraph.terms import ID, PLEDGE, RDF_TYPE, SLUG, XSD

Json = Any
"""A JSON value: PyLD takes and gives untyped trees."""

_FIRST = ("id", "type", "label", "summary")
_CANONICAL_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,14})\Z")
_NAME = re.compile(r"[A-Za-z]\w*\Z")


@cache
def context() -> Mapping[str, Json]:
    """The terms of the context file `context.jsonld`."""
    terms: dict[str, Json] = json.loads((files(__package__) / "context.jsonld").read_bytes())["@context"]
    return terms


@cache
def _terms() -> dict[str, tuple[str, str | None, str | None]]:
    """Property IRI to its term, the type its values are read as, and their language."""
    found: dict[str, tuple[str, str | None, str | None]] = {}
    for term, definition in context().items():
        if isinstance(definition, dict) and "@reverse" not in definition:
            iri = _expand(definition.get("@id", f"pledge:{term}"))
            found[iri] = (term, definition.get("@type"), definition.get("@language"))
    return found


@cache
def _prefixes() -> list[tuple[str, str]]:
    prefixes = [(k, v) for k, v in context().items() if isinstance(v, str) and k[0] != "@" and v[0] != "@"]
    return sorted(prefixes, key=lambda item: -len(item[1]))


def _expand(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{context()[prefix]}{local}"


def flat(triples: Iterable[Triple]) -> bytes:
    """A graph as one list of nodes, each with its own properties, sorted by IRI.

    Args:
        triples: Any number of triples; time and memory grow with them and no faster.
    """
    nodes = [_flat_node(subject, properties) for subject, properties in _by_subject(triples)]
    return _document({"@graph": nodes})


def framed(triples: Iterable[Triple], root: str) -> bytes:
    """A graph as a tree from one node: what points at it comes under `as…`, claims under their record, and so on.

    A graph with blank nodes is written flat.

    Args:
        triples: The graph.
        root: IRI of the node at the top.

    Raises:
        RunError: A context would have to be fetched.
    """
    from pyld import jsonld

    known = list(triples)
    if any(isinstance(node, BlankNode) for t in known for node in (t.subject, t.object)):
        return flat(known)
    expanded = [_expanded_node(subject, properties) for subject, properties in _by_subject(known)]
    terms = dict(context())
    leading = {t.predicate.value for t in known if isinstance(t.object, NamedNode)} - {RDF_TYPE}
    mentions = {_term(iri): _MENTION for iri in leading}
    literals = [_term(iri) for iri in {t.predicate.value for t in known if isinstance(t.object, Literal)}]
    record, known_frames = _frames(mentions, literals)
    frame: dict[str, Json] = {"@context": terms, "@embed": "@always", **mentions, "@id": root}
    pointing = {t.predicate.value for t in known if isinstance(t.object, NamedNode) and t.object.value == root}
    for property_ in sorted(pointing - _DERIVED):
        if property_ in known_frames:
            term, inner = known_frames[property_]
        else:
            term, inner = _reverse_term(property_), record
            terms[term] = {"@reverse": _prefixed(property_)}
        frame[term] = inner
    if any(t.subject == NamedNode(root) and t.predicate.value == PLEDGE("cites") for t in known):
        frame |= {name: known_frames[PLEDGE("attests")][1][name] for name in ("cites", "context")}
        frame["attests"] = record
    options = {"documentLoader": _refuse, "omitGraph": True, "omitDefault": True, "processingMode": "json-ld-1.1"}
    tree: dict[str, Json] = jsonld.frame(expanded, frame, options)
    tree.pop("@context", None)
    said = {quad.triple for quad in parse(_document(tree, terms), RdfFormat.JSON_LD)}
    # The tree is where the frame leads; what lies off its ways is said beside it.
    rest = [_flat_node(subject, properties) for subject, properties in _by_subject(t for t in known if t not in said)]
    return _document({"@graph": [tree, *rest]} if rest else tree, terms)


_REFERENCE: Json = {"@embed": "@never"}
# What is only mentioned comes with its label and class; its other triples stand where it is described.
_MENTION: Json = {"@embed": "@always", "@explicit": True, "@id": {}, "label": {}}


def _frames(mentions: dict[str, Json], literals: list[str]) -> tuple[Json, dict[str, tuple[str, Json]]]:
    """Frames for what hangs on a node, none deeper than record, claim, passage.

    Args:
        mentions: A frame for every property that leads to a node.
        literals: Terms of the properties that lead to a literal.

    Returns:
        The frame of a record; and for a property that points at the root its reverse term in the context and the frame
        of what stands there.
    """
    # A frame with properties matches the nodes that have one of them; with any @id, all nodes.
    plain: Json = {"@embed": "@always", "@id": {}, **mentions}
    passage: Json = {**plain, "inDocument": _REFERENCE}
    claim: Json = {**plain, "attests": _REFERENCE, "cites": passage, "context": passage}
    # Under a record, a claim leaves out what else it attests: a list would be told under each of its members.
    about_it: Json = {"@explicit": True, **{term: {} for term in literals}, **claim}
    del about_it["attests"]
    record: Json = {**plain, "attestedBy": _REFERENCE, "claims": about_it, "inStage": {**plain, "claims": about_it}}
    citing: Json = {**claim, "cites": _REFERENCE, "attests": {**record, "claims": _REFERENCE}}
    return record, {
        PLEDGE("attests"): ("claims", about_it),
        PLEDGE("cites"): ("citedBy", citing),
        PLEDGE("inDocument"): ("passages", {**passage, "citedBy": citing}),
    }


# What points at a node through these points at it, or is reached from it, through a specific property too.
_DERIVED = {PLEDGE(name) for name in ("actor", "attestedBy", "passage", "text", "venue")}


def _refuse(url: str, _options: Json) -> Json:
    """PyLD's document loader: no context is ever fetched."""
    raise RunError(f"the JSON-LD context {url} is not fetched", hint="Give the context in the document itself")


def _term(property_: str) -> str:
    return _terms()[property_][0] if property_ in _terms() else _prefixed(property_)


def _reverse_term(property_: str) -> str:
    name = _terms()[property_][0] if property_ in _terms() else re.split(r"[/#]", property_)[-1]
    return f"as{name[0].upper()}{name[1:]}"


def _by_subject(triples: Iterable[Triple]) -> list[tuple[NamedNode | BlankNode, dict[str, list[Any]]]]:
    nodes: dict[str, tuple[Any, dict[str, list[Any]]]] = {}
    for triple in triples:
        _, properties = nodes.setdefault(str(triple.subject), (triple.subject, defaultdict(list)))
        properties[triple.predicate.value].append(triple.object)
    return [nodes[key] for key in sorted(nodes)]


def _flat_node(subject: NamedNode | BlankNode, properties: Mapping[str, list[Any]]) -> dict[str, Json]:
    node: dict[str, Json] = {"id": _reference(subject)}
    written: dict[str, Json] = {}
    for property_, values in properties.items():
        if property_ == RDF_TYPE and all(isinstance(value, NamedNode) for value in values):
            node["type"] = _one_or_list([_vocabulary(value.value) for value in values])
            continue
        term, type_, language = _terms().get(property_, (_vocabulary(property_), None, None))
        written[term] = _one_or_list([_flat_value(value, type_, language) for value in values])
    return node | written


def _flat_value(value: NamedNode | BlankNode | Literal, type_: str | None, language: str | None) -> Json:
    if not isinstance(value, Literal):
        if type_ == "@vocab" and isinstance(value, NamedNode):
            return _vocabulary(value.value)
        return _reference(value) if type_ == "@id" else {"id": _reference(value)}
    datatype, native = value.datatype.value, _native(value)
    if value.language:
        return value.value if value.language == language else {"@language": value.language, "@value": value.value}
    if datatype == XSD("string"):
        return value.value if type_ is None and language is None else {"@value": value.value}
    if type_ is not None and type_[0] != "@" and _expand(type_) == datatype:
        return native
    return {"@type": _vocabulary(datatype), "@value": native}


def _expanded_node(subject: NamedNode | BlankNode, properties: Mapping[str, list[Any]]) -> dict[str, Json]:
    node: dict[str, Json] = {"@id": _id(subject)}
    for property_, values in properties.items():
        if property_ == RDF_TYPE:
            node["@type"] = [_id(value) for value in values]
        else:
            node[property_] = [_expanded_value(value) for value in values]
    return node


def _expanded_value(value: NamedNode | BlankNode | Literal) -> dict[str, Json]:
    if not isinstance(value, Literal):
        return {"@id": _id(value)}
    if value.language:
        return {"@value": value.value, "@language": value.language}
    if value.datatype.value == XSD("string"):
        return {"@value": value.value}
    return {"@value": _native(value), "@type": value.datatype.value}


def _native(value: Literal) -> Json:
    """A literal as a JSON number or boolean where its spelling survives that, else as a string."""
    datatype = value.datatype.value
    if datatype == XSD("integer") and _CANONICAL_INTEGER.match(value.value):
        return int(value.value)
    if datatype == XSD("boolean") and value.value in ("true", "false"):
        return value.value == "true"
    return value.value


def _id(node: NamedNode | BlankNode) -> str:
    return node.value if isinstance(node, NamedNode) else f"_:{node.value}"


def _reference(node: NamedNode | BlankNode) -> str:
    """A node as the context lets it be written: `japan`, `pledge:accepted`, a full IRI."""
    if isinstance(node, BlankNode):
        return f"_:{node.value}"
    slug = node.value.removeprefix(ID)
    return slug if slug != node.value and SLUG.match(slug) else _prefixed(node.value)


def _vocabulary(iri: str) -> str:
    """A class, property or value as the context lets it be written: `Endorsement`, `skos:Concept`, a full IRI."""
    name = iri.removeprefix(PLEDGE)
    if name != iri and _NAME.match(name) and (name not in context() or iri in _terms()):
        return name
    return _prefixed(iri)


def _prefixed(iri: str) -> str:
    for prefix, namespace in _prefixes():
        if iri.startswith(namespace) and _NAME.match(iri[len(namespace) :]):
            return f"{prefix}:{iri[len(namespace) :]}"
    return iri


def _one_or_list(values: list[Json]) -> Json:
    return values[0] if len(values) == 1 else values


def _document(body: dict[str, Json], terms: Mapping[str, Json] | None = None) -> bytes:
    """A document with those terms of the context that it uses."""
    available = context() if terms is None else terms
    used: set[str] = set()
    _collect(body, used)
    prefixes = {name.partition(":")[0] for name in used if ":" in name}
    kept = {
        term: definition
        for term, definition in available.items()
        if term[0] == "@" or term in used or (isinstance(definition, str) and term in prefixes)
    }
    for definition in list(kept.values()):
        if isinstance(definition, dict):
            for name in (definition.get("@id"), definition.get("@type"), definition.get("@reverse")):
                prefix = (name or "").partition(":")[0]
                if prefix in available and prefix not in kept:
                    kept[prefix] = available[prefix]
    ordered = {term: kept[term] for term in available if term in kept}
    lines = ",\n".join(f"  {json.dumps(term)}: {json.dumps(definition)}" for term, definition in ordered.items())
    rest = json.dumps(_ordered(body), indent=1, ensure_ascii=False).removeprefix("{\n")
    return f'{{\n "@context": {{\n{lines}\n }},\n{rest}\n'.encode()


def _ordered(value: Json) -> Json:
    """The same tree with the keys of each node in the order of reading: what it is first."""
    if isinstance(value, list):
        return [_ordered(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    first = [key for key in _FIRST if key in value]
    return {key: _ordered(value[key]) for key in [*first, *sorted(value.keys() - set(first))]}


def _collect(value: Json, used: set[str]) -> None:
    """Keys and strings of a tree: every name of the context that it can use is among them."""
    if isinstance(value, dict):
        used.update(value)
        for inner in value.values():
            _collect(inner, used)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, used)
    elif isinstance(value, str) and len(value) < 200:
        used.add(value)
