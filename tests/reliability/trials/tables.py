"""Hostile tables: one cell, one column or the form of a sound table is replaced.

An independent reader, of Python alone, says what the table means. What it finds no meaning in must
be refused, or read with a warning; what tsgen reads without a word must be what it found.
"""

import csv
import gzip
import io
import math
import re
import traceback
import warnings
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from reliability.fuzz_verdicts import FINE, Hang, judged, limited
from reliability.trials.forms import FORMS
from tsgen.data import Interactions, read_interactions, read_series, to_dataset
from tsgen.errors import TsgenError, TsgenWarning

__all__ = ["HostileTable", "hostile_tables", "try_table"]

BEGIN = datetime(2024, 1, 1)
HEADERS = {
    "series": ("item_id", "timestamp", "target"),
    "events": ("user_id", "item_id", "timestamp", "value"),
}
ROLES = {"item_id": "id", "user_id": "id", "timestamp": "time", "target": "value", "value": "value"}
CELLS = {
    "value": (
        "five", "1e400", "True", "0x1F", "1_000", "١٢", "1.234,5", "-0.0", "7.", "+7", ".5", "∞",
        "inf", "-Infinity", "1e-400", "9" * 40, "nan", "NULL", "", "-", "#DIV/0!", "½", "1d3",
        "--5", "1 000", "€7", "7%", "(7)", "1E+05", "1e5", "0,5", "7e", "1.2.3", "0b1", "7f",
        "\u22125", "12:30", "2024-01-01", "[1]", "1j", "NaN(1)", "1'000", "7 ", " 7",
    ),
    "time": (
        "10:00", "today", "2024-02-30", "2024-13-01", "31/01/2024", "Jan 2", "yesterday", "Monday",
        "2024-01-01T03:00:00+02:00", "2024-01-01T03:00:00Z", "2024-01-01 24:00", "0001-01-01",
        "2024-01-01 03:00:00.5", "9999-12-31 00:00:00", "2262-04-12 00:00:00", "1700000000", "",
        "nan", "NaT", "now", "2024001", "2024-01-01 03:60:00", "2024-01-01 3pm", "2024\u201301-01",
        "2024-01-01 00:00:00 CET", "Q1 2024", "2024", "2024-01", "12", "2024-01-01 03:00:00 BC",
        "03.01.2024", "2024-01-01 03h", "1e9", "-1", "2024-01-01T03:00:00-00:00", "2024-1-1 3:00",
        "٢٠٢٤-٠١-٠١", "2024-06-31 00:00:00", "1970-01-01 00:00:00", "2024-01-01 03:00:61",
    ),
    "id": (
        "007", " a", "a ", "a\nb", "a\tb", "é", "e\u0301", " ", "\u00a0a", "1.0", "1e3", "nan",
        "NULL", "None", "=1+1", "True", "a\0b", "u-a\0b", "\ufeffa", "x" * 50_000, "1_0", "-",
        "'a'", "\u202ea", "", "a,b", 'a"b', "a;b", "a\\", "2024-01-01", "A",
        "12345678901234567890123", "a\rb", "NaN", "<script>", "../x", "\u200ba", "0x1F", "1e400",
        "-0", "\U0001f600",
    ),
}  # fmt: skip
COLUMNS = {
    "value": {
        "decimal commas": lambda k: f"{k},5",
        "thousands with commas": lambda k: f"{k + 1},234",
        "thousands with points": lambda k: f"1.{k:03d}.000",
        "percent": lambda k: f"{k}%",
        "units": lambda k: f"{k} kWh",
        "true and false": lambda k: str(k % 2 == 0),
        "lists": lambda k: f"[{k}]",
        "all missing": lambda k: "",
    },
    "time": {
        "day and month in either order": lambda k: f"{k % 6 + 1:02d}/02/2024",
        "clock without a day": lambda k: f"{k % 6:02d}:00",
        "seconds of the epoch": lambda k: str(1_700_000_000 + 3600 * (k % 6)),
        "names of months": lambda k: ("Jan", "Feb", "Mar", "Apr", "May", "Jun")[k % 6],
        "weekdays": lambda k: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat")[k % 6],
        "years of two digits": lambda k: f"{k % 6 + 1:02d}-01-24",
        "offsets that change": lambda k: f"2024-01-01T{k % 6:02d}:00:00+0{k % 3}:00",
        "years before 1678": lambda k: f"{1500 + k % 6}-01-01",
        "years after 2262": lambda k: f"{2300 + k % 6}-01-01",
        "days of Excel": lambda k: str(45_292 + k % 6),
    },
    "id": {
        "floats": lambda k: f"{k // 6}.0",
        "spellings": lambda k: ("a", "A ", " a")[k % 3],
        "leading zeros": lambda k: f"00{k // 6}",
    },
}
WAYS = (".csv", ".tsv", ".semicolon.csv", ".csv.gz", ".parquet", "frame")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
MISSING = ("", "NaN", "nan", "NA", "N/A", "null", "NULL", "None")
MOMENT = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?: (\d\d?):(\d\d)(?::(\d\d)(?:\.(\d))?)?)?")
EPOCH = re.compile(r"1[67]\d{8}")


