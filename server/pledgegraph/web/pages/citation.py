"""How to cite a page: in words, in BibTeX, and by an address that names the release."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pledgegraph.terms import ID
from pledgegraph.web.pages.asking import rows
from pledgegraph.web.site import Site

# Characters that TeX reads as commands.
_TEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    character: "\\" + character for character in "&%$#_{}"
}


@dataclass(frozen=True)
class Citation:
    """A citation.

    Args:
        text: for a footnote.
        bibtex: an entry for BibTeX.
        permalink: the address of the page with the release that was read.
        iri: what names the thing itself, whatever the release.
    """

    text: str
    bibtex: str
    permalink: str
    iri: str


def of(site: Site, title: str, path: str, slug: str = "") -> Citation:
    """The citation of a page.

    Args:
        site: what is served.
        title: the title of the page.
        path: its path within the site.
        slug: of the thing that it is about, if any.
    """
    release, read = site.snapshot.release, data_day(site)
    iri = ID(slug) if slug else site.iri(path)
    permalink = f"{site.iri(path)}{'&' if '?' in path else '?'}release={release}"
    year = read[:4]
    text = f"“{title}”, Pledgegraph, release {release}{f', sources read up to {read}' if read else ''}, {iri}"
    key = re.sub(r"[^a-z0-9]+", "-", (slug or path or "home").lower()).strip("-")
    bibtex = "\n".join(
        [
            f"@misc{{pledgegraph-{key},",
            f"  title = {{{{{_tex(title)}}}}},",
            "  author = {{Pledgegraph}},",
            *([f"  year = {{{year}}},"] if year else []),
            f"  note = {{Release {_tex(release)}}},",
            f"  url = {{{permalink}}}",
            "}",
        ]
    )
    return Citation(text, bibtex, permalink, iri)


def data_day(site: Site) -> str:
    """The day of the last review of a source, as YYYY-MM-DD; empty where none is known."""
    return site.snapshot.once("pages.data-day", lambda: max((row["day"] for row in rows(site, "reviewed")), default=""))


def _tex(text: str) -> str:
    return "".join(_TEX.get(character, character) for character in text)
