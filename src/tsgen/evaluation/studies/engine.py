"""Runs a study: a list of cells (an arm, a seed), each computed once, in a process of its own.

A study is a TOML file: `question`, `protocol`, `data`, `seeds`, `[arms.NAME]`, and the settings of
its protocol. Its cells, `cells.csv` and `README.md` stand in the folder beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tsgen.errors import (
    CellsFailedError,
    DataError,
    SettingsError,
    TrainingInterruptedError,
    nearest,
)
from tsgen.interruption import exit_code_of
from tsgen.settings import Settings
from tsgen.training import RayCommand

from .arms import check_study_arms
from .cells import cell_path, finished_cells, write_cell
from .protocols import PROTOCOLS
from .sources import StudySources
from .tables import write_tables

__all__ = ["compute_cell", "read_study", "run_study"]

_NEEDED = ("question", "protocol", "data", "seeds", "arms")
_ENGINES: dict[str, Callable[..., Any]] = {"local": subprocess.Popen, "ray": RayCommand}
"""Begin a command of some words in an environment, which can be waited for and ended."""

_SIMULATED = ("factors", "uplift-coverage")
"""Protocols that read no data."""

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def read_study(path: Path, *, trust: bool = False) -> dict[str, Any]:
    """Read a study and check it before its first cell.

    Args:
        path: The TOML file.
        trust: Import forecasters that it names, though they are of somebody else.

    Raises:
        DataError: The file is not there or is no TOML.
        SettingsError: A key is lacking or unknown, or what one says is impossible.
        UntrustedCodeError: An arm names a class of somebody else, and `trust` is False.
    """
    try:
        study = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} could not be read as a study (TOML): {error}.") from None
    lacking = [key for key in _NEEDED if key not in study]
    if lacking:
        raise SettingsError(f"{path} lacks {', '.join(lacking)}; a study needs all of {_NEEDED}.")
    for key in ("question", "protocol", "data"):
        if not isinstance(study[key], str):
            raise SettingsError(f"{path} has {key} = {study[key]!r:.200}; give a text.")
    if study["protocol"] not in PROTOCOLS:
        raise SettingsError(
            f"{path} asks for the protocol '{study['protocol']}', which does not exist."
            f"{nearest(study['protocol'], PROTOCOLS)} There are {', '.join(PROTOCOLS)}."
        )
    protocol = PROTOCOLS[study["protocol"]]
    _check(protocol.study, {k: v for k, v in study.items() if k != "arms"}, str(path))
    check_study_arms(path, study, protocol.arm, trust=trust)
    return study


def _check(settings: type[Settings], fields: dict[str, Any], where: str) -> None:
    try:
        settings(**fields)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def run_study(
    path: Path,
    data: Path,
    *,
    jobs: int = 1,
    engine: str = "local",
    arms: Sequence[str] = (),
    seeds: Sequence[int] = (),
    trust: bool = False,
    allow_failures: bool = False,
    say: Callable[[str], None] = lambda line: None,
) -> list[dict[str, Any]]:
    """Compute the missing cells of a study, and make its tables anew.

    Args:
        path: The TOML file; cells and tables are kept in the folder of its name beside it.
        data: The folder of the data it names, or of its folders timeseries, events, encoders.
        jobs: Cells at a time, one process and one core each.
        engine: Where the processes are: "local", or "ray", whose workers see the same paths.
        arms: Only these; all by default.
        seeds: Only these; all by default.
        trust: See `read_study`.
        allow_failures: Say which cells failed and go on, if others finished.
        say: Is told of each cell that begins and ends.

    Returns:
        The finished cells: `arm`, `seed`, `measures` (name -> numbers) and facts of the run.

    Raises:
        CellsFailedError: A cell failed; the others are kept.
        DataError: The study cannot be read, or data that it names are not there.
        MissingExtraError: The engine is not installed.
        SettingsError: The study is impossible, or has no such arm or seed, or there is no such
            engine.
        TrainingInterruptedError: Ctrl-C or SIGTERM; finished cells are kept.
        UntrustedCodeError: See `read_study`.
    """
    if engine not in _ENGINES:
        raise SettingsError(
            f"engine='{engine}' is not possible for studies; use {' or '.join(_ENGINES)}."
        )
    study = read_study(path, trust=trust)
    place = path.with_suffix("")
    for kind, asked, present in (("arm", arms, study["arms"]), ("seed", seeds, study["seeds"])):
        for name in asked:
            if name not in present:
                raise SettingsError(f"{path} has no {kind} {name!r}; it has {list(present)}.")
    wanted = [(a, s) for s in seeds or study["seeds"] for a in arms or study["arms"]]
    todo = [cell for cell in wanted if not cell_path(place, study, *cell).exists()]
    _require_data(study, data, {arm for arm, _ in todo})
    say(f"{len(wanted)} cells, {len(todo)} to compute")
    words = ["evaluate", "study", str(path), "--data", str(data), *["--trust"] * trust]
    try:
        failed = _run_cells(words, todo, jobs, _ENGINES[engine], say)
    except KeyboardInterrupt as error:
        raise TrainingInterruptedError(
            f"{len(finished_cells(place, study))} finished cells are kept in {place}; the same "
            "command goes on.",
            signal=exit_code_of(error) - 128,
        ) from None
    write_tables(study, place)
    if failed:
        message = (
            f"{len(failed)} of {len(todo)} cells failed (the first: {failed[0]}); the others are "
            "kept. The same command computes the failed ones again."
        )
        if not (allow_failures and finished_cells(place, study)):
            raise CellsFailedError(message)
        say(message)
    return finished_cells(place, study)


def _require_data(study: dict[str, Any], data: Path, arms: set[str]) -> None:
    """Refuse a study of which data are not there, before its first cell."""
    if study["protocol"] not in _SIMULATED:
        for name in dict.fromkeys(
            study["arms"][a].get("data", study["data"]) for a in sorted(arms)
        ):
            StudySources(data, data).require(name)


def compute_cell(path: Path, data: Path, arm: str, seed: int, *, trust: bool = False) -> None:
    """Compute one cell in this process and keep it.

    Raises:
        SettingsError: The study is impossible, or has no such arm.
        UntrustedCodeError: See `read_study`.
    """
    study = read_study(path, trust=trust)
    if arm not in study["arms"]:
        raise SettingsError(f"{path} has no arm '{arm}'.{nearest(arm, study['arms'])}")
    sources = StudySources(data, path.parent / "models")
    result = PROTOCOLS[study["protocol"]].compute(study, study["arms"][arm], seed, sources)
    write_cell(cell_path(path.with_suffix(""), study, arm, seed), arm, seed, result)


def _run_cells(
    words: Sequence[str],
    todo: list[tuple[str, int]],
    jobs: int,
    begin: Callable[..., Any],
    say: Callable[[str], None],
) -> list[str]:
    """Compute cells, a few at a time, each in a process of its own; return those that failed.

    An interruption ends the processes too, and begins no further one.
    """
    environment = dict.fromkeys(_THREADS, "1") | dict(os.environ)  # CPU seconds of one core
    command = [sys.executable, "-m", "tsgen", *words]
    begun: list[Any] = []
    stopped, guard = threading.Event(), threading.Lock()

    def run(cell: tuple[str, int]) -> bool:
        say(f"{cell[0]} seed {cell[1]} ...")
        with guard:
            if stopped.is_set():
                return False
            words = [*command, "--cell", f"{cell[0]}:{cell[1]}"]
            begun.append(process := begin(words, env=environment))
        ended: bool = process.wait() == 0
        say(f"{cell[0]} seed {cell[1]} {'ended' if ended else 'failed'}")
        return ended

    with ThreadPoolExecutor(jobs) as pool:
        try:
            ended = list(pool.map(run, todo))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            with guard:
                stopped.set()
            for process in begun:
                process.terminate()
            raise
    return [f"{arm} seed {seed}" for (arm, seed), good in zip(todo, ended, strict=True) if not good]
