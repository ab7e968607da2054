"""Whether the targets of links still answer: politely, one request after another, remembered and resumable.

Each answer is written down at once, so that a run that was broken off goes on where it stopped. A target that asks to
be left alone (429, 503) is left alone for as long as it says, and then for the rest of the run.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from http.client import HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from pledgegraph.errors import InputError, RunError

AGENT = "pledgegraph link check (https://w3id.org/pledgegraph/)"
GONE = (404, 410)
BUSY = (429, 503)


@dataclass(frozen=True)
class Policy:
    """How targets are asked.

    Args:
        pause: Seconds between two requests to one host.
        timeout: Seconds that a target may take to answer.
        longest_wait: Seconds that a busy host may ask to wait; a host that asks for more is left for another run.
        fresh_days: Days for which an answer is not asked again.
        addresses: Start of an IRI to the address to ask in its place, for mirrors and tests.
        limit: Most requests of a run; None for no limit.
    """

    pause: float = 1.0
    timeout: float = 20.0
    longest_wait: float = 60.0
    fresh_days: int = 30
    addresses: Mapping[str, str] = field(default_factory=dict)
    limit: int | None = None


@dataclass(frozen=True)
class Answer:
    """What a target said.

    Args:
        target: IRI that was asked.
        outcome: "answers", "gone", "moved" (answers at another address), "busy" or "no answer".
        detail: Status, address or error.
        checked_on: Day of the check, as YYYY-MM-DD.
    """

    target: str
    outcome: str
    detail: str
    checked_on: str


def check_targets(
    targets: Iterable[str],
    memory: Path,
    policy: Policy,
    *,
    today: date,
    said: Callable[[Answer], None] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Answer]:
    """Ask targets whether they are there.

    Args:
        targets: IRIs; each is asked once.
        memory: File of earlier answers, one JSON object a line; it is read and added to.
        policy: How to ask.
        today: The day, by which earlier answers are fresh or not.
        said: Called with each new answer.
        sleep: Waits for seconds.

    Returns:
        One answer a target, from memory where it is fresh; none for targets beyond the limit.

    Raises:
        InputError: A target is no web address.
        RunError: The memory cannot be read or written.
    """
    known = _remembered(memory, policy, today)
    left_alone: set[str] = set()
    last_asked: dict[str, float] = {}
    answers: list[Answer] = []
    asked = 0
    for target in dict.fromkeys(targets):
        if target in known:
            answers.append(known[target])
            continue
        if policy.limit is not None and asked >= policy.limit:
            break
        address = _address(target, policy)
        host = urlsplit(address).netloc
        if host in left_alone:
            answers.append(Answer(target, "busy", "its host asked to be left alone", today.isoformat()))
            continue
        waited = time.monotonic() - last_asked.get(host, float("-inf"))
        if waited < policy.pause:
            sleep(policy.pause - waited)
        outcome, detail, wait = _ask(address, policy)
        asked += 1
        if outcome == "busy" and 0 < wait <= policy.longest_wait:
            sleep(wait)
            outcome, detail, _ = _ask(address, policy)
        last_asked[host] = time.monotonic()
        if outcome == "busy":
            left_alone.add(host)
        answer = Answer(target, outcome, detail, today.isoformat())
        if outcome not in ("busy", "no answer"):  # these two say nothing of the target, and are asked again
            _remember(memory, answer)
        if said:
            said(answer)
        answers.append(answer)
    return answers


def _address(target: str, policy: Policy) -> str:
    for start, other in policy.addresses.items():
        if target.startswith(start):
            target = other + target.removeprefix(start)
            break
    if urlsplit(target).scheme not in ("http", "https") or not urlsplit(target).netloc:
        raise InputError(f"{target} is no web address")
    return target


class _SameMethod(urllib.request.HTTPRedirectHandler):
    """Follows a redirect with HEAD again, where urllib before Python 3.13 would fetch the whole answer."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        following = super().redirect_request(req, fp, code, msg, headers, newurl)
        if following is not None:
            following.method = req.get_method()
        return following


_OPENER = urllib.request.build_opener(_SameMethod)


def _ask(address: str, policy: Policy) -> tuple[str, str, float]:
    """Outcome, detail, and the seconds that a busy target asks to wait."""
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked
        address, method="HEAD", headers={"User-Agent": AGENT, "Accept": "*/*"}
    )
    try:
        with _OPENER.open(request, timeout=policy.timeout) as response:
            moved = response.url != address
            return ("moved", response.url, 0.0) if moved else ("answers", str(response.status), 0.0)
    except urllib.error.HTTPError as error:
        with error:
            if error.code in BUSY:
                return "busy", str(error.code), _seconds(error.headers.get("Retry-After"))
            return "gone" if error.code in GONE else "no answer", str(error.code), 0.0
    except (OSError, ValueError) as error:  # no connection, time is up, or an answer that is no HTTP
        return "no answer", str(getattr(error, "reason", error)) or type(error).__name__, 0.0
    except Exception as error:
        return "no answer", type(error).__name__, 0.0


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0


def _remembered(memory: Path, policy: Policy, today: date) -> dict[str, Answer]:
    known: dict[str, Answer] = {}
    try:
        lines = memory.read_text(encoding="utf-8").split("\n") if memory.exists() else []
    except OSError as error:
        raise RunError(f"cannot be read: {error.strerror}", file=memory.as_posix()) from error
    for line in lines:
        try:
            answer = Answer(**json.loads(line))
            age = (today - date.fromisoformat(answer.checked_on)).days
        except (ValueError, TypeError):
            continue  # an empty line, or one that was broken off
        if 0 <= age <= policy.fresh_days:
            known[answer.target] = answer
    return known


def _remember(memory: Path, answer: Answer) -> None:
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        with memory.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(answer), ensure_ascii=False) + "\n")
    except OSError as error:
        raise RunError(f"cannot be written: {error.strerror}", file=memory.as_posix()) from error
