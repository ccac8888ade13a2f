"""Processor seconds and memory of this process and of all that it has started, engines included."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["peak", "seconds"]


def seconds() -> float:
    """Return the processor seconds of all processes, of those that have ended, too."""
    columns = [_stat(process) for process in _processes()]
    return sum(sum(map(int, one[11:15])) for one in columns if one) / os.sysconf("SC_CLK_TCK")


def peak() -> int:
    """Return the most bytes that each process has held, added; of those that still run."""
    total = 0
    for process in _processes():
        try:
            lines = (process / "status").read_text().splitlines()
        except OSError:  # it has ended meanwhile
            continue
        total += sum(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
    return total


def _processes() -> list[Path]:
    """Return this process and those below it."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        if columns := _stat(process):
            children.setdefault(int(columns[1]), []).append(int(process.name))
    found = [os.getpid()]
    for number in found:
        found += children.get(number, [])
    return [Path("/proc") / str(number) for number in found]


def _stat(process: Path) -> list[str]:
    """Return the columns of a process after its name: state, parent, ...; none if it has ended."""
    try:
        return (process / "stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return []
