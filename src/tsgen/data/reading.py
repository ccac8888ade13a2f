"""What stands between a path and its content: what is there at all, and errors in one sentence."""

from __future__ import annotations

import gzip
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tsgen.errors import DataError, TooLargeError, TsgenError, nearest
from tsgen.memory import check_memory, lacks_memory

__all__ = [
    "check_exists",
    "check_text",
    "check_text_size",
    "first_line",
    "named_path",
    "reading",
    "unreadable",
]

_CUT_OFF = re.compile(
    "end of (file|stream)|eof|end-of-stream|truncated|footer|magic bytes|only read|incomplete"
    "|crc check",
    re.IGNORECASE,
)
_CELLS = re.compile(
    r"Expected (?P<wanted>\d+) (?:fields in line (?P<line>\d+), saw|columns, got) (?P<found>\d+)"
    r"(?P<text>: .*)?"
)
_QUOTE = re.compile(r"EOF inside string starting at row (\d+)")
_PACKED = {
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".arrow": "Arrow",
    ".feather": "Arrow",
    ".gz": "gzip",
}
"""Kinds of files that are not text, by the end of their name."""

_KINDS = {
    b"\x1f\x8b": "compressed by gzip; give it a name that ends in .gz",
    b"PK\x03\x04": "a zip archive or a workbook; save its table as CSV",
    b"PAR1": "a Parquet file; give it a name that ends in .parquet",
    b"\x28\xb5\x2f\xfd": "compressed by zstd; unpack it first",
    b"BZh": "compressed by bzip2; unpack it first",
    b"\xfd7zX": "compressed by xz; unpack it first",
    b"\xff\xfe\0\0": "UTF-32 text; save it as UTF-8",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}
"""How files of other kinds begin, and what to do with them."""

_SEPARATOR = re.compile("sep=.?", re.IGNORECASE)

_LONGEST = 1 << 20
"""Bytes of a first line; a longer one is no header."""


def named_path(path: str | Path) -> Path:
    """Return a path; an empty text, which would be the working folder, names nothing.

    Raises:
        DataError: It is empty, or no path but a table.
    """
    if not isinstance(path, str | os.PathLike):
        raise DataError(
            f"A path is read here, not a {type(path).__name__}; give a table to to_dataset(table) "
            "as series, or to Interactions.from_frame(table) as events."
        )
    if path == "":
        raise DataError("The path is empty; name a file or folder ('.' is the working folder).")
    return Path(path)


def check_exists(path: Path) -> None:
    """Refuse a path where nothing is that could be read, with the nearest name that there is.

    Raises:
        DataError: There is no file or folder, or it is a pipe or a device.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise DataError(f"{path} is a link to {path.readlink()}, where nothing is.") from None
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(
            f"There is no file or folder {path}.{nearest(path.name, siblings)}"
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{_short(path)} cannot be opened: {reason}.") from None
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise DataError(
            f"{path} is a pipe or a device, which cannot be read twice; save it as a file first."
        )
    if not os.access(path, os.R_OK):
        raise DataError(f"{path} cannot be opened: you have no permission to read it.")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Put the path in front of what is wrong with its content, whoever found it.

    Raises:
        DataError: The content is wrong, or a parser of somebody else gave up.
        TooLargeError: There is not enough memory for it.
    """
    try:
        yield
    except DataError as error:
        if str(error).startswith(str(path)):
            raise
        raise DataError(
            f"{path}: {error}", item_id=error.item_id, field=error.field, row=error.row
        ) from error
    except TsgenError:
        raise
    except Exception as error:  # of pandas, pyarrow, gzip, zlib, csv, json ...
        if lacks_memory(error):
            raise TooLargeError(
                f"{path} does not fit into memory; give fewer columns or rows at a time."
            ) from error
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> DataError:
    """Return the error, in one sentence, about a file that somebody else's parser cannot read."""
    if path.is_file() and not path.stat().st_size:
        return DataError(f"{path} is empty; write or copy it again.")
    if (isinstance(error, UnicodeError) or "invalid UTF8" in str(error)) and _is_binary(path):
        return DataError(f"{path} is no table of text: it has NUL bytes.")
    if isinstance(error, UnicodeError) or "invalid UTF8" in str(error):
        advice = ", or read it with pandas.read_csv(path, encoding='latin-1') and give that table"
        return DataError(
            f"{path} is not UTF-8 text. Save it as UTF-8{advice if '.csv' in path.name else ''}."
        )
    reason = " ".join(str(getattr(error, "strerror", None) or error).split()).rstrip(".")
    if isinstance(error, OSError) and error.strerror:
        return DataError(f"{path} cannot be read: {reason}.")
    if fault := _table_fault(reason):
        return DataError(f"{path}: {fault}")
    kind = next((kind for end, kind in _PACKED.items() if path.name.endswith(end)), "")
    cut_off = _CUT_OFF.search(f"{type(error).__name__} {reason}")
    if kind:
        state = "complete" if cut_off else "sound"
        first = reason.split(". ")[0][:200]
        return DataError(f"{path} is not a {state} {kind} file ({first}); write or copy it again.")
    advice = " Is it complete?" if cut_off else ""
    return DataError(f"{path} cannot be read: {reason[:500] or type(error).__name__}.{advice}")


