"""Vendored files are those that were fetched, and no page asks another host for anything."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pledgegraph.web

WEB = Path(pledgegraph.web.__file__).parent
VENDOR = WEB / "static" / "vendor"


def test_vendored_files_have_their_digest_and_licence() -> None:
    listed = {"vendor.json"}
    for package in json.loads((VENDOR / "vendor.json").read_text(encoding="utf-8")):
        assert package["version"] and package["licence"]
        assert (VENDOR / package["licence_text"]).read_text(encoding="utf-8")
        listed.add(package["licence_text"])
        for file in package["files"]:
            data = (VENDOR / file["file"]).read_bytes()
            assert hashlib.sha256(data).hexdigest() == file["sha256"]
            assert len(data) == file["bytes"]
            listed.add(file["file"])
    assert {path.name for path in VENDOR.iterdir()} == listed


def test_templates_and_scripts_load_nothing_from_elsewhere() -> None:
    own = [*WEB.glob("templates/**/*.html"), *(path for path in WEB.glob("static/*") if path.is_file())]
    assert len(own) > 5
    for path in own:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"""(?:src|srcset|data)\s*=\s*["']?\s*(?:https?:)?//""", text), path
        assert not re.search(r"<link[^>]+stylesheet[^>]+//", text), path
        assert not re.search(r"@import|url\(\s*['\"]?(?:https?:)?//", text), path
        assert not re.search(r"(?:fetch|import|importScripts)\(\s*['\"](?:https?:)?//", text), path


def test_pages_have_no_script_of_their_own_and_no_handlers() -> None:
    for path in WEB.glob("templates/**/*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"\son[a-z]+\s*=", text), path
        assert not re.search(r"""[^'"\s]\s*\|\s*safe\b""", text), path  # text of the template itself may be
