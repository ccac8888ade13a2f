import pytest

from tsgen.errors import SettingsError
from tsgen.features import TowerSettings, distil


class Recorder:
    """A model that keeps what it is asked to teach."""

    def distilled(self, learn, *, log=None, seed=None):
        self.settings = learn.keywords["settings"]
        self.log, self.seed = log, seed
        return self


def test_rank_and_rounds_go_before_other_settings():
    model = distil(Recorder(), 8, rounds=2, settings=TowerSettings(rank=3, num_steps=7), seed=4)
    assert model.settings == TowerSettings(rank=8, rounds=2, num_steps=7)
    assert (model.log, model.seed) == (None, 4)


@pytest.mark.parametrize(("rank", "rounds"), [(0, 1), (4, -1), ("wide", 1)])
def test_impossible_settings_are_refused(rank, rounds):
    with pytest.raises(SettingsError):
        distil(Recorder(), rank, rounds=rounds)
