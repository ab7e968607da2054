"""Makes report.md and plot.svg out of the figures of a run.

python benchmarks/serve/report.py results/results.json
"""

import html
import json
import math
import statistics
import sys
from pathlib import Path
from typing import Any

OURS = "pledgegraph"
MEMORY = "oxigraph serve, memory"
SLOW_MS = 5.0
"""The targets for evaluation are for questions that take `oxigraph serve` in memory longer than this."""

Cold = dict[str, dict[str, dict[str, Any]]]


def write_report(file: Path) -> None:
    """Write the table of a run, what it says of the targets, and the plot, beside its figures."""
    result = json.loads(file.read_text())
    lines = [
        f"# Serving, measured: {result['triples']:,} triples in the default graph",
        "",
        f"<!-- Written by benchmarks/serve/report.py from {file.name}. -->",
        "",
        f"Machine: {result['machine']}. Ratios within this run are what counts.",
        *[f"Left out: {name} ({why})." for name, why in result["left out"].items()],
        "",
        "## Under load: 8 connections",
        "",
        *load_table(result["loads"]),
        "",
        "## Targets",
        "",
        *targets(result),
        "",
        "## Each question, cold: median milliseconds",
        "",
        *cold_table(result["cold"]),
        "",
        "## Each question, warm: requests a second",
        "",
        *warm_table(result["warm"]),
    ]
    file.with_name(file.stem.replace("results", "report") + ".md").write_text("\n".join(lines) + "\n")
    file.with_name(file.stem.replace("results", "plot") + ".svg").write_text(plot(result["cold"]))


