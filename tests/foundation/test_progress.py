"""Progress: a bar where somebody looks, lines in captured output, and every item passes through."""

import sys

import pytest

from tsgen import progress
from tsgen.progress import Lines, bar, track


class Terminal:
    """An error stream that says it is a terminal."""

    def __init__(self):
        self.text = ""

    def write(self, text):
        self.text += text

    def flush(self):
        pass

    def isatty(self):
        return True


def test_items_pass_in_order_without_a_word_where_there_is_no_terminal(capsys):
    assert list(track(iter("abc"), "letters", total=3)) == ["a", "b", "c"]
    with bar(3, "steps") as shown:
        shown.update(3)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("show", [True, False])
def test_a_terminal_shows_a_bar_from_its_start_unless_it_is_hidden(monkeypatch, show):
    monkeypatch.setattr(sys, "stderr", Terminal())
    with bar(8, "training", start=2, show=show) as shown:
        shown.update(2)
        shown.refresh()
    assert ("training" in sys.stderr.text) == show
    assert ("4/8" in sys.stderr.text) == show


@pytest.fixture
def clock(monkeypatch):
    """A clock that tests move."""
    time = {"now": 100.0}
    monkeypatch.setattr(progress.time, "monotonic", lambda: time["now"])
    return time


def test_captured_output_gets_a_line_every_so_often_with_the_time_left(clock, capsys):
    for _ in track(range(100), "cells"):
        clock["now"] += 1.0
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "cells: 5 of 100 (5 %) in 5 s, about 95 s left"
    assert lines[1] == "cells: 13 of 100 (13 %) in 13 s, about 87 s left"
    assert 4 <= len(lines) <= 8


def test_short_work_writes_nothing_and_hidden_work_neither(clock, capsys):
    for _ in track("abcd", "letters"):
        clock["now"] += 1.0
    with bar(10, "steps", show=False) as hidden:
        for _ in range(10):
            clock["now"] += 10.0
            hidden.update()
    assert capsys.readouterr().err == ""


def test_steps_that_were_done_before_do_not_make_the_rest_look_fast(clock, capsys):
    with bar(100, "training", start=90) as shown:
        clock["now"] += 6.0
        shown.update(2)
    assert capsys.readouterr().err == "training: 92 of 100 (92 %) in 6 s, about 24 s left\n"


def test_lines_name_minutes_and_hours_and_unknown_ends():
    assert Lines(None, "rows").line(7200) == "rows: 0 done in 2.0 h"
    assert Lines(10, "rows").line(600) == "rows: 0 of 10 (0 %) in 10 min"


def test_a_bar_may_wait_until_work_has_taken_a_while(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert list(track(range(3), "scoring", delay=60.0)) == [0, 1, 2]
    assert sys.stderr.text.strip() == ""
