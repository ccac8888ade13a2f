import inspect

import pytest

from tsgen.curation.operations import TRANSFORMS
from tsgen.curation.policy.magnitudes import MAGNITUDES, transform_of
from tsgen.errors import SettingsError


def test_magnitudes_are_settings_of_their_transforms():
    for name, (setting, levels) in MAGNITUDES.items():
        assert setting in inspect.signature(TRANSFORMS[name]).parameters
        assert len(set(levels)) == len(levels) >= 3


def test_a_transform_has_its_magnitude_or_its_usual_settings():
    assert transform_of("window_slice", 0.8).settings == {"share": 0.8}
    assert transform_of("jitter", None).settings == transform_of("mixing", None).settings == {}
    with pytest.raises(SettingsError, match="'mixing' has no magnitude"):
        transform_of("mixing", 0.3)
    with pytest.raises(SettingsError, match="Did you mean 'jitter'"):
        transform_of("jiter", 0.3)
