"""The SHACL test suite of the W3C on the fast validator; PLEDGEGRAPH_SUITES names the folder that holds `shacl/`."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from pledgegraph import validation
from pledgegraph.errors import InputError
from pledgegraph.terms import RDF, SH
from pledgegraph.validation.report import Graph, Result, Term

SHT, MF = "http://www.w3.org/ns/shacl-test#", "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
SUITES = os.environ.get("PLEDGEGRAPH_SUITES")
ROOT = Path(SUITES) / "shacl" if SUITES else None
APPROVED = 121
"""Tests of the suite: 98 of the core and 23 of SHACL-SPARQL."""

COMPONENTS = "SPARQL-based constraint components are another feature than the sh:sparql constraints that shapes/ uses"
MISSES = {
    "sparql/component/nodeValidator-001.ttl": COMPONENTS,
    "sparql/component/optional-001.ttl": COMPONENTS,
    "sparql/component/propertyValidator-select-001.ttl": COMPONENTS,
    "sparql/component/validator-001.ttl": COMPONENTS,
    "sparql/pre-binding/unsupported-sparql-006.ttl": COMPONENTS,
    "sparql/pre-binding/shapesGraph-001.ttl": "$shapesGraph is optional in SHACL, and pyshacl does not have it either",
}
"""Tests that fail, each with its cause."""


def _files() -> list[Path]:
    if ROOT is None or not ROOT.is_dir():
        return []
    return [path for path in sorted(ROOT.rglob("*.ttl")) if "sht:Validate" in path.read_text(encoding="utf-8")]


def _triples(path: Path) -> list[Triple]:
    return [quad.triple for quad in parse(path=path, format=RdfFormat.TURTLE, base_iri=path.as_uri())]


def _path(term: Term | None) -> Path:
    assert isinstance(term, NamedNode)
    path = Path(term.value.removeprefix("file://"))
    return path if path.exists() else path.with_suffix(".ttl")


def _keys(results: list[Result]) -> Counter[tuple[str, ...]]:
    """Results as the suite compares them; source shapes are often anonymous in it."""
    return Counter(result.key[:-1] for result in results)


@pytest.mark.skipif(ROOT is None, reason="PLEDGEGRAPH_SUITES is not set; it names the folder with the W3C suites")
def test_the_whole_suite_is_there() -> None:
    assert len(_files()) == APPROVED
    assert ROOT is not None
    assert set(MISSES) <= {path.relative_to(ROOT).as_posix() for path in _files()}


@pytest.mark.skipif(ROOT is None, reason="PLEDGEGRAPH_SUITES is not set; it names the folder with the W3C suites")
@pytest.mark.parametrize("path", [pytest.param(p, id=p.relative_to(ROOT or p).as_posix()) for p in _files()])
def test_w3c(path: Path) -> None:
    assert ROOT is not None
    manifest = Graph(_triples(path))
    for test, _ in [pair for pair in manifest.pairs(RDF("type")) if pair[1] == NamedNode(SHT + "Validate")]:
        action = manifest.value(test, MF + "action")
        assert action is not None
        data = _triples(_path(manifest.value(action, SHT + "dataGraph")))
        shapes = _triples(_path(manifest.value(action, SHT + "shapesGraph")))
        expected = manifest.value(test, MF + "result")
        assert expected is not None
        passed = _passes(data, shapes, manifest, expected)
        assert passed is (path.relative_to(ROOT).as_posix() not in MISSES)


def _passes(data: list[Triple], shapes: list[Triple], manifest: Graph, expected: Term) -> bool:
    if expected == NamedNode(SHT + "Failure"):
        try:
            validation.report(data, shapes)
        except InputError:
            return True
        return False
    try:
        results = validation.report(data, shapes)
    except InputError:
        return False
    conforms = manifest.value(expected, SH("conforms"))
    assert conforms is not None
    assert (conforms.value == "true") is not bool(manifest.objects(expected, SH("result")))
    return _keys(results) == _keys(manifest.results(expected))
