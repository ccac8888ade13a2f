"""Errors of somebody else's code become one sentence; ours and interruptions stay."""

import pytest

from tsgen.curation.operations.strangers import named_errors
from tsgen.errors import DataError, SettingsError


@pytest.mark.parametrize(
    ("thrown", "kept", "message"),
    [
        (ValueError("no luck"), DataError, "'mine' failed: ValueError: no luck"),
        (SettingsError("ours"), SettingsError, "ours"),
        (KeyboardInterrupt(), KeyboardInterrupt, "^$"),
    ],
)
def test_what_is_thrown_is_named_unless_it_is_ours(thrown, kept, message):
    with pytest.raises(kept, match=message), named_errors("mine"):
        raise thrown
