"""Measures as the field calls them."""

import pytest

from tsgen.evaluation.audience import measure_name


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("user_rec_precision", "audiences: precision@k, over all"),
        ("item_rec_ndcg", "recommendations: nDCG@k"),
        (
            "user_rec_user_perplexity",
            "audiences: effective number of users (exponential of the entropy)",
        ),
        ("auc", "AUC"),
        ("gain_at_10%", "gain at 10%"),
        ("expected_buyers", "expected buyers"),
    ],
)
def test_measures_are_named_as_in_the_field(metric, name):
    assert measure_name(metric) == name
