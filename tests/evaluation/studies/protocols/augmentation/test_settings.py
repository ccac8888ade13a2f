"""Arms of the studies of augmentation: their ways exist."""

import pytest

from tsgen.errors import MissingExtraError, SettingsError
from tsgen.evaluation.studies.protocols.augmentation import HelpsArm, settings

DATASET = {"data": "load", "prediction_length": 6}


@pytest.mark.parametrize("way", ["auto", "policy", "uniform", "mixture", "jitter", "psa-gan"])
def test_a_way_is_found_or_an_operation(way):
    assert HelpsArm(**DATASET, way=way).way == way


def test_no_other_name_is_a_way():
    with pytest.raises(SettingsError, match=r"way: There is no operation 'mixin'.*'mixing'"):
        HelpsArm(**DATASET, way="mixin")


def test_a_package_that_is_absent_is_left_to_the_cells(monkeypatch):
    def absent(name):
        raise MissingExtraError("SynForecast", "synforecast")

    monkeypatch.setattr(settings, "operation", absent)
    assert HelpsArm(**DATASET, way="synforecast-mbb").way == "synforecast-mbb"
