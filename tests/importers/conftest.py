"""A resolution made up for tests, in the form of the United Nations' files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

STATES = {"inFavour": ["TÜRKİYE", "NAMIBIA", "COTE D'IVOIRE"], "against": ["FRANCE"], "abstaining": ["JAPAN"]}


@pytest.fixture
def resolution(tmp_path: Path) -> Callable[..., Path]:
    """Writes a resolution A/RES/79/900 in Akoma Ntoso; counts and lists can be set apart."""

    def write(
        *,
        language: str = "eng",
        counts: dict[str, str] | None = None,
        voters: dict[str, list[str]] | None = None,
        sponsors: str = "Austria, Trinidad and Tobago and Kiribati",
        outcome: str = "adoptedRecordedVote",
        body: str = "",
    ) -> Path:
        lists = STATES if voters is None else voters
        stated = {choice: str(len(names)) for choice, names in lists.items()} | (counts or {})
        voting = "".join(
            f'<count value="{stated[choice]}" refersTo="{choice}"><v:voters xmlns:v="http://un.org/akn4un">'
            + "".join(f'<organization refersTo="memberState">{name}</organization>' for name in names)
            + "</v:voters></count>"
            for choice, names in lists.items()
        )
        path = tmp_path / f"A_RES_79_900_{language}.xml"
        path.write_text(
            f"""<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><statement><meta><identification>
<FRBRWork><FRBRuri value="/akn/un/statement/deliberation/unga/2024-12-02/79-900/"/>
<FRBRdate date="2024-12-02"/></FRBRWork>
<FRBRExpression><FRBRlanguage language="{language}"/></FRBRExpression></identification><workflow>
<step date="2024-10-18" outcome="draftResolution" as="A/C.1/79/L.900" by="{sponsors}"/>
<step date="0001-01-01" outcome="draftResolutionAdditionalSponsors" by="Norway and State of Palestine"/>
<step date="2024-11-15" outcome="recommendedForAdoption" as="A/79/900" by="" refersTo="9"/>
<step date="2024-12-02" outcome="adopted" as="A/79/PV.44" by=""/></workflow><analysis><voting outcome="{outcome}">
{voting if outcome == "adoptedRecordedVote" else '<quorum value=""/>'}</voting></analysis></meta>
<preface><p><docTitle>Resolution adopted</docTitle><docTitle refersTo="#resolutionTitle"> Made-up
 weapons</docTitle></p></preface>
<preamble><container name="Recalling" eId="container_2"><p>Recalling its resolution
 <a href="https://docs.un.org/en/A/RES/79/900">79/900</a>,<authorialNote><p><a href="https://undocs.org/en/A/1">x</a></p></authorialNote>
</p></container></preamble><mainBody><paragraph eId="para_11"><num>1.</num><content/></paragraph>{body}
<paragraph eId="para_14"><num>2 -</num><content/></paragraph></mainBody></statement></akomaNtoso>""",
            encoding="utf-8",
        )
        return path

    return write


@pytest.fixture
def session(tmp_path: Path) -> Callable[..., Path]:
    """Writes a session file of the rows given, each completed to a recorded vote on A/RES/79/900."""

    def write(*rows: dict[str, object], name: str = "session_79.jsonl") -> Path:
        whole = {
            "symbol": "A/RES/79/900",
            "pv": "A/79/PV.44",
            "title": "Made-up weapons",
            "adoption_date": "2\u00a0December 2024",
            "adoption_type": "By a recorded vote",
            "sponsors": ["AUSTRIA", "TRINIDAD AND TOBAGO", "KIRIBATI"],
            "additional_sponsors": ["NORWAY", "STATE OF PALESTINE"],
            "MS_in_favour": STATES["inFavour"],
            "MS_against": STATES["against"],
            "MS_abstaining": STATES["abstaining"],
            "MS_in_favour_count": "3",
            "MS_against_count": "1",
            "MS_abstaining_count": "1",
        }
        path = tmp_path / name
        path.write_text("".join(json.dumps(whole | row) + "\n" for row in rows), encoding="utf-8")
        return path

    return write
