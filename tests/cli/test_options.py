"""Options that several verbs share."""

import pytest

from tsgen.cli.options import without_effect
from tsgen.errors import SettingsError


def test_an_option_that_changes_nothing_is_refused_and_absent_ones_are_not():
    options = {"--read": None, "--panel": True, "--device": "cpu"}
    with pytest.raises(SettingsError, match=r"^--panel has no effect without --like; leave it out"):
        without_effect(options, "without --like", given=True)
    without_effect(options, "without --like", given=False)
    without_effect({"--read": None, "--panel": False, "--size": ()}, "here", given=True)
