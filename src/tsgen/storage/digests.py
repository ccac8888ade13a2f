"""A folder that says what is in it: a header that lists the SHA-256 of every file, its own too."""

from __future__ import annotations

import hashlib
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tsgen.errors import ModelFormatError, TsgenWarning

__all__ = [
    "ADVICE",
    "check_digests",
    "check_files",
    "check_own_sum",
    "check_readable",
    "files_in",
    "sealed",
    "unlisted",
    "warn_of_unlisted",
    "with_own_sum",
]

ADVICE = "Copy the folder again, or make it anew."
"""What to do with a folder that is not as it was saved, at the end of each message."""


def sealed(content: Mapping[str, Any], folder: Path, header: str) -> dict[str, Any]:
    """Return the content of a header with the digest of every file in the folder, and its own.

    Args:
        content: JSON values.
        folder: The folder, complete but for the header.
        header: The header's name.
    """
    sums = {name: _sha256(folder / name) for name in files_in(folder) if name != header}
    whole = {**content, "sha256": sums}
    sums[header] = _own_sum(json.loads(json.dumps(whole, allow_nan=False)))
    return whole


def check_readable(header: Path) -> None:
    """Refuse a header that is there, but that this user may not read, or that has no end.

    Raises:
        ModelFormatError: It is so; or it is a pipe or a device, at which reading would wait.
    """
    try:
        readable = os.access(header, os.R_OK) or not header.exists()
    except OSError:  # the folder itself may not be entered
        readable = False
    if not readable:
        raise ModelFormatError(f"{header} cannot be opened: you have no permission to read it.")
    if header.exists() and not (header.is_file() or header.is_dir()):
        raise ModelFormatError(
            f"{header} is a pipe or a device, which cannot be read; give a file."
        )


def files_in(folder: Path) -> list[str]:
    """Return the paths of all files below a folder, with slashes, in order.

    Raises:
        ModelFormatError: A link is among them, or something that is neither file nor folder.
    """
    return sorted(_files(folder, ""))


def _files(folder: Path, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as places:
        entries = list(places)
    for entry in entries:
        if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
            raise ModelFormatError(
                f"{folder / entry.name} is a link or a device, which a folder of tsgen never "
                f"holds. {ADVICE}"
            )
        if entry.is_dir():
            yield from _files(folder / entry.name, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name


def check_digests(folder: Path, header: str, content: Mapping[str, Any]) -> None:
    """Refuse a folder that is not what was written: by its header's digests, which are checked too.

    Args:
        folder: The folder.
        header: The header's name.
        content: What it holds.

    Raises:
        ModelFormatError: The header was edited, a file is absent or changed, a path in it leads
            outside, or a link lies in the folder.
    """
    sums = content["sha256"]
    others = {name: sums[name] for name in sums if name != header}
    if sums.get(header) != _own_sum({**content, "sha256": others}):
        raise ModelFormatError(
            f"{folder / header} is damaged or was edited (it is not what was saved). {ADVICE}"
        )
    check_files(folder, others)


def check_files(folder: Path, sums: Mapping[str, Any]) -> None:
    """Refuse a folder in which a listed file is absent, changed, outside, or behind a link.

    Raises:
        ModelFormatError: It is so.
    """
    present = {*files_in(folder)}
    for name, expected in sums.items():
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or str(path) != name:
            raise ModelFormatError(f"{folder} names the file '{name}', outside itself. {ADVICE}")
        if name not in present or _sha256(folder / name) != expected:
            raise ModelFormatError(
                f"{folder / name} is missing or damaged (it is not the file that was saved). "
                f"{ADVICE}"
            )


def unlisted(folder: Path, sums: Mapping[str, Any]) -> list[str]:
    """Return the files of a folder that its header does not list."""
    return [name for name in files_in(folder) if name not in sums]


def warn_of_unlisted(folder: Path, sums: Mapping[str, Any], header: str) -> None:
    """Warn of files that lie in a folder and that its header does not list: they are never read.

    Warns:
        TsgenWarning: There are some.
    """
    others = [name for name in unlisted(folder, sums) if name != header]
    if others:
        more = f" and {len(others) - 1} more" if len(others) > 1 else ""
        warnings.warn(
            f"{folder} holds {others[0]}{more}, which tsgen did not write there; it is not read.",
            TsgenWarning,
            stacklevel=3,
        )


def with_own_sum(content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of a file of its own with its digest under "sha256"."""
    plain = json.loads(json.dumps(content, allow_nan=False))
    return {**plain, "sha256": _own_sum(plain)}


def check_own_sum(path: Path, content: Mapping[str, Any]) -> None:
    """Refuse the content of a file that is not what `with_own_sum` made.

    Raises:
        ModelFormatError: It was edited.

    Warns:
        TsgenWarning: It has no digest, as earlier versions wrote it.
    """
    expected = content.get("sha256")
    if expected is None:
        warnings.warn(f"{path} has no digest and is unverified.", TsgenWarning, stacklevel=3)
    elif expected != _own_sum({name: part for name, part in content.items() if name != "sha256"}):
        raise ModelFormatError(
            f"{path} is damaged or was edited (it is not what was saved). Make it anew."
        )


def _own_sum(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the content of a header, this sum left out."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
