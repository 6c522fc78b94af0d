"""Makes the checkout ready: the virtual environment, its packages, the built frontend. Standard library alone.

Shared by the scripts. Each step is left out when what it depends on has not changed since it last succeeded.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older one reads this far and says so
    sys.exit(
        f"Multitask needs Python 3.11 or newer, and this is {sys.version_info[0]}.{sys.version_info[1]}: "
        f"start it with a newer one, such as `python3.11 {sys.argv[0]}`."
    )

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
FRONTEND = ROOT / "frontend"
STAMP = VENV / "multitask-install.json"
FRONTEND_STAMP = VENV / "multitask-frontend.json"

OLDEST_NODE = 20
SPACE_TO_INSTALL = 1024**3
SPACE_TO_START = 200 * 1024**2
# The build of torch without CUDA is a tenth of the size. Its project serves it at this address.
TORCH = "torch==2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
PROBE_SECONDS = 3.0


class Stop(Exception):
    """Something the reader can act on, said in one line."""


def set_up(*, extras: tuple[str, ...] = ("ml", "embedded", "chat"), frontend: bool = True) -> None:
    """Make the environment with `extras`, and the frontend's build if there is a frontend and it is wanted.

    Raises Stop. Two at once in one checkout: the second waits for the first.
    """
    frontend = frontend and (FRONTEND / "package.json").is_file()
    if frontend:
        _check_node()
    try:
        with _one_at_a_time():
            _ensure_venv()
            _ensure_packages(extras)
            if frontend:
                _ensure_frontend()
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Stop(_disk_full(SPACE_TO_INSTALL)) from None
        raise Stop(f"{error.strerror or error}: {error.filename or 'no file named'}.") from None


def is_ready(extras: tuple[str, ...] = ("ml", "embedded", "chat")) -> bool:
    """Whether nothing is to be installed for `extras`."""
    return PYTHON.exists() and _is_current(extras)


def environment() -> dict[str, str]:
    """The environment for programs of the checkout: both source roots on Python's path."""
    roots = [str(ROOT / "platform"), str(ROOT)]
    kept = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path and path not in roots]
    return dict(os.environ) | {"PYTHONPATH": os.pathsep.join([*roots, *kept]), "VIRTUAL_ENV": str(VENV)}


def become(*argv: str) -> int:
    """Replace this process by the environment's Python with `argv`; does not return."""
    os.execve(PYTHON, [str(PYTHON), *argv], environment())  # noqa: S606 - no shell is wanted
    return 1


def set_up_and_become(*argv: str) -> int:
    """Set up without the frontend, then become the environment's Python with `argv`.

    Returns only where that cannot be: 1, the reason said, or 130 after Ctrl-C.
    """
    try:
        set_up(frontend=False)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return become(*argv)


def check_space(needed: int = SPACE_TO_START) -> None:
    """Raise Stop when the checkout's disk has less than `needed` bytes."""
    if shutil.disk_usage(ROOT).free < needed:
        raise Stop(_disk_full(needed))


def _disk_full(needed: int) -> str:
    return f"The disk is full: free at least {needed // 1024**2} MB and start again."


