"""Saved folders that were changed at random, and mostly sealed again as a careful forger would.

Each must be refused in one sentence, or load and do its work; where a change can only be a forgery
(`MUST`), it must be refused. Nothing that a folder names may be imported, and no page may hold a
script of somebody else.
"""

import io
import json
import os
import random
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from reliability.fuzz_cases import Case, damage_bytes, damage_parquet, damage_value
from reliability.fuzz_inputs import SAVED
from reliability.fuzz_verdicts import FINE, Bench
from tsgen.storage import files_in, sealed

__all__ = ["FolderBench", "forged_folders", "try_folder"]

USES = {
    "psa-gan-c": ("forecast forged load.csv -o out.parquet --seed 1",),
    "psa-gan": ("sample forged -n 1 -o out.csv --seed 1", "inspect forged"),
    "rim": (
        "audience forged --item i1 --size 3 --why",
        "recommend forged --user u01 --size 2 --json",
        "allocate forged campaigns.toml -o out.csv",
        "inspect forged",
    ),
    "run": ("report forged -o out.html", "inspect forged"),
    "dataset": ("inspect forged",),
}
"""What is done with a folder, by the beginning of its kind."""

KINDS = sorted(path.name for path in SAVED.iterdir() if (path / "saved").is_dir())
HEADERS = ("model.json", "result.json", "tsgen.json")
SCRIPT = "</script><script>alert(1)</script>"
NAMES = ("evil_module.Evil", "evil_module:Evil", "os.system", "builtins.eval", "subprocess.Popen")
MARK = "evil module was imported"


class FolderBench(Bench):
    """A bench whose folder has a forged one in it, and a module that must not be imported."""

    forged: Path | None = None

    def renew(self):
        super().renew()
        (self.place / "evil_module.py").write_text(f"open({MARK!r}, 'w')\n")
        if self.forged is not None:
            shutil.copytree(self.forged, self.place / "forged", symlinks=True, copy_function=_copy)


def _copy(source, target, **options):
    if Path(source).is_fifo():
        os.mkfifo(target)
    else:
        shutil.copy(source, target, follow_symlinks=False)


@dataclass(frozen=True)
class Forgery:
    """One change of one saved folder."""

    kind: str
    change: str
    number: int


def forged_folders(numbers=4):
    """Return all forgeries: every change of every kind of folder, several times at random."""
    return [
        Forgery(kind, change, number)
        for kind in KINDS
        for change in CHANGES
        for number in range(numbers)
    ]


def _header(folder):
    return next((name for name in HEADERS if (folder / name).exists()), None)


def _pick(folder, draw, *ends):
    names = [name for name in files_in(folder) if not ends or name.endswith(ends)]
    return folder / draw.choice(names) if names else None


def _rewrite(path, content):
    path.unlink()
    path.write_bytes(content)


def _flip(folder, draw):
    path = _pick(folder, draw)
    content = bytearray(path.read_bytes() or b"x")
    content[draw.randrange(len(content))] ^= 1 << draw.randrange(8)
    _rewrite(path, bytes(content))
    return path.name


def _lose(folder, draw):
    path = _pick(folder, draw)
    path.unlink()
    return path.name


def _cut(folder, draw):
    path = _pick(folder, draw)
    if not path.stat().st_size:
        return None  # there is nothing to cut off
    _rewrite(path, path.read_bytes()[: draw.randrange(path.stat().st_size)])
    return path.name


def _link(folder, draw):
    path = _pick(folder, draw)
    path.rename(folder.parent / "elsewhere")
    path.symlink_to(folder.parent / "elsewhere")
    return path.name


def _pipe(folder, draw):
    os.mkfifo(folder / "pipe")


def _damage(folder, draw):
    path = _pick(folder, draw)
    _rewrite(path, damage_bytes(draw, path.read_bytes()))
    return path.name


def _column(folder, draw):
    if path := _pick(folder, draw, ".parquet"):
        _rewrite(path, damage_parquet(draw, path.read_bytes()))
        return path.name
    return None


def _json(change):
    def changed(folder, draw):
        if (header := _header(folder)) is None:
            return None
        content = json.loads((folder / header).read_text())
        sums = content.pop("sha256", {})
        content = change(draw, content)
        content = content if isinstance(content, dict) else {}
        (folder / header).write_text(json.dumps({**content, "sha256": sums}))
        return header

    return changed


def _with_scripts(draw, value):
    if isinstance(value, dict):
        return {key: _with_scripts(draw, part) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_scripts(draw, part) for part in value]
    free = isinstance(value, str) and len(value) > 12 and draw.random() < 0.5
    return value + SCRIPT if free else value


def _history(folder, draw):
    if not (folder / "history.jsonl").exists():
        return None
    rows = [json.loads(row) for row in (folder / "history.jsonl").read_text().splitlines()]
    rows = damage_value(draw, rows or [{}])
    rows = rows if isinstance(rows, list) else [rows]
    _rewrite(folder / "history.jsonl", "".join(f"{json.dumps(r)}\n" for r in rows).encode())
    return "history.jsonl"


