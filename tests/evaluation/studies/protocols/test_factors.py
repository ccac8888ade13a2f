"""The protocol "factors": one cell is a maker and a world at every split."""

from pathlib import Path

import numpy as np

from tsgen.evaluation.factors import cells
from tsgen.evaluation.studies.protocols.factors import factors
from tsgen.evaluation.studies.sources import StudySources


def test_a_cell_has_the_scores_of_each_split(monkeypatch):
    monkeypatch.setattr(cells, "forecast_errors", lambda training, test, seed: np.arange(9.0))
    study = {"num_training": 60, "num_asked": 30, "splits": ["random", "interpolation"]}
    arm = {"maker": "truth", "world": "shop"}
    cell = factors(study, arm, 1, StudySources(Path(), Path()))
    measures = cell["measures"]
    assert measures["random: R2"]["value"] > 0.99
    assert measures["interpolation: R2 of store_class"]["value"] > 0.99
    assert measures["interpolation: R2 of new values"]["value"] > 0.9
    assert "random: R2 of new values" not in measures
    assert measures["random: forecast"] == {"value": 0.0, "low": 0.0, "high": 0.0}
