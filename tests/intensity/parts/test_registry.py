"""Parts by name, by a table of settings, or as an object."""

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import pytest
from pydantic import Field

from tsgen.intensity.parts import Part, PartChoice, PartKind, PartRegistry
from tsgen.settings import Settings


class Inner(Settings):
    width: int = 3


@dataclass(frozen=True)
class Line(Part):
    slope: Annotated[float, Field(gt=0)] = 1.0
    side: Literal["left", "right"] = "left"
    inner: Inner = field(default_factory=Inner)
    expensive: ClassVar[bool] = True


@dataclass(frozen=True)
class Flat(Part):
    level: int = 0

    def fit(self):
        return self


@dataclass(frozen=True)
class Wrapped(Part):
    model: object = None


class Whole(Settings):
    """The settings of what the parts belong to."""

    steepness: float = 7.0


REGISTRY = PartRegistry(
    "part",
    {
        "line": PartKind(Line, shared={"slope": "steepness"}),
        "right-line": PartKind(Line, {"side": "right"}, {"slope": "steepness"}),
        "flat": PartKind(Flat),
    },
    wrap=Wrapped,
    example="an object",
    implied={"level": "flat"},
)


class Mine:
    def fit(self):
        return self


def made(value):
    return REGISTRY.make(REGISTRY.read(value), Whole())


def test_a_name_takes_what_it_stands_for_and_what_is_shared():
    assert made("line") == Line(slope=7.0)
    assert made("right-line") == Line(slope=7.0, side="right")
    assert made("flat") == Flat()


def test_a_table_sets_fields_before_what_is_shared_and_reads_them_as_their_types():
    assert made({"model": "line", "slope": 2, "inner": {"width": 5}}) == Line(
        2.0, "left", Inner(width=5)
    )
    assert made({"level": "4"}) == Flat(4)  # the setting implies the model


def test_an_object_is_taken_as_it_is_and_one_of_the_users_is_wrapped():
    part, mine = Flat(3), Mine()
    assert made(part) is part
    assert made(mine) == Wrapped(mine)
    assert made("own") == Wrapped(None)


@pytest.mark.parametrize(
    "value",
    ["line", {"model": "line", "slope": 2.0}, {"model": "flat", "level": 4}, Flat(2)],
)
def test_what_is_written_is_read_as_the_same_part(value):
    read = REGISTRY.read(value)
    assert REGISTRY.make(REGISTRY.read(REGISTRY.to_json(read)), Whole()) == made(value)


def test_an_object_of_the_users_is_written_as_its_own():
    assert REGISTRY.to_json(Mine()) == "own"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("lien", r"'lien' is not possible. Did you mean 'line'\?.*or an object"),
        (3, "3 is not possible"),
        ({"slope": 1.0}, "name no model; say part.model=NAME, one of line, right-line, flat"),
        ({"model": "lines"}, "Did you mean 'line'"),
        ({"model": "line", "slop": 1.0}, r"Line has no setting 'slop'. Did you mean 'slope'"),
        ({"model": "line", "slope": -1.0}, "slope=-1.0 is not possible: .*greater than 0"),
        ({"model": "right-line", "side": "left"}, "has no setting 'side'"),
    ],
)
def test_what_is_impossible_is_said_in_a_sentence(value, message):
    with pytest.raises(ValueError, match=message):
        REGISTRY.read(value)


def test_a_choice_is_read_again_as_it_is():
    choice = PartChoice("line", {"slope": 2.0})
    assert REGISTRY.read(choice) == choice
