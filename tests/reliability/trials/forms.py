"""Forms of a sound table of text: how a file can be written otherwise, and whether it is whole.

By name: the end of the file's name, what becomes of its bytes, and whether it still says the same.
"""

import gzip
import io

import pandas as pd

__all__ = ["FORMS"]


def _lines(change):
    """Change the list of lines."""
    return lambda content: b"\n".join(change(content.rstrip(b"\n").split(b"\n"))) + b"\n"


def _parquet(content):
    file = io.BytesIO()
    pd.read_csv(io.BytesIO(content)).to_parquet(file)
    return file.getvalue()


def _quoted(lines):
    return [b",".join(b'"%s"' % cell for cell in line.split(b",")) for line in lines]


FORMS = {
    "as it is": (".csv", lambda content: content, True),
    "byte order mark": (".csv", lambda content: b"\xef\xbb\xbf" + content, True),
    "CRLF": (".csv", lambda content: content.replace(b"\n", b"\r\n"), True),
    "no last line end": (".csv", lambda content: content.rstrip(b"\n"), True),
    "quoted": (".csv", _lines(_quoted), True),
    "tabs": (".tsv", lambda content: content.replace(b",", b"\t"), True),
    "blank lines": (".csv", _lines(lambda lines: [*lines[:3], b"", *lines[3:], b""]), True),
    "one column more": (".csv", _lines(lambda lines: [line + b",x" for line in lines]), True),
    "compressed": (".csv.gz", gzip.compress, True),
    "compressed in two parts": (
        ".csv.gz",
        lambda content: gzip.compress(content[:90]) + gzip.compress(content[90:]),
        True,
    ),
    "Parquet": (".parquet", _parquet, True),
    "old Mac": (".csv", lambda content: content.replace(b"\n", b"\r"), False),
    "UTF-16": (".csv", lambda content: content.decode().encode("utf-16"), False),
    "UTF-32": (".csv", lambda content: content.decode().encode("utf-32"), False),
    "Latin-1": (
        ".csv",
        lambda content: content.replace(b"\nb,", b"\n\xe9,")[:-4] + b"\xe9\n",
        False,
    ),
    "a NUL byte": (".csv", lambda content: content[:60] + b"\0" + content[60:], False),
    "header in the middle": (".csv", _lines(lambda lines: [*lines, lines[0], *lines[1:]]), False),
    "units below the header": (
        ".csv",
        _lines(
            lambda lines: [lines[0], b",".join([b"-"] * (lines[0].count(b",") + 1)), *lines[1:]]
        ),
        False,
    ),
    "a note of Excel": (".csv", lambda content: b"sep=,\n" + content, False),
    "a comment first": (".csv", lambda content: b"# exported\n" + content, False),
    "a footer": (".csv", lambda content: content + b"Total," * 2 + b"12\n", False),
    "cut off": (".csv", lambda content: content[:-8], False),
    "half": (".csv", lambda content: content[: len(content) // 2 - 3], False),
    "an open quotation mark": (".csv", lambda content: content[:-8] + b'"' + content[-8:], False),
    "a line too long": (".csv", _lines(lambda lines: [*lines, lines[-1] + b",9"]), False),
    "a line too short": (".csv", _lines(lambda lines: [*lines[:-1], b"x"]), False),
    "rows twice": (".csv", lambda content: content + content.split(b"\n", 1)[1], False),
    "two columns of one name": (
        ".csv",
        _lines(lambda lines: [line + b"," + line.split(b",")[0] for line in lines]),
        False,
    ),
    "no header": (".csv", lambda content: content.split(b"\n", 1)[1], False),
    "header alone": (".csv", lambda content: content.split(b"\n", 1)[0] + b"\n", False),
    "empty": (".csv", lambda content: b"", False),
    "blank": (".csv", lambda content: b"\n\n \n", False),
    "one column less": (
        ".csv",
        _lines(lambda lines: [line.rsplit(b",", 2)[0] for line in lines]),
        False,
    ),
    "semicolons in the header alone": (
        ".csv",
        _lines(lambda lines: [lines[0].replace(b",", b";"), *lines[1:]]),
        False,
    ),
    "gzip named CSV": (".csv", gzip.compress, False),
    "text named gzip": (".csv.gz", lambda content: content, False),
    "gzip cut off": (".csv.gz", lambda content: gzip.compress(content)[:-9], False),
    "gzip twice": (".csv.gz", lambda content: gzip.compress(gzip.compress(content)), False),
    "text named Parquet": (".parquet", lambda content: content, False),
    "Parquet named CSV": (".csv", _parquet, False),
    "Parquet cut off": (".parquet", lambda content: _parquet(content)[:-20], False),
    "a hole in Parquet": (
        ".parquet",
        lambda content: (whole := _parquet(content))[:30] + bytes(60) + whole[90:],
        False,
    ),
    "a page of HTML": (".csv", lambda content: b"<!DOCTYPE html><html>404</html>", False),
    "a workbook": (".csv", lambda content: b"PK\x03\x04" + content, False),
    "JSON": (".csv", lambda content: b'[{"item_id": "a", "timestamp": "2024-01-01"}]', False),
}
