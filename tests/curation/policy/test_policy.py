import json
import os

import numpy as np
import pytest

from tsgen.curation import AugmentationPolicy, Operation, PolicyEntry, Transform, make_series
from tsgen.data.series import simulate_series
from tsgen.errors import ModelFormatError, SettingsError

REAL = simulate_series(num_series=8, length=48, seed=1)


def policy(*rows, **options):
    return AugmentationPolicy([PolicyEntry(*row) for row in rows], **options)


TWO = policy(
    (1, "identity", None, 0.25), (1, "scaling", 0.4, 0.75),
    (2, "identity", None, 0.5), (2, "jitter", 0.1, 0.5),
)  # fmt: skip


def test_a_policy_is_an_operation():
    assert isinstance(TWO, Operation)
    made = make_series(REAL, TWO, 2.0, seed=3)
    assert len(made) == 16
    assert made.synthetic.all()
    assert made.info[0]["model"] == "policy"
    again = make_series(REAL, TWO, 2.0, seed=3)
    assert np.array_equal(made.values, again.values)
    assert not np.array_equal(made.values, make_series(REAL, TWO, 2.0, seed=4).values)


def test_what_takes_the_identity_everywhere_is_unchanged():
    assert TWO.unchanged == pytest.approx(0.125)
    rows = np.repeat(np.arange(8), 100)
    made = TWO.after(REAL, rows, seed=5)
    same = [np.array_equal(made.series(k), REAL.series(row)) for k, row in enumerate(rows)]
    assert np.mean(same) == pytest.approx(0.125, abs=0.04)
    assert made.starts.tolist() == REAL.starts[rows].tolist()


def test_a_layer_of_one_operation_is_that_operation_and_layers_follow_each_other():
    double = Transform("double", function=lambda sources, draw: 2 * sources.values)
    add = Transform("add", function=lambda sources, draw: sources.values + 1)
    given = {"double": double, "add": add}
    rows = np.array([3, 3, 0])
    found = policy((1, "double", None, 1.0), (2, "add", None, 1.0), operations=given)
    made = found.after(REAL, rows, seed=1)
    for k, row in enumerate(rows):
        assert np.allclose(made.series(k), 2 * REAL.series(row) + 1)


def test_probabilities_are_in_proportion_and_the_uniform_policy_ignores_them():
    twice = AugmentationPolicy([
        PolicyEntry(e.layer, e.operation, e.magnitude, 2 * e.probability) for e in TWO.entries
    ])  # fmt: skip
    rows = np.arange(8)
    assert np.array_equal(twice.after(REAL, rows, seed=1).values,
                          TWO.after(REAL, rows, seed=1).values)  # fmt: skip
    assert [e.probability for e in TWO.uniform().entries] == [0.5] * 4
    assert TWO.table()["uniform"].tolist() == [0.5] * 4


def test_a_policy_is_saved_edited_and_loaded(tmp_path):
    TWO.save(tmp_path / "policy.json")
    loaded = AugmentationPolicy.load(tmp_path / "policy.json")
    assert loaded.table().equals(TWO.table())
    content = json.loads((tmp_path / "policy.json").read_text())
    content["entries"][1]["operation"] = "psa-gan"
    content["entries"][1]["magnitude"] = None
    (tmp_path / "edited.json").write_text(json.dumps(content))
    with pytest.raises(SettingsError, match="There is no operation 'psa-gan'"):
        AugmentationPolicy.load(tmp_path / "edited.json")
    given = {"psa-gan": Transform("mixing")}
    assert len(AugmentationPolicy.load(tmp_path / "edited.json", given)(REAL, 1.0, seed=1)) == 8
    table = TWO.table()
    table.loc[0, "probability"] = 0.0
    assert AugmentationPolicy.from_table(table).unchanged == 0.0


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(2, "jitter", 0.1, 1.0)], "has the layers"),
        ([(1, "jitter", 0.1, -1.0)], "probability=-1.0 is not possible"),
        ([(1, "jitter", 0.1, 0.0)], "Layer 1 of the policy has no probability above 0"),
        ([(1, "mixing", 0.1, 1.0)], "'mixing' has no magnitude"),
        ([], "has the layers"),
    ],
)
def test_impossible_policies_are_refused(rows, message):
    with pytest.raises(SettingsError, match=message):
        policy(*rows)


def test_a_file_that_is_no_policy_is_refused(tmp_path):
    (tmp_path / "other.json").write_text('{"kind": "prices", "format": 1}')
    with pytest.raises(ModelFormatError, match="holds no policy"):
        AugmentationPolicy.load(tmp_path / "other.json")


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "policy.json")
    with pytest.raises(ModelFormatError, match="is a pipe or a device"):
        AugmentationPolicy.load(tmp_path / "policy.json")
