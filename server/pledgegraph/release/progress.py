"""Progress of a build: one bar on a terminal, plain lines elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

BAR_WIDTH = 24


class Progress:
    """Says which step runs and how long each took.

    Args:
        steps: Number of steps to come.
        stream: Where to write; standard error by default.
        quiet: Write nothing; timings are kept all the same.
    """

    def __init__(self, steps: int, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self.steps = steps
        self.stream = sys.stderr if stream is None else stream
        self.quiet = quiet
        self.timings: list[tuple[str, float]] = []
        """Step and its seconds, in order."""
        self._terminal = not quiet and self.stream.isatty()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and show that it runs."""
        number = len(self.timings) + 1
        if self._terminal:
            self._draw(number - 1, name)
        started = time.perf_counter()
        try:
            yield
        except BaseException:
            if self._terminal:
                self._write("\r\x1b[K")
            raise
        seconds = time.perf_counter() - started
        self.timings.append((name, seconds))
        if self._terminal:
            self._draw(number, name)
        else:
            self._write(f"[{number}/{self.steps}] {name} {seconds:.2f} s\n")

    def say(self, text: str) -> None:
        """Write a line of its own."""
        self._write(("\r\x1b[K" if self._terminal else "") + text + "\n")

    def done(self, text: str) -> None:
        """Replace the bar by a last line."""
        self.say(text)

    def _draw(self, finished: int, name: str) -> None:
        filled = BAR_WIDTH * finished // self.steps
        self._write(f"\r\x1b[K[{'#' * filled}{'.' * (BAR_WIDTH - filled)}] {finished}/{self.steps} {name}")

    def _write(self, text: str) -> None:
        if not self.quiet:
            self.stream.write(text)
            self.stream.flush()
