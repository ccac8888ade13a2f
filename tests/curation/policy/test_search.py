import pytest

from tsgen.curation import PolicySearch, SynthesizerTraining, Transform, operation
from tsgen.data.series import simulate_series
from tsgen.errors import DataError, SettingsError

REAL = simulate_series(num_series=12, length=120, seed=1)
NOISE = Transform("noise", function=lambda sources, draw: draw.normal(size=sources.values.shape))


@pytest.fixture(scope="module")
def learnt():
    operations = {"noise": NOISE, "jitter": "jitter", "mixing": "mixing"}
    return PolicySearch(12, layers=2, seed=3).fit(REAL, operations)


def test_rows_are_layers_of_operations_and_magnitudes(learnt):
    table = learnt.table()
    assert table.groupby("layer")["probability"].sum().tolist() == pytest.approx([1.0, 1.0])
    for _, part in table.groupby("layer"):
        assert part["operation"].tolist() == ["identity", "noise", *["jitter"] * 4, "mixing"]
    assert table["score"].between(-1, 1).all()


def test_series_that_are_noise_are_left_out(learnt):
    table = learnt.table().groupby("operation")
    assert table["probability"].max()["noise"] < 0.05
    assert table["score"].max()["noise"] < table["score"].min()["jitter"]


def test_the_same_seed_gives_the_same_policy():
    search = PolicySearch(12, layers=1, seed=5)
    first, again = (search.fit(REAL, ["jitter", "scaling"]).table() for _ in range(2))
    assert first.equals(again)


def test_the_later_slice_is_not_changed_or_learnt_from():
    search = PolicySearch(12, layers=1, validate_last=24)
    assert (search.past(REAL).lengths == REAL.lengths - 24).all()
    seen = []

    def spy(sources, draw):
        seen.append(sources.lengths.max())
        return sources.values

    search.fit(REAL, {"spy": Transform("spy", function=spy)})
    assert seen == [96]


def test_bad_input_gets_one_sentence():
    with pytest.raises(DataError, match=r"needs 36 to be learnt|no window of 24 steps"):
        PolicySearch(12).fit(simulate_series(num_series=3, length=30, seed=1))
    with pytest.raises(SettingsError, match="yet to be trained"):
        PolicySearch(12).fit(REAL, [SynthesizerTraining(object(), "psa-gan")])
    with pytest.raises(SettingsError, match="calendar of its own"):
        PolicySearch(12).fit(REAL, [operation(lambda table: table)])
    with pytest.raises(SettingsError, match="layers=0"):
        PolicySearch(12, layers=0).fit(REAL)
