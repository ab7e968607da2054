"""Sets up or refreshes .venv: `python3 .ci/environment.py [EXTRA...]`. Does nothing when it is up to date.

Runs on the bare interpreter, so it imports the standard library alone. A lock lets two runs of make share one .venv.
"""

import fcntl
import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"


def main(extras: list[str]) -> int:
    """Make .venv hold what pyproject.toml asks for; gives the exit code."""
    if sys.version_info < (3, 11):
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"Pledgegraph needs Python 3.11 or later, this is {found}: make PYTHON=python3.11", file=sys.stderr)
        return 2
    VENV.mkdir(exist_ok=True)
    with (VENV / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint()
        stamps = [VENV / f".installed-{name}" for name in ["program", *extras]]
        if works() and all(stamp.is_file() and stamp.read_text() == wanted for stamp in stamps):
            return 0
        try:
            if not works():
                print("setting up .venv", file=sys.stderr)
                subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
            print("installing what pyproject.toml asks for", file=sys.stderr)
            target = f"{ROOT}[{','.join(extras)}]" if extras else str(ROOT)
            pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--editable", target]
            subprocess.run(pip, check=True)
        except subprocess.CalledProcessError as error:
            print(f"setting up .venv failed: {' '.join(error.cmd)}", file=sys.stderr)
            return 2
        for stamp in stamps:
            stamp.write_text(wanted)
    return 0


def fingerprint() -> str:
    """Digest of what decides the contents of .venv: the project file, where it lies, and the interpreter."""
    parts = [(ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def works() -> bool:
    """Whether .venv has an interpreter that runs, of the version of this one, with pip."""
    code = "import sys, pip; print(sys.version)"
    try:
        answer = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answer.returncode == 0 and answer.stdout.strip() == sys.version.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
