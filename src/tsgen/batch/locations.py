"""Where inputs and outputs lie: on this machine's file system, or wherever fsspec reaches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tsgen.data import check_exists
from tsgen.errors import DataError, MissingExtraError, OutputError, TsgenError
from tsgen.storage import free_place, is_address

__all__ = ["Destination", "InputFile", "Source"]

_SUFFIXES = (".parquet", ".csv")
_STAMPS = ("mtime", "ETag", "etag", "LastModified", "last_modified", "updated", "created")
"""How file systems call what changes with a file's content."""


@dataclass(frozen=True)
class InputFile:
    """A file of an input.

    Attributes:
        name: Its whole path or address.
        size: Bytes.
        stamp: Of its content: the time it was written, or a digest.
    """

    name: str
    size: int
    stamp: str


@dataclass(frozen=True)
class Source:
    """An input: a file or a folder.

    Attributes:
        place: A path, or an address such as "s3://shop/events".
    """

    place: str

    def check(self) -> None:
        """Refuse a place where nothing is.

        Raises:
            DataError: There is nothing, or nobody answers.
            MissingExtraError: The package for such an address is not installed.
        """
        if not is_address(self.place):
            check_exists(Path(self.place))
        elif not self.files():
            raise DataError(f"There is no file or folder {self.place}.")

    def files(self) -> list[InputFile]:
        """Return its files by name."""
        system, path = _system(self.place)
        with _answering(self.place, DataError):
            listed = system.find(path, detail=True)
        return [InputFile(name, int(of["size"]), _stamp(of)) for name, of in sorted(listed.items())]

    def fetched(self, folder: Path) -> Path:
        """Return where the input is on this machine: a copy in `folder` of what is elsewhere."""
        if not is_address(self.place):
            return Path(self.place)
        system, path = _system(self.place)
        here = folder / path.rstrip("/").rsplit("/", 1)[-1]
        with _answering(self.place, DataError):
            for file in self.files():
                below = file.name[len(path.rstrip("/")) :].lstrip("/")
                target = here / below if below else here
                target.parent.mkdir(parents=True, exist_ok=True)
                system.get_file(file.name, str(target))
        return here


@dataclass(frozen=True)
class Destination:
    """An output: one table.

    Attributes:
        place: A path or an address that ends in .parquet or .csv.
    """

    place: str

    @property
    def path(self) -> Path:
        """Its path; of an address, that of its name in the working directory."""
        return Path(self.place.rsplit("/", 1)[-1] if is_address(self.place) else self.place)

    @property
    def work(self) -> Path:
        """The folder of everything in between."""
        return self.path.with_name(f"{self.path.name}.batch")

    def check(self, *, overwrite: bool) -> None:
        """Refuse a place that is taken, or of an unknown kind.

        Raises:
            OutputError: It is, or nobody answers.
            MissingExtraError: The package for such an address is not installed.
        """
        if not self.place.endswith(_SUFFIXES):
            raise OutputError(f"{self.place} is of an unknown kind; use {' or '.join(_SUFFIXES)}.")
        if not is_address(self.place):
            free_place(self.path, overwrite=overwrite)
            return
        system, path = _system(self.place)
        with _answering(self.place, OutputError):
            taken = system.exists(path)
        if taken and not overwrite:
            raise OutputError(
                f"{self.place} exists already; choose another name or allow it with overwrite=True."
            )

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """Yield where the table is to be written on this machine; it is sent on when written."""
        if not is_address(self.place):
            yield self.path
            return
        here = self.work / self.path.name
        here.unlink(missing_ok=True)
        yield here
        system, path = _system(self.place)
        with _answering(self.place, OutputError):
            system.put_file(str(here), path)


def _system(place: str) -> tuple[Any, str]:
    """Return the file system of a place, and its path there."""
    import fsspec

    try:
        system, path = fsspec.core.url_to_fs(place)
    except ImportError as error:
        raise MissingExtraError(f"{place} needs a package that is absent: {error}.") from None
    except ValueError as error:
        raise DataError(f"{place} is no address that fsspec knows: {error}.") from None
    return system, str(path)


def _stamp(facts: dict[str, Any]) -> str:
    return next((str(facts[name]) for name in _STAMPS if facts.get(name) is not None), "")


@contextmanager
def _answering(place: str, kind: type[TsgenError]) -> Iterator[None]:
    """Say in one sentence what a file system of somebody else answers, whatever it raises."""
    try:
        yield
    except TsgenError:
        raise
    except Exception as error:
        text = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise kind(f"{place} does not answer as it should: {text}.") from error
