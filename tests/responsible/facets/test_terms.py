"""Texts and tables that name groups."""

import pytest

from tsgen.errors import SettingsError
from tsgen.responsible.facets import Term, parse_facet


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("gender", [Term("gender")]),
        ("job = student | artist", [Term("job", "in", ("student", "artist"))]),
        ("age<25", [Term("age", "<", (25.0,))]),
        ("age >= 65", [Term("age", ">=", (65.0,))]),
        ("gender=F & age<=30.5", [Term("gender", "in", ("F",)), Term("age", "<=", (30.5,))]),
    ],
)
def test_texts_are_read(text, terms):
    assert list(parse_facet(text).terms) == terms


def test_tables_are_read_and_named():
    facet = parse_facet({"gender": ["F", "X"], "age": ">60"}, "older")
    assert facet.name == "older"
    assert list(facet.terms) == [Term("gender", "in", ("F", "X")), Term("age", ">", (60.0,))]
    assert parse_facet({"gender": None}).terms == (Term("gender"),)
    assert parse_facet("a=1|2 & b<3").name == "a=1|2 & b<3"


@pytest.mark.parametrize("text", ["", "=F", "job=", "gender & age<25", 7, {}, "age<1.2.3"])
def test_what_is_no_facet_is_refused(text):
    with pytest.raises(SettingsError, match=r"facet|number after its sign"):
        parse_facet(text)