def _table_fault(reason: str) -> str:
    """Return what pandas or pyarrow found wrong with a table of text, in a sentence of ours."""
    if match := _CELLS.search(reason):
        wanted, line, cells = match["wanted"], match["line"], match["found"]
        where = f"line {line}" if line else f"a line ({(match['text'] or '').strip(': ')[:60]!r})"
        return (
            f"The header has {wanted} cells, {where} has {cells}; mend it, or put quotation marks "
            "around cells that hold the separator."
        )
    if match := _QUOTE.search(reason):
        return f"A quotation mark that opens in row {match[1]} is never closed; mend that row."
    if "straddles" in reason or "straddling" in reason:
        return "A line has a million characters or more; is a quotation mark never closed?"
    return ""


def _is_binary(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return b"\0" in file.read(_LONGEST)
    except OSError:
        return False


def first_line(path: Path) -> str:
    """Return the first line of a file of text.

    Raises:
        DataError: It is empty, of another kind, or has the line ends of old Macs.
    """
    with path.open("rb") as file:
        begin = file.read(4)
    packed = path.suffix == ".gz"
    kind = next((kind for mark, kind in _KINDS.items() if begin.startswith(mark)), None)
    if kind and not (packed and begin.startswith(b"\x1f\x8b")):
        raise DataError(f"The file is {kind}.")
    if packed and not begin.startswith(b"\x1f\x8b") and begin:
        raise DataError("The name ends in .gz, but the file is not compressed by gzip; rename it.")
    with gzip.open(path, "rb") if packed else path.open("rb") as lines:
        line = lines.readline(_LONGEST)
    if packed and (kind := next((k for mark, k in _KINDS.items() if line.startswith(mark)), None)):
        raise DataError(f"What is packed in the file is {kind}.")
    if len(line) == _LONGEST:
        raise DataError(
            "The first line has a million characters or more; a table begins with the names of "
            "its columns."
        )
    if b"\0" in line:
        raise DataError(
            "The first line has NUL bytes, so the file is no table of text in UTF-8 (UTF-16 has "
            "such bytes; save it as UTF-8)."
        )
    header = line.decode("utf-8-sig")  # what is not UTF-8 is told by `reading`
    if "\r" in header.rstrip("\r\n"):
        raise DataError(
            "The lines end as on old Macs (CR alone); save the file with LF or CRLF line ends."
        )
    if not header.strip():
        raise DataError("The file is empty.")
    if _SEPARATOR.fullmatch(header.strip()):
        raise DataError(
            f"The first line, '{header.strip()}', is a note for Excel and no header; delete it."
        )
    return header


def check_text_size(path: Path, size: int) -> None:
    """Refuse a file that would not fit into memory beside the table made of it.

    Args:
        path: The file.
        size: Its bytes, unpacked.

    Raises:
        TooLargeError: It would not.
    """
    advice = "Give fewer rows, or allow more with memory_limit(...) or TSGEN_MAX_MEMORY."
    check_memory(2 * size, f"{path}, {size:,} bytes of text,", advice)


def check_text(path: Path) -> None:
    """Refuse a file of text with NUL bytes, where pandas would cut ids off, or too large to read.

    Raises:
        DataError: There is a NUL byte; where.
        TooLargeError: The table would not fit into memory.
    """
    done = 0
    with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
        while block := file.read(_LONGEST):
            if (place := block.find(b"\0")) >= 0:
                raise DataError(
                    f"The file has a NUL byte (at byte {done + place}), which no text has; write "
                    "it again, or remove it."
                )
            done += len(block)
    check_text_size(path, done)


def _short(path: Path) -> str:
    text = str(path).replace("\0", "\\0")
    return text if len(text) <= 200 else f"{text[:197]}..."
