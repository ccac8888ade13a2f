"""Progress bars: silent where nobody looks, and every item passes through."""

import sys

import pytest

from tsgen.progress import bar, track


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
