"""Damaged tables through both readers: read, or refused in one sentence; never a traceback."""

import warnings

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tsgen.data import read_interactions, read_series
from tsgen.errors import TsgenError

SERIES = b"item_id,timestamp,target\n" + b"".join(
    f"{i},2024-01-{d:02d} 00:00:00,{d}.5\n".encode() for i in "ab" for d in range(1, 11)
)
EVENTS = SERIES.replace(b"item_id,timestamp,target", b"user_id,timestamp,item_id")
PIECES = [b"\0", b"\r", b"\n", b'"', b";", b"\xff", b"nan", b"1e999", b"9999-12-31", b"'=1", b"\t"]

damages = st.lists(
    st.tuples(
        st.integers(0, len(SERIES)),
        st.integers(0, 40),
        st.one_of(st.sampled_from(PIECES), st.binary(max_size=12)),
    ),
    min_size=1,
    max_size=6,
)
CORPUS = [  # what once was a traceback
    [(0, len(SERIES), SERIES.replace(b"\n", b"\r"))],
    [(0, 2, b"\xff\xfe")],
    [(24, 1, b"\r")],
]


def check(folder, damage):
    for name, whole, read in (
        ("s.csv", SERIES, read_series),
        ("e.csv", EVENTS, read_interactions),
    ):
        content = whole
        for place, length, piece in damage:
            content = content[:place] + piece + content[place + length :]
        (folder / name).write_bytes(content)
        told = ""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                read(folder / name)
            except TsgenError as error:
                told = str(error)
        assert "\n" not in told.strip()
        assert len(told) < 3000


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages)
@example(damage=CORPUS[0])
@example(damage=CORPUS[1])
@example(damage=CORPUS[2])
def test_a_damaged_table_is_read_or_refused_in_a_sentence(tmp_path, damage):
    check(tmp_path, damage)


@pytest.mark.slow
@settings(max_examples=1000, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=damages)
def test_many_damaged_tables_are(tmp_path, damage):
    check(tmp_path, damage)
