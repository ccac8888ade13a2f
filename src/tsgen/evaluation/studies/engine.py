"""Runs a study: a list of cells (an arm, a seed), each computed once, in a process of its own.

A study is a TOML file: `question`, `protocol`, `data`, `seeds`, `[arms.NAME]`, and the settings of
its protocol. Its cells, `cells.csv` and `README.md` stand in the folder beside it.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tsgen.errors import DataError, SettingsError, nearest
from tsgen.settings import Settings

from .cells import cell_path, finished_cells, write_cell
from .protocols import PROTOCOLS
from .sources import StudySources
from .tables import write_tables

__all__ = ["compute_cell", "read_study", "run_study"]

_NEEDED = ("question", "protocol", "data", "seeds", "arms")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def read_study(path: Path) -> dict[str, Any]:
    """Read a study and check it before its first cell.

    Raises:
        DataError: The file is not there or is no TOML.
        SettingsError: A key is lacking or unknown, or what one says is impossible.
    """
    try:
        study = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path} could not be read as a study (TOML): {error}.") from None
    lacking = [key for key in _NEEDED if key not in study]
    if lacking:
        raise SettingsError(f"{path} lacks {', '.join(lacking)}; a study needs all of {_NEEDED}.")
    if study["protocol"] not in PROTOCOLS:
        raise SettingsError(
            f"{path} asks for the protocol '{study['protocol']}', which does not exist."
            f"{nearest(study['protocol'], PROTOCOLS)} There are {', '.join(PROTOCOLS)}."
        )
    protocol = PROTOCOLS[study["protocol"]]
    _check(protocol.study, {k: v for k, v in study.items() if k != "arms"}, str(path))
    _check_arms(path, study["arms"])
    for name, arm in study["arms"].items():
        _check(protocol.arm, arm, f"{path}, arm '{name}'")
    return study


def _check(settings: type[Settings], fields: dict[str, Any], where: str) -> None:
    try:
        settings(**fields)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def _check_arms(path: Path, arms: Any) -> None:
    if not isinstance(arms, dict) or not arms:
        raise SettingsError(f"{path} has no arms; give at least one table [arms.NAME].")
    for name, arm in arms.items():
        if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii():
            raise SettingsError(
                f"{path}: the arm '{name}' names files; use letters, digits, - and _ only."
            )
        if not isinstance(arm, dict):
            raise SettingsError(f"{path}: the arm '{name}' is {arm!r}; give it a table.")


def run_study(
    path: Path,
    data: Path,
    *,
    jobs: int = 1,
    arms: Sequence[str] = (),
    seeds: Sequence[int] = (),
    say: Callable[[str], None] = lambda line: None,
) -> list[dict[str, Any]]:
    """Compute the missing cells of a study, and make its tables anew.

    Args:
        path: The TOML file; cells and tables are kept in the folder of its name beside it.
        data: The folder of the data it names, or of its folders timeseries, events, encoders.
        jobs: Cells at a time, one process and one core each.
        arms: Only these; all by default.
        seeds: Only these; all by default.
        say: Is told of each cell that begins and ends.

    Returns:
        The finished cells: `arm`, `seed`, `measures` (name -> numbers) and facts of the run.

    Raises:
        DataError: The study cannot be read, or a cell failed.
        SettingsError: The study is impossible, or has no such arm or seed.
    """
    study = read_study(path)
    place = path.with_suffix("")
    for kind, asked, present in (("arm", arms, study["arms"]), ("seed", seeds, study["seeds"])):
        for name in asked:
            if name not in present:
                raise SettingsError(f"{path} has no {kind} {name!r}; it has {list(present)}.")
    wanted = [(a, s) for s in seeds or study["seeds"] for a in arms or study["arms"]]
    todo = [cell for cell in wanted if not cell_path(place, study, *cell).exists()]
    say(f"{len(wanted)} cells, {len(todo)} to compute")
    failed = _run_cells(path, data, todo, jobs, say)
    write_tables(study, place)
    if failed:
        raise DataError(
            f"{len(failed)} of {len(todo)} cells failed (the first: {failed[0]}); the others are "
            "kept. The same command computes the failed ones again."
        )
    return finished_cells(place, study)


def compute_cell(path: Path, data: Path, arm: str, seed: int) -> None:
    """Compute one cell in this process and keep it.

    Raises:
        SettingsError: The study is impossible, or has no such arm.
    """
    study = read_study(path)
    if arm not in study["arms"]:
        raise SettingsError(f"{path} has no arm '{arm}'.{nearest(arm, study['arms'])}")
    sources = StudySources(data, path.parent / "models")
    result = PROTOCOLS[study["protocol"]].compute(study, study["arms"][arm], seed, sources)
    write_cell(cell_path(path.with_suffix(""), study, arm, seed), arm, seed, result)


def _run_cells(
    path: Path, data: Path, todo: list[tuple[str, int]], jobs: int, say: Callable[[str], None]
) -> list[str]:
    """Compute cells, a few at a time, each in a process of its own; return those that failed."""
    environment = dict.fromkeys(_THREADS, "1") | dict(os.environ)  # CPU seconds of one core
    command = [sys.executable, "-m", "tsgen", "evaluate", "study", str(path), "--data", str(data)]

    def run(cell: tuple[str, int]) -> bool:
        say(f"{cell[0]} seed {cell[1]} ...")
        words = [*command, "--cell", f"{cell[0]}:{cell[1]}"]
        ended = subprocess.run(words, env=environment, check=False).returncode == 0
        say(f"{cell[0]} seed {cell[1]} {'ended' if ended else 'failed'}")
        return ended

    with ThreadPoolExecutor(jobs) as pool:
        ended = list(pool.map(run, todo))
    return [f"{arm} seed {seed}" for (arm, seed), good in zip(todo, ended, strict=True) if not good]
