"""The table of an answer: the best first, and why others could not be run."""

import pandas as pd

from tsgen.curation import Candidate, Gain
from tsgen.curation.choosing.table import candidate_table


def test_rows_are_in_per_cent_and_the_best_comes_first():
    worse, better = Candidate.of("jitter", 0.5), Candidate.of("mixing", 0.25)
    gains = {worse: Gain(0.02, 0.01, 0.03, 0.01, 6), better: Gain(-0.05, -0.08, -0.02, 0.015, 4)}
    judged = {worse: "reference", better: "yours"}
    table = candidate_table(gains, judged, {"broken": "it broke"})
    assert table["candidate"].tolist() == ["mixing 25 %", "jitter 50 %", "broken"]
    first = table.iloc[0]
    assert (first["change"], first["low"], first["high"]) == (-5, -8, -2)
    assert first["expected"] == 100 * gains[better].expected
    assert first["sureness"] == gains[better].sureness
    assert table["runs"].tolist() == [4, 6, 0]
    assert table["forecaster"].tolist()[:2] == ["yours", "reference"]
    assert table["failed"].tolist()[2] == "it broke"
    assert table["failed"].isna().tolist() == [True, True, False]
    assert isinstance(candidate_table({}, {}, {}), pd.DataFrame)
