"""Code of somebody else, whose errors become one sentence with the name of the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tsgen.errors import DataError, TsgenError

__all__ = ["named_errors"]


@contextmanager
def named_errors(name: str) -> Iterator[None]:
    """Turn whatever a stranger's code throws into a `DataError`; ours stay as they are.

    Args:
        name: What tables call the way.

    Raises:
        DataError: The code failed.
    """
    try:
        yield
    except TsgenError:
        raise
    except Exception as error:
        raise DataError(f"'{name}' failed: {type(error).__name__}: {error}") from error
