"""A cell of who uses other series: numbers with intervals, zero where channels cannot mix."""

from tsgen.data import MultivariateDataset, simulate_series, write_series
from tsgen.evaluation.studies.protocols.responsible.interaction import (
    SynthesizerWindows,
    _drawn,
    interaction,
)
from tsgen.evaluation.studies.sources import StudySources


def test_a_cell_has_shares_with_intervals(tmp_path):
    write_series(simulate_series(num_series=2, length=300, freq="h", seed=1),
                 tmp_path / "load.parquet")  # fmt: skip
    study = {"data": "load", "prediction_length": 4, "context": 40, "targets": ["series-0"],
             "windows": 8, "steps": 250}  # fmt: skip
    arm = {"estimator": "reference_linear"}
    cell = interaction(study, arm, 1, StudySources(tmp_path, tmp_path))
    measures = cell["measures"]
    assert {"series-0: skill", "series-0: trained without the others"} <= set(measures)
    assert measures["series-0: skill"]["low"] <= measures["series-0: skill"]["value"]
    others = measures.get("series-0: share of other series")
    assert others is None or others["value"] == 0
    assert "series-0" in cell["answer"]


def test_a_synthesizer_draws_windows_of_the_same_series():
    panel = MultivariateDataset.of_panel(simulate_series(num_series=2, length=80, freq="h", seed=1))
    wanted = SynthesizerWindows(target_length=8, number=5, budget=3.0)
    drawn = _drawn(panel, wanted, seed=1)
    assert drawn.channels == panel.channels
    assert drawn.lengths.tolist() == [8] * 5