def _arrays(change):
    def changed(folder, draw):
        if (path := folder / "weights.safetensors").exists():
            arrays = load_arrays(path.read_bytes())
            name = draw.choice(list(arrays))
            _rewrite(path, save_arrays(change(draw, arrays, name)))
            return name
        if (path := folder / "arrays.npz").exists():
            with np.load(path) as file:
                arrays = dict(file)
            buffer = io.BytesIO()
            if arrays:
                np.savez(buffer, **change(draw, arrays, draw.choice(list(arrays))))
                _rewrite(path, buffer.getvalue())
                return path.name
        return None

    return changed


def _not_finite(draw, arrays, name):
    array = np.array(arrays[name])
    if array.dtype.kind == "f" and array.size:
        array.flat[draw.randrange(array.size)] = np.nan
    return arrays | {name: array}


def _other_shape(draw, arrays, name):
    array = np.atleast_1d(arrays[name])
    shapes = [array[..., None], array.reshape(-1), array[:-1], np.concatenate([array, array])]
    return arrays | {name: np.ascontiguousarray(draw.choice(shapes))}


def _other_type(draw, arrays, name):
    array = np.asarray(arrays[name])
    kind = draw.choice(["f8", "i4", "?", "f2"])
    return arrays | {name: array.astype(kind if array.dtype.kind in "fiub" else array.dtype)}


def _tensor_lost(draw, arrays, name):
    return {key: array for key, array in arrays.items() if key != name}


def _tensor_more(draw, arrays, name):
    return arrays | {draw.choice(["more", "chance", "../x"]): np.asarray(arrays[name])}


def _code(folder, draw):
    path = folder / "forecaster" / "gluonts-config.json"
    if not path.exists():
        return None
    content = json.loads(path.read_text())
    _rewrite(path, json.dumps(content | {"type": draw.choice(NAMES)}).encode())
    return path.name


def _outside(folder, draw):
    if (header := _header(folder)) is None:
        return None
    content = json.loads((folder / header).read_text())
    sums = content.get("sha256", {})
    sums[draw.choice(["../elsewhere", "/etc/passwd", "a/../../x", "./x"])] = "0" * 64
    (folder / header).write_text(json.dumps(content | {"sha256": sums}))
    return header


@dataclass(frozen=True)
class Change:
    """What is done to a folder, whether it is sealed then, and whether it must be refused."""

    make: Callable
    seal: bool = True
    must: bool = False


CHANGES = {
    "bit": Change(_flip, seal=False, must=True),
    "lost file": Change(_lose, seal=False, must=True),
    "cut off": Change(_cut, seal=False, must=True),
    "link": Change(_link, seal=False, must=True),
    "pipe": Change(_pipe, must=True, seal=False),
    "path outside": Change(_outside, seal=False, must=True),
    "sealed bit": Change(_flip),
    "sealed loss": Change(_lose),
    "sealed bytes": Change(_damage),
    "column": Change(_column),
    "value": Change(_json(damage_value)),
    "scripts": Change(_json(_with_scripts)),
    "history": Change(_history),
    "not finite": Change(_arrays(_not_finite)),
    "shape": Change(_arrays(_other_shape)),
    "type": Change(_arrays(_other_type)),
    "lost array": Change(_arrays(_tensor_lost)),
    "one array more": Change(_arrays(_tensor_more)),
    "code": Change(_code, must=True),
}


def _seal(folder):
    header = _header(folder)
    try:
        content = json.loads((folder / header).read_text())
        content.pop("sha256", None)
        (folder / header).write_text(json.dumps(sealed(content, folder, header)))
    except (ValueError, TypeError, AttributeError):
        return  # no header, or one that is no JSON any more


def try_folder(forgery, bench, place):
    """Return the verdict on a forged folder, None if the change does not apply to its kind."""
    folder = place / "forged"
    shutil.rmtree(folder, ignore_errors=True)
    (place / "elsewhere").unlink(missing_ok=True)
    shutil.copytree(SAVED / forgery.kind / "saved", folder)
    change = CHANGES[forgery.change]
    draw = random.Random(repr(forgery))
    where = change.make(folder, draw)
    if where is None and forgery.change != "pipe":
        return None
    if change.seal:
        _seal(folder)
    must = change.must and not _unverified(forgery)
    flagged = forgery.change == "code"  # inspect says what would be imported
    bench.forged = folder
    bench.renew()
    uses = [line for line in _uses(forgery.kind) if not (flagged and line.startswith("inspect"))]
    return max((_used(bench, line, must) for line in uses), key=_severity)


def _unverified(forgery):
    """Return whether a folder of an earlier version could have no digest that tells."""
    if forgery.kind.startswith("dataset"):  # what lies beside the data is not read
        return True
    return forgery.kind.startswith("run") and forgery.change in ("bit", "cut off")


def _uses(kind):
    return next(lines for begin, lines in USES.items() if kind.startswith(begin))


def _used(bench, line, must):
    sys.path.insert(0, str(bench.place))
    try:
        verdict, told = bench(Case(tuple(line.split()), {}))
    finally:
        sys.path.remove(str(bench.place))
    if MARK in bench.made or "evil_module" in sys.modules:
        return "silently wrong", f"{line}: a module that the folder names was imported"
    if SCRIPT in bench.page:
        return "silently wrong", f"{line}: the page has a script of somebody else"
    if verdict == FINE and must:
        return "silently wrong", f"{line}: accepted; {told}"
    return verdict, f"{line}: {told}"


def _severity(outcome):
    order = ("clear", FINE, "unclear", "hang", "traceback", "silently wrong")
    return order.index(outcome[0])
