import numpy as np
import pytest

from tsgen.errors import DataError, SettingsError
from tsgen.evaluation import sampler_noise_spread
from tsgen.evaluation.fidelity.spread import model_noise_spread

KWARGS = {"target_length": 24, "period": 24, "pairs": 30, "draws": 4, "seed": 0}


@pytest.fixture(scope="module")
def days(make_dataset):
    """Ten series: a cycle of 24 steps of their own, plus unit noise."""
    draw = np.random.default_rng(0)
    cycles = 50 * draw.normal(size=(10, 24))
    rows = np.tile(cycles, 20) + draw.normal(size=(10, 480))
    return make_dataset(rows), cycles


def sampler_of(cycles, noise, asked):
    def sample(item_ids, starts, seed):
        asked.extend(zip(item_ids, starts.tolist(), strict=True))
        phase = (starts[:, None] - starts.min() // 24 * 24 + np.arange(24)) % 24
        base = cycles[[int(i) for i in item_ids]][np.arange(len(starts))[:, None], phase]
        return base + noise * np.random.default_rng(seed).normal(size=base.shape)

    return sample


@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0])
def test_spread_is_that_of_the_noise_against_that_of_days(days, noise):
    dataset, cycles = days
    asked = []
    found = sampler_noise_spread(dataset, sampler_of(cycles, noise, asked), **KWARGS)
    row = found.table.iloc[0]
    assert row["value"] == pytest.approx(noise, abs=0.08)
    assert row["floor"] == pytest.approx(1.0, abs=0.08)
    assert all(len(set(asked[i : i + 4])) == 1 for i in range(0, len(asked), 4))


def test_the_floor_is_of_other_real_days_than_those_compared_with(days, monkeypatch):
    dataset, cycles = days
    compared = []

    def note(trial, real):
        compared.append((trial.copy(), real.copy()))
        return float(len(compared))

    monkeypatch.setattr("tsgen.evaluation.fidelity.spread.noise_spread", note)
    found = sampler_noise_spread(dataset, sampler_of(cycles, 1.0, []), **KWARGS)
    for (_, real), (other, again) in zip(compared[::2], compared[1::2], strict=True):
        np.testing.assert_array_equal(real, again)
        assert real.shape == other.shape == (30, 4, 24)
        for mine, theirs in zip(real, other, strict=True):
            assert len({tuple(day) for day in (*mine, *theirs)}) == 8
    assert found.value("noise_spread") == 5.0  # of 1, 3, 5, 7, 9
    assert found.table["floor"].item() == 6.0


def test_real_windows_of_a_pair_share_the_phase(days):
    # A sampler of the bare cycle, at the phase asked for, would spread if phases were mixed; the
    # real days would too, and their spread would be that of the cycle.
    dataset, cycles = days
    found = sampler_noise_spread(dataset, sampler_of(cycles, 50.0, []), **KWARGS)
    assert found.value("noise_spread") > 30


def test_too_few_days_are_refused(days, make_dataset):
    dataset, cycles = days
    sampler = sampler_of(cycles, 1.0, [])
    with pytest.raises(DataError, match=r"No series has 40 .* \(at most 20\)"):
        sampler_noise_spread(dataset, sampler, **(KWARGS | {"draws": 20}))
    with pytest.raises(SettingsError, match="draws=1"):
        sampler_noise_spread(dataset, sampler, **(KWARGS | {"draws": 1}))


class Drawing:
    """A model whose draws are the cycle of the series plus noise."""

    def __init__(self, make_dataset, cycles, noise):
        self.make_dataset, self.cycles, self.noise = make_dataset, cycles, noise

    def sample_after(self, like, rows, starts, lengths, *, seed=None):
        phase = ((starts - like.starts[rows])[:, None] + np.arange(lengths[0])) % 24
        base = self.cycles[rows[:, None], phase]
        return self.make_dataset(
            base + self.noise * np.random.default_rng(seed).normal(size=base.shape)
        )


@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_draws_of_a_model_are_compared_over_the_longest_cycle_there_is_room_for(
    days, make_dataset, noise
):
    dataset, cycles = days
    model = Drawing(make_dataset, cycles, noise)
    found = model_noise_spread(dataset, model, target_length=24, seed=0)
    # 20 days: no two weeks of which a phase has four windows, but sixteen days
    assert found.facts["settings"]["period"] == 24
    assert found.value("noise_spread") == pytest.approx(noise, abs=0.08)
    short = make_dataset(np.random.default_rng(0).normal(size=(3, 60)))
    assert model_noise_spread(short, model, target_length=24, seed=0) is None


@pytest.mark.parametrize(("deviation", "expected"), [(1e-6, 0.0), (np.inf, 0.97), (48.0, 0.9)])
def test_the_ceiling_is_what_real_windows_near_in_time_would_score(days, deviation, expected):
    dataset, cycles = days
    asked = {**KWARGS, "age_deviation": deviation}
    row = sampler_noise_spread(dataset, sampler_of(cycles, 1.0, []), **asked).table.iloc[0]
    assert row["ceiling"] == pytest.approx(expected, abs=0.06)
    plain = sampler_noise_spread(dataset, sampler_of(cycles, 1.0, []), **KWARGS)
    assert row["value"] == plain.table["value"].iloc[0]
    assert "ceiling" not in plain.table


def test_a_sharp_age_has_no_ceiling(days):
    dataset, cycles = days
    sampler = sampler_of(cycles, 1.0, [])
    assert "ceiling" not in sampler_noise_spread(dataset, sampler, **KWARGS, age_deviation=0).table
    with pytest.raises(SettingsError, match="follows=True needs age_deviation above 0"):
        sampler_noise_spread(dataset, sampler, **KWARGS, follows=True)


class Following(Drawing):
    """A model whose draws are the cycle and a feature: what its series has on that day, exactly."""

    age_deviation, features = np.inf, "a table"

    def sample_after(self, like, rows, starts, lengths, *, seed=None):
        at = like.offsets[rows] + starts - like.starts[rows]
        return self.make_dataset(like.values[at[:, None] + np.arange(lengths[0])])


def test_a_model_that_follows_features_is_asked_for_those_of_real_days(days, make_dataset):
    # All that differs from day to day is the feature: draws with the feature of one day alone
    # would not vary at all beside a ceiling of all days.
    dataset, cycles = days
    model = Following(make_dataset, cycles, 0.0)
    found = model_noise_spread(dataset, model, target_length=24, seed=0)
    assert found.value("noise_spread") == found.table["ceiling"].item() > 0.9
    assert "with the features of real ones" in found.answer
    model.features = None
    plain = model_noise_spread(dataset, model, target_length=24, seed=0)
    assert plain.value("noise_spread") < 0.01
    assert plain.table["ceiling"].item() == found.table["ceiling"].item()
