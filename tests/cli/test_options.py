"""Options that several verbs share."""

from pathlib import Path

import pytest

from tsgen.cli.options import csv_only, without_effect
from tsgen.errors import SettingsError


def test_an_option_that_changes_nothing_is_refused_and_absent_ones_are_not():
    options = {"--read": None, "--panel": True, "--device": "cpu"}
    with pytest.raises(SettingsError, match=r"^--panel has no effect without --like; leave it out"):
        without_effect(options, "without --like", given=True)
    without_effect(options, "without --like", given=False)
    without_effect({"--read": None, "--panel": False, "--size": ()}, "here", given=True)


def test_what_is_for_csv_is_refused_where_none_is_written():
    csv_only(True, Path("a.parquet"), Path("b.csv.gz"))
    csv_only(True, None)
    csv_only(False, Path("a.parquet"))
    for outputs in ([Path("a.parquet"), Path("b")], []):
        with pytest.raises(SettingsError, match="--spreadsheet-safe has no effect where no CSV"):
            csv_only(True, *outputs)