def _check_node() -> None:
    remedy = f"install Node.js {OLDEST_NODE} or newer (with npm) and start again"
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Stop(f"The site's pages need {'npm' if node else 'Node.js'}, which is not found: {remedy}.")
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", answer)
    if found is None or int(found.group(1)) < OLDEST_NODE:
        raise Stop(
            f"The site's pages need Node.js {OLDEST_NODE}, and this is {answer.strip() or 'unknown'}: {remedy}."
        )


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    (ROOT / "var" / "run").mkdir(parents=True, exist_ok=True)
    with (ROOT / "var" / "run" / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another start is installing here; waiting for it.", flush=True)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _ensure_venv() -> None:
    if _venv_version() is not None:
        return
    check_space(SPACE_TO_INSTALL)
    try:
        import ensurepip  # noqa: F401 - Debian splits it off
        import venv
    except ImportError:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise Stop(
            f"This Python cannot make virtual environments: install {package} (apt-get install {package})."
        ) from None
    print("Making .venv", flush=True)
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except subprocess.CalledProcessError:
        raise Stop("Making .venv failed: remove the folder .venv and start again.") from None


def _venv_version() -> str | None:
    """The environment's Python version; None when it does not work or is too old."""
    try:
        done = subprocess.run(
            [PYTHON, "-c", "import sys, pip; print('%d.%d.%d' % sys.version_info[:3])"],
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    version = done.stdout.strip()
    return version if done.returncode == 0 and tuple(map(int, version.split("."))) >= (3, 11) else None


def _is_current(extras: tuple[str, ...]) -> bool:
    stamp = _read(STAMP)
    return stamp.get("inputs") == _inputs() and set(extras) <= set(stamp.get("extras", []))


def _inputs() -> str:
    """What an installation depends on: pyproject.toml, the Python in use, where the checkout is."""
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes())
    home = VENV / "pyvenv.cfg"
    digest.update(home.read_bytes() if home.exists() else b"")
    digest.update(os.fsencode(ROOT))
    return digest.hexdigest()


def _ensure_packages(extras: tuple[str, ...]) -> None:
    if _is_current(extras):
        return
    check_space(SPACE_TO_INSTALL)
    wanted = sorted(set(extras) | set(_read(STAMP).get("extras", [])))
    print("Installing packages (the first time takes some minutes)", flush=True)
    if "ml" in wanted:
        _ensure_torch()
    _pip("install", "--editable", f".[{','.join(wanted)}]")
    _write(STAMP, {"inputs": _inputs(), "extras": wanted})


def _ensure_torch() -> None:
    probe = [PYTHON, "-c", "from importlib.metadata import version; print(version('torch'))"]
    installed = subprocess.run(probe, capture_output=True, text=True, check=False).stdout.strip()
    if installed.split("+")[0] == TORCH.partition("==")[2]:
        return
    # With both builds on offer, pip takes the one with the local version (+cpu): it counts as the newer.
    on_linux = platform.system() == "Linux"
    more = (
        ("--extra-index-url", TORCH_CPU_INDEX) if on_linux and _answers(TORCH_CPU_INDEX + "/torch/") else ()
    )
    _pip("install", TORCH, *more)
    found = subprocess.run(
        [PYTHON, "-c", "import torch; print(torch.version.cuda)"], capture_output=True, text=True, check=False
    )
    if found.stdout.strip() not in {"None", ""}:
        print("Note: this torch is the CUDA build, larger than needed; it works on the CPU too.", flush=True)


def _answers(url: str) -> bool:
    """Whether `url` answers within 3 s, name look-up included, which a socket's time-out leaves out."""
    answered: list[bool] = []

    def ask() -> None:
        request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - a constant https address
        with contextlib.suppress(OSError, ValueError):  # noqa: SIM117 - the joined form is no syntax before 3.10
            with urllib.request.urlopen(request, timeout=PROBE_SECONDS) as response:  # noqa: S310
                answered.append(response.status < 400)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(PROBE_SECONDS)
    return answered == [True]


def _pip(*argv: str) -> None:
    quiet = () if sys.stdout.isatty() else ("--quiet",)
    done = subprocess.run(
        [PYTHON, "-m", "pip", *argv, *quiet, "--disable-pip-version-check"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode != 0:
        check_space()
        raise Stop(
            "Installing failed, see pip's message above: check the network connection and start again."
        )


def _ensure_frontend() -> None:
    stamp = _read(FRONTEND_STAMP)
    lock = _hash([FRONTEND / "package.json", FRONTEND / "package-lock.json"])
    if stamp.get("lock") != lock or not (FRONTEND / "node_modules").is_dir():
        check_space(SPACE_TO_INSTALL)
        print("Installing the frontend's packages", flush=True)
        _npm("ci", "--no-audit", "--no-fund")
        stamp = {"lock": lock}
        _write(FRONTEND_STAMP, stamp)
    sources = _hash(_frontend_sources())
    if stamp.get("sources") != sources or not (FRONTEND / "dist").is_dir():
        print("Building the frontend", flush=True)
        _npm("run", "build")
        _write(FRONTEND_STAMP, {"lock": lock, "sources": sources})


def _frontend_sources() -> list[Path]:
    left_out = {"node_modules", "dist", "e2e", "coverage", "test-results", "playwright-report"}
    found: list[Path] = []
    for entry in sorted(FRONTEND.iterdir()):
        if entry.name not in left_out:
            found += (
                sorted(path for path in entry.rglob("*") if path.is_file()) if entry.is_dir() else [entry]
            )
    return found


def _npm(*argv: str) -> None:
    if subprocess.run(["npm", *argv], cwd=FRONTEND, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        check_space()
        raise Stop(f"`npm {' '.join(argv)}` failed in frontend/, see its message above.")


def _hash(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(os.fsencode(path.name) + b"\0")
        digest.update(path.read_bytes() if path.is_file() else b"")
    return digest.hexdigest()


def _read(path: Path) -> dict[str, Any]:
    with contextlib.suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else {}
    return {}


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value), encoding="utf-8")