@dataclass(frozen=True)
class HostileTable:
    """A table, and what it means: how often each row stands there; None if it has no meaning."""

    name: str
    kind: str
    way: str
    content: object
    meaning: Counter | None


def hostile_tables():
    """Return all hostile tables."""
    found = []
    for kind in HEADERS:
        for column, name in enumerate(HEADERS[kind]):
            role = ROLES[name]
            for number, cell in enumerate(CELLS[role]):
                rows = _sound(kind)
                rows[5][column] = cell
                found.append(_table(kind, WAYS[number % len(WAYS)], rows, f"{name}={cell[:40]!r}"))
            for what, make in COLUMNS[role].items():
                rows = _sound(kind)
                for k, row in enumerate(rows):
                    row[column] = make(k)
                found += [_table(kind, way, rows, f"{name}: {what}") for way in (".csv", "frame")]
        for what, (end, change, keeps) in FORMS.items():
            content = change(_written(_sound(kind), HEADERS[kind], ","))
            meaning = _meaning(kind, _sound(kind)) if keeps else None
            found.append(HostileTable(f"{kind}: {what}", kind, end, content, meaning))
    return found


def _sound(kind):
    times = [(BEGIN + timedelta(hours=k)).isoformat(" ") for k in range(6)]
    rows = [[name, times[k], f"{k + 1}.5"] for name in ("a", "b") for k in range(6)]
    return rows if kind == "series" else [[f"u-{row[0]}", "i", *row[1:]] for row in rows]


def _table(kind, way, rows, what):
    name = f"{kind}{way}: {what}"
    if way == "frame":
        return HostileTable(name, kind, way, [HEADERS[kind], rows], _meaning(kind, rows))
    if way == ".parquet":
        file = io.BytesIO()
        pd.DataFrame(rows, columns=HEADERS[kind]).to_parquet(file)
        return HostileTable(name, kind, way, file.getvalue(), _meaning(kind, rows))
    separator = {".tsv": "\t", ".semicolon.csv": ";"}.get(way, ",")
    content = _written(rows, HEADERS[kind], separator)
    packed = gzip.compress(content) if way.endswith(".gz") else content
    return HostileTable(name, kind, way, packed, _meaning(kind, rows))


def _written(rows, header, separator):
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=separator, lineterminator="\n").writerows([header, *rows])
    return file.getvalue().encode()


def _meaning(kind, rows):
    """Return how often each row is there, or None if a cell has no meaning of its own."""
    read = [
        tuple(MEANINGS[ROLES[name]](cell) for name, cell in zip(HEADERS[kind], row, strict=True))
        for row in rows
    ]
    if any(cell is None for row in read for cell in row):
        return None
    return Counter(row for row in read if kind == "events" or row[-1] != "missing")


def _number(cell):
    if cell in MISSING:
        return "missing"
    return float(cell) if NUMBER.fullmatch(cell.strip()) and math.isfinite(float(cell)) else None


def _moment(cell):
    if EPOCH.fullmatch(cell):
        return datetime(1970, 1, 1) + timedelta(seconds=int(cell))
    if not (match := MOMENT.fullmatch(cell)):
        return None
    *parts, tenths = (int(part or 0) for part in match.groups())
    try:
        return datetime(*parts, 100_000 * tenths)
    except ValueError:
        return None


MEANINGS = {"value": _number, "time": _moment, "id": lambda cell: cell or None}


def try_table(table, place):
    """Return the verdict on a hostile table."""
    noted = []
    try:
        with limited(), warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always")
            rows = _rows(table, place)
    except TsgenError as error:
        return judged(str(error))
    except Hang:
        return "hang", ""
    except Exception:
        return "traceback", traceback.format_exc(limit=-3)
    said = [str(note.message) for note in noted if issubclass(note.category, TsgenWarning)]
    if rows == table.meaning:
        return FINE, ""
    if said:
        return judged(said[0])
    differing = [rows - (table.meaning or Counter()), (table.meaning or Counter()) - rows]
    return "silently wrong", f"read {[*differing[0]][:2]}, there {[*differing[1]][:2]}"


def _rows(table, place):
    """Return what tsgen reads of a table, row by row."""
    if table.way == "frame":
        given = pd.DataFrame(table.content[1], columns=table.content[0])
        read = to_dataset if table.kind == "series" else Interactions.from_frame
    else:
        given = place / f"table{table.way}"
        given.write_bytes(table.content)
        read = read_series if table.kind == "series" else read_interactions
    frame = read(given).to_frame()
    return Counter(filter(None, map(_row, frame[list(HEADERS[table.kind])].to_numpy(object))))


def _row(cells):
    *ids, moment, value = cells
    if math.isnan(value):
        return None if len(ids) == 1 else (*map(str, ids), _plain(moment), "missing")
    return (*map(str, ids), _plain(moment), float(value))


def _plain(moment):
    return pd.Timestamp(moment).to_pydatetime().replace(tzinfo=None)