def load_table(loads: dict[str, dict[str, dict[str, float]]]) -> list[str]:
    """A row for each server and load."""
    lines = [
        "| Load | Server | Requests/s | p50 ms | p99 ms | Processor ms a request | Memory MB | Errors |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for what in ("look-ups, cold", "look-ups, warm", "questions, cold", "questions, warm"):
        for server, measures in loads.items():
            if (m := measures.get(what)) is not None:
                lines.append(
                    f"| {what} | {server} | {m['per_second']:,.0f} | {m['p50']:.2f} | {m['p99']:.1f} | "
                    f"{m['processor']:.3f} | {m['megabytes']:,.0f} | {m['errors']:.0f} |"
                )
    return lines


def targets(result: dict[str, Any]) -> list[str]:
    """What the run says of each target, as a table."""
    cold, warm, loads = result["cold"], result["warm"], result["loads"]
    rows: list[tuple[str, str, bool | None]] = []
    if warm:
        ratios = {row["name"]: row["ours"] / row["ceiling"] for row in warm}
        lowest = min(ratios, key=lambda name: ratios[name])
        rows.append(
            (
                "Warm: at least 0.7 of constant bytes on every question",
                f"lowest {ratios[lowest]:.2f} ({lowest}), median {statistics.median(ratios.values()):.2f}, "
                f"{sum(ratio >= 0.7 for ratio in ratios.values())} of {len(ratios)} questions",
                ratios[lowest] >= 0.7,
            )
        )
    if "look-ups, warm" in loads.get(MEMORY, {}):
        ours, theirs = (loads[name]["look-ups, warm"]["per_second"] for name in (OURS, MEMORY))
        rows.append(("Warm look-ups: ahead of `oxigraph serve` in memory", f"{ours / theirs:.2f} times", ours > theirs))
    if MEMORY in cold:
        slow = [name for name in cold[OURS] if name != "look-up" and (_ms(cold, MEMORY, name) or 0) > SLOW_MS]
        quickest = {name: min(found["times"]) for name, found in cold[MEMORY].items() if found["times"]}
        repeated = [row for row in warm if quickest.get(row["name"], 0) > SLOW_MS and "peer" in row]
        if repeated:
            gains = {row["name"]: row["ours"] / max(row["peer"], 0.01) for row in repeated}
            least = min(gains, key=lambda name: gains[name])
            text = f"lowest {gains[least]:,.0f} times ({least}), of {len(repeated)} questions"
            rows.append((f"Warm: 20 times ahead of it on questions over {SLOW_MS:g} ms", text, gains[least] >= 20))
        cold_ratios = {
            name: _ms(cold, MEMORY, name) / ms  # type: ignore[operator]
            for name in slow
            if (ms := _ms(cold, OURS, name))
        }
        if cold_ratios:
            least = min(cold_ratios, key=lambda name: cold_ratios[name])
            text = (
                f"lowest {cold_ratios[least]:.2f} ({least}), median {statistics.median(cold_ratios.values()):.2f}, "
                f"{sum(ratio >= 0.85 for ratio in cold_ratios.values())} of {len(cold_ratios)} questions"
            )
            rows.append((f"Cold: 0.85 of it on questions over {SLOW_MS:g} ms", text, cold_ratios[least] >= 0.85))
    for peer, factor in (("Fuseki", 1.0), ("Virtuoso", 1.0), ("rdflib-endpoint", 30.0)):
        if peer in cold:
            rows.append(_ahead(cold, peer, factor))
    lines = ["| Target | Measured | Met |", "|---|---|---|"]
    return lines + [f"| {what} | {text} | {'yes' if met else 'no'} |" for what, text, met in rows]


def _ahead(cold: Cold, peer: str, factor: float) -> tuple[str, str, bool]:
    ratios: dict[str, float] = {}
    unfinished, differ = 0, 0
    for name, found in cold[peer].items():
        ours = _ms(cold, OURS, name)
        if ours is None:
            continue
        if found["ms"] is None:
            unfinished += 1
        elif _differ(found["rows"], cold[OURS][name]["rows"]):
            differ += 1
        else:
            ratios[name] = found["ms"] / ours
    what = f"Cold: {'ahead of' if factor == 1 else f'{factor:g} times'} {peer} on all"
    if not ratios:
        return what, f"no question with the same answer; {unfinished} without answer, {differ} with another", False
    least = min(ratios, key=lambda name: ratios[name])
    text = (
        f"lowest {ratios[least]:.1f} times ({least}), median {statistics.median(ratios.values()):.0f}, "
        f"{sum(ratio >= factor for ratio in ratios.values())} of {len(ratios)} questions; {unfinished} it did not "
        f"answer, {differ} with another number of rows"
    )
    return what, text, ratios[least] >= factor


def _differ(theirs: list[int | None], ours: list[int | None]) -> bool:
    """Whether any answer had another number of rows; a server that was slow was asked fewer times."""
    return any(their != our for their, our in zip(theirs, ours, strict=False))


def _spread(rows: list[int | None]) -> str:
    numbers = sorted(number for number in rows if number is not None)
    return "" if not numbers else f"{numbers[0]}" if numbers[0] == numbers[-1] else f"{numbers[0]}–{numbers[-1]}"


def _ms(cold: Cold, server: str, name: str) -> float | None:
    return cold[server].get(name, {}).get("ms")


def cold_table(cold: Cold) -> list[str]:
    """A row for each question: rows of the answers here, fewest to most, and each server's median time."""
    servers = list(cold)
    lines = ["| Question | Rows | " + " | ".join(servers) + " |", "|---|---:|" + "---:|" * len(servers)]
    for name, found in cold[OURS].items():
        cells = []
        for server in servers:
            each = cold[server].get(name, {"ms": None, "rows": [], "failed": ""})
            star = "*" if _differ(each["rows"], found["rows"]) else ""
            cells.append(each["failed"] if each["ms"] is None else f"{each['ms']:.2f}{star}")
        lines.append(f"| {name} | {_spread(found['rows'])} | " + " | ".join(map(str, cells)) + " |")
    return [*lines, "", "\\* another number of rows than here."]


def warm_table(warm: list[dict[str, Any]]) -> list[str]:
    """A row for each question."""
    lines = [f"| Question | Bytes | Here | Constant bytes | Ratio | {MEMORY} |", "|---|---:|---:|---:|---:|---:|"]
    for row in warm:
        peer = f"{row['peer']:,.0f}" if "peer" in row else ""
        lines.append(
            f"| {row['name']} | {row['bytes']:,} | {row['ours']:,.0f} | {row['ceiling']:,.0f} | "
            f"{row['ours'] / row['ceiling']:.2f} | {peer} |"
        )
    return lines


_COLOURS = ("#000000", "#e69f00", "#56b4e9", "#009e73", "#cc79a7", "#d55e00")
_WIDTH, _ROW, _LEFT, _TOP = 1000, 14, 330, 60


def plot(cold: Cold) -> str:
    """Cold medians as SVG: a row for each question, a dot for each server, milliseconds on a logarithmic axis."""
    names = sorted(cold[OURS], key=lambda name: _ms(cold, OURS, name) or 1e9)
    height = _TOP + _ROW * len(names) + 20
    low, high = -1.0, 4.5

    def x(ms: float) -> float:
        return _LEFT + (math.log10(max(ms, 0.1)) - low) / (high - low) * (_WIDTH - _LEFT - 20)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" '
        'font-size="10" role="img"><title>Milliseconds of each question, cold, by server</title>'
        f'<rect width="{_WIDTH}" height="{height}" fill="#fff"/>'
    ]
    for power in range(-1, 5):
        place = x(10**power)
        parts.append(f'<line x1="{place:.0f}" x2="{place:.0f}" y1="{_TOP - 12}" y2="{height - 10}" stroke="#ccc"/>')
        parts.append(f'<text x="{place:.0f}" y="{_TOP - 16}" text-anchor="middle">{10**power:g} ms</text>')
    for number, server in enumerate(cold):
        place = 20 + number * 160
        parts.append(f'<circle cx="{place}" cy="16" r="4" fill="{_COLOURS[number % len(_COLOURS)]}"/>')
        parts.append(f'<text x="{place + 8}" y="20">{html.escape(server)}</text>')
    for row, name in enumerate(names):
        y = _TOP + row * _ROW
        parts.append(f'<text x="{_LEFT - 8}" y="{y + 3}" text-anchor="end">{html.escape(name)}</text>')
        for number, server in enumerate(cold):
            if (ms := _ms(cold, server, name)) is not None:
                parts.append(f'<circle cx="{x(ms):.1f}" cy="{y}" r="3.5" fill="{_COLOURS[number % len(_COLOURS)]}"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    write_report(Path(sys.argv[1]))
