"""What the tests of questions share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

ROOT = Path(__file__).resolve().parents[2]
Changed: TypeAlias = Callable[[str, str], AbstractContextManager[None]]
