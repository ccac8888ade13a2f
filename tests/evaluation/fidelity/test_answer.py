"""The sentence of a table of fidelity, and gaps in spreads on the bad side alone."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.evaluation import NEAREST, floor_gaps
from tsgen.evaluation.fidelity.answer import fidelity_answer


def row(metric="context_fid", **changes):
    base = {
        "metric": metric,
        "value": 0.1 + 0.2,
        "spread": 0.01,
        "floor": 0.1,
        "floor_spread": 0.01,
        "better": "lower",
        "protocol": "held-out",
        "n": 500,
        "seed": 3,
    }
    return base | changes


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_gaps_count_spreads_on_the_bad_side_only(value, floor):
    def gap(better):
        both = pd.DataFrame(
            [row(value=value, floor=floor, better=better, spread=0.3, floor_spread=0.4)]
        )
        return floor_gaps(both)[0]

    assert gap("lower") == pytest.approx(max(value - floor, 0) / 0.5)
    assert gap("higher") == pytest.approx(max(floor - value, 0) / 0.5)
    assert gap("one") == pytest.approx(max(abs(value - 1) - abs(floor - 1), 0) / 0.5)


def test_the_answer_names_the_worst_measure_and_copies():
    bad, good = row("judge_trees", value=0.45), row("coverage", value=0.1, better="higher")
    near = row(NEAREST, value=0.4, floor=1.0, better="one")
    answer = fidelity_answer(pd.DataFrame([bad, good, near]))
    assert answer.startswith("1 of 3 measures are as good as for real windows (n = 500)")
    assert "nearest_real_distance_ratio 0.4, real 1" in answer
    assert "points to copies" in answer
    assert answer.endswith("No privacy guarantee follows from these measures.")
    answer = fidelity_answer(pd.DataFrame([bad, good]))
    assert "furthest off: judge_trees 0.45, real 0.1" in answer
    assert fidelity_answer(pd.DataFrame([good])).startswith("1 of 1")
