"""Command lines where the machine gives out: a full disk, little memory, files of somebody else.

Each is forked, and must end in a result that can be read, or in one sentence with nothing half
written and nothing hidden left.
"""

import os
import resource
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from itertools import product
from pathlib import Path

import tsgen
from reliability.forked import CRASHED, ended, fork
from reliability.fuzz_cases import VERBS
from reliability.fuzz_inputs import write_all
from reliability.fuzz_verdicts import FINE, judged_end
from tsgen.data import read_series
from tsgen.results import StudyResult

__all__ = ["full_disks", "little_memory", "no_permission"]

WRITING = tuple(words for words in VERBS if "-o" in words)
FREE = (0, 4, 24, 96)
"""KiB left on the disk."""
MEGABYTES = (2, 25, 50, 100, 200, 400)
"""Address space left to a process."""
NOBODY = 65534
SECONDS = 180
HEADERS = {"result.json": StudyResult.load, "model.json": tsgen.load, "tsgen.json": read_series}


def full_disks(place, draw):
    """Yield a name and a verdict for every verb that writes, on a disk with so little space."""
    write_all(place)
    os.chdir(place)
    disk = Path("disk")
    with _small_disk(disk) as mounted:
        if not mounted:
            yield "no disk of 2 MB can be mounted here: left out", None
            return
        for free, words in draw(list(product(FREE, WRITING))):
            line = _onto(words, "disk/out")
            _fill(disk, free)
            yield f"{free} KiB: {' '.join(line)}", _end(line, "disk.log", disk)
            _empty(disk)


def little_memory(place, draw):
    """Yield a name and a verdict for every verb, with so few megabytes of address space left."""
    write_all(place)
    os.chdir(place)
    outputs = Path("made")
    for megabytes, words in draw(list(product(MEGABYTES, VERBS))):
        outputs.mkdir()
        line = _onto(words, "made/out")
        verdict = _end(line, "memory.log", outputs, lambda size=megabytes: _limit(size))
        yield f"{megabytes} MB: {' '.join(line)}", verdict
        shutil.rmtree(outputs)


def no_permission(place, draw):
    """Yield a name and a verdict for every input of every verb that may not be read, and output."""
    if os.getuid():
        yield "only root can become somebody without rights: left out", None
        return
    write_all(place)
    os.chdir(place)
    place.chmod(0o755)
    outputs = Path("made")
    cases = [(words, Path(word)) for words in VERBS for word in words if Path(word).exists()]
    for words, path in draw(cases + [(words, None) for words in VERBS]):
        line = _onto(words, "made/out")
        yield f"{path or 'output'} of {' '.join(line)}", _forbidden(line, path, outputs)


def _forbidden(line, path, outputs):
    """Run as nobody, who may not read a path, or else may not write."""
    outputs.mkdir(mode=0o777)
    outputs.chmod(0o777 if path else 0o555)
    mode = path.stat().st_mode if path else 0
    if path:
        path.chmod(0)
    try:
        verdict, told = _end(line, "permission.log", outputs, _become_nobody)
    finally:
        if path:
            path.chmod(mode)
        shutil.rmtree(outputs)
    if verdict == "accepted" and (path or "made/out" in line) and "--dry-run" not in line:
        return "silently wrong", f"done without the right to it; {told}"
    if verdict == "clear" and path and path.name not in told:
        return "unclear", told
    return verdict, told


def _become_nobody():
    os.umask(0o022)
    os.environ["HOME"] = "/"
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _limit(megabytes):
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    size = pages * resource.getpagesize() + (megabytes << 20)
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


def _onto(words, path):
    """Return a command line whose outputs lie elsewhere."""
    return [word.replace("out", path, 1) if word.startswith("out") else
            f"{Path(path).parent}/{word}" if words[k - 1] in ("--holdouts", "--prices") and
            "allocate" in words[:2] else word for k, word in enumerate(words)]  # fmt: skip


def _end(line, log, outputs, prepare=lambda: None):
    """Run a command line; return the verdict on what it said and on what it left."""
    code = _wait(fork(line, log, prepare))
    if code is None:
        return "hang", f"more than {SECONDS} s"
    told = Path(log).read_text(errors="replace")
    if code == CRASHED or "Traceback" in told:
        return "traceback", told[-700:]
    verdict, told = judged_end(code, told, told)
    wrong = _half(outputs, told, done=verdict == FINE)
    return ("silently wrong", f"{wrong}; {told}") if wrong else (verdict, told)


def _wait(process):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return ended(status)
        time.sleep(0.01)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None


def _half(outputs, told, *, done):
    """Return what lies at the outputs and should not, or an empty text.

    Checkpoints, cells and partitions may, if it is said; cells also beside a result.
    """
    for path in sorted(outputs.iterdir()):
        kept = path.suffix in (".checkpoint", ".cells", ".batch") and path.name in told
        if path.name == "filler" or kept or (done and path.suffix == ".cells"):
            continue
        if path.name.startswith("."):
            return f"{path.name} is left"
        for header, load in HEADERS.items():
            if path.is_dir() and (path / header).exists():
                with suppress(MemoryError):
                    load(path)
                break
        else:
            if path.is_dir() or not path.stat().st_size:
                return f"{path.name} is half written"
    return ""


@contextmanager
def _small_disk(path):
    path.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", path]
    mounted = not subprocess.run(words, capture_output=True, check=False).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", path], check=True)


def _fill(disk, free):
    facts = os.statvfs(disk)
    size = facts.f_bavail * facts.f_frsize - (free << 10)
    (disk / "filler").write_bytes(bytes(size))


def _empty(disk):
    for path in disk.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
