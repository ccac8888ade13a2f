"""Model folders: written whole or not at all, read back through a registry of kinds.

A folder holds `model.json` (format number, kind, settings, data facts, and the SHA-256 of each
file, its own content included), weights as safetensors, tables as Parquet, and `history.jsonl`.
Nothing in it is code.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.errors import ModelFormatError, UntrustedCodeError, nearest
from tsgen.memory import check_memory, lacks_memory
from tsgen.storage import (
    check_digests,
    check_readable,
    files_in,
    older_content,
    sealed,
    warn_of_unlisted,
    write_atomically,
)
from tsgen.version import __version__

__all__ = [
    "FORMAT",
    "fault_of",
    "load",
    "read_model_json",
    "refusing_damaged",
    "require",
    "require_finite",
    "save_model_folder",
]

FORMAT = 4
"""4: the pairs of a RIM say how long they are remembered, and it may hold what attributes say of
users. 3: a RIM may hold items that rest on attributes alone. 2: the series of a PSA-GAN have a
grain. Models of earlier formats are read and behave as they did."""
_READ = (1, 2, 3, 4)
HEADER = "model.json"
_KINDS = {
    "augmentation-choice": "tsgen.curation:AugmentationChoice",
    "psa-gan": "tsgen.psagan.synthesizer:PSAGANSynthesizer",
    "psa-gan-c": "tsgen.psagan.conditional.predictor:PSAGANPredictor",
    "rim": "tsgen.intensity.model:RIMModel",
    "tabular-encoder": "tsgen.features.tabular:TabularEncoder",
}


def save_model_folder(
    path: str | Path,
    kind: str,
    facts: dict[str, Any],
    files: Mapping[str, Callable[[Path], object]],
    *,
    overwrite: bool = False,
) -> None:
    """Write a model folder in one move.

    Args:
        path: The folder to make.
        kind: The registered kind of the model.
        facts: JSON values stored under their names in `model.json`.
        files: File name -> function that writes that file at the path it is given.
        overwrite: Replace an older folder.

    Raises:
        OutputError: The folder exists, or the disk refused the write; an older folder survives.
    """
    with write_atomically(path, overwrite=overwrite) as folder:
        folder.mkdir()
        for name, write in files.items():
            try:
                write(folder / name)
            except OSError:
                raise
            except Exception as error:  # safetensors wraps a full disk in an error of its own
                if "space" in str(error).lower() or "I/O" in str(error):
                    raise OSError(str(error)) from error
                raise
        header = {"format": FORMAT, "kind": kind, "tsgen": __version__}
        content = sealed(header | facts, folder, HEADER)
        text = json.dumps(content, indent=1, allow_nan=False)
        (folder / HEADER).write_text(text + "\n", encoding="utf-8")
        for name in files:  # safetensors lets only the owner read its files
            (folder / name).chmod((folder / HEADER).stat().st_mode)


def read_model_json(path: str | Path) -> dict[str, Any]:
    """Read and check `model.json`: format, known kind, and that every file is as it was written.

    Raises:
        ModelFormatError: The folder is absent, not a model, newer than this version, or damaged.
    """
    if path == "":
        raise ModelFormatError("The path of the model is empty; name its folder.")
    path = Path(path)
    try:
        there = path.exists()
    except (OSError, ValueError) as error:  # its name is too long, or has a NUL
        reason = getattr(error, "strerror", None) or error
        raise ModelFormatError(f"{str(path)[:100]!r} cannot be opened: {reason}.") from None
    if not there:
        left = older_content(path)
        advice = (
            f"a run was killed while it replaced it and left the older one at {left}"
            if left
            else ""
        )
        raise ModelFormatError(f"There is no model at {path}; {advice or 'check the path'}.")
    check_readable(path / HEADER)
    try:
        facts = json.loads((path / HEADER).read_text(encoding="utf-8"))
        number, kind, sums = facts["format"], facts["kind"], facts["sha256"]
        seed = facts.get("seed")
        odd = type(number) is not int or not (seed is None or type(seed) is int)
        if odd or not isinstance(kind, str) or not isinstance(sums, dict):
            raise TypeError("not the header of a model")
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ModelFormatError(
            f"{path} is not a tsgen model: its model.json is missing or unreadable. "
            f"{_what_to_give(path)}"
        ) from None
    if number not in _READ:
        raise ModelFormatError(
            f"{path} has model format {number}, written by tsgen {facts.get('tsgen')}; this "
            f"version reads formats 1 to {FORMAT}. Install a newer tsgen to read it."
        )
    if kind not in _KINDS:
        raise ModelFormatError(
            f"{path} holds a model of the unknown kind '{kind}'.{nearest(kind, _KINDS)} "
            f"This version knows: {', '.join(_KINDS)}."
        )
    check_digests(path, HEADER, facts)
    return dict(facts)


def _what_to_give(path: Path) -> str:
    """Return where a model is, or would be, that `path` was taken for."""
    inner = path / "tsgen"
    if (inner / HEADER).is_file():
        return f"A GluonTS predictor was serialized to it: the model is {inner}."
    if (path / "gluonts-config.json").is_file():
        return "A GluonTS predictor was serialized to it: Predictor.deserialize reads it."
    return "Give the folder that `save` or `tsgen train` wrote."


def load(path: str | Path, *, device: str = "auto", trust: bool = False) -> Any:
    """Load a saved model, whatever its kind.

    Args:
        path: A folder written by a model's `save`.
        device: "auto" (CUDA if there is one) or a torch device name.
        trust: Import the classes that the folder names, even if they are neither of GluonTS, of
            tsgen, nor registered by an entry point of a group "tsgen.*". Their code runs.

    Raises:
        ModelFormatError: The folder is not a model, is damaged, or is newer than this version.
        TooLargeError: It would not fit into memory.
        UntrustedCodeError: It names a class of somebody else, and `trust` is False.

    Warns:
        TsgenWarning: Files lie in it that are not of the model.
    """
    facts = read_model_json(path)
    size = sum((Path(path) / name).stat().st_size for name in files_in(Path(path)))
    advice = "Use a machine with more, or allow more with memory_limit(...)."
    check_memory(2 * size, f"The model {path}, {size:,} bytes,", advice)
    module, _, name = _KINDS[facts["kind"]].partition(":")
    kind = getattr(importlib.import_module(module), name)
    model = kind.from_folder(Path(path), facts, device=device, trust=trust)
    warn_of_unlisted(Path(path), facts["sha256"], HEADER)
    return model


def require(path: Path, facts: dict[str, Any], names: Iterable[str]) -> None:
    """Refuse a model whose digests do not list a file that its kind is made of.

    Raises:
        ModelFormatError: One is not listed.
    """
    if absent := [name for name in names if name not in facts["sha256"]]:
        raise ModelFormatError(
            f"{path} is not a complete {facts['kind']} model: its {HEADER} does not list "
            f"{absent[0]}. Copy the model again or train it anew."
        )


def fault_of(error: Exception) -> str:
    """Return what reading a damaged folder stumbled over, in words for people."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if isinstance(error, TypeError | AttributeError | IndexError):  # words about the code
        return "its parts do not fit together"
    line: str = (str(error).splitlines() or [""])[0].rstrip(":.")
    return line or "its parts do not fit together"


@contextmanager
def refusing_damaged(path: Path, name: str) -> Iterator[None]:
    """Turn what a damaged folder makes of reading it into one sentence.

    Args:
        path: The folder.
        name: What the model is called.

    Raises:
        ModelFormatError: Reading failed inside the block.
    """
    try:
        yield
    except (ModelFormatError, UntrustedCodeError):
        raise
    except Exception as error:  # of Python, NumPy, pandas, pyarrow, torch, safetensors
        if lacks_memory(error):
            raise
        raise ModelFormatError(
            f"{path} is not a complete {name} model ({fault_of(error)}). Copy the model again or "
            "train it anew."
        ) from error


def require_finite(path: Path, arrays: Mapping[str, Any]) -> None:
    """Refuse weights or scales of which some are NaN or infinite.

    Raises:
        ModelFormatError: It is so.
    """
    for name, array in arrays.items():
        values = np.asarray(array)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise ModelFormatError(
                f"{path} holds numbers that are NaN or infinite ('{name}'), which no training "
                "leaves. Copy the model again or train it anew."
            )
