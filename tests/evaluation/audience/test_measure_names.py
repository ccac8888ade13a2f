"""Measures have the names that the field gives them."""

import pytest

from tsgen.evaluation import audience_measure_title


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("user_rec_precision", "audiences: precision@k, over all"),
        ("item_rec_map", "recommendations: MAP@k"),
        ("item_rec_other_thing", "recommendations: other thing"),
        ("auc", "AUC"),
        ("gain_at_10%", "gain at 10 %"),
    ],
)
def test_a_measure_is_called_as_the_field_calls_it(name, title):
    assert audience_measure_title(name) == title
