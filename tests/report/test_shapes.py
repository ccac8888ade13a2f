"""A run is shown only if it has all that its page looks at; what is missing is named."""

import numpy as np
import pytest

from study_results import audience_result, fidelity_result, weather_result
from tsgen.errors import ModelFormatError
from tsgen.evaluation import StudyResult
from tsgen.report.shapes import check_shape, missing_parts


def changed(result, *, table=None, facts=None, arrays=None):
    return StudyResult(
        result.table if table is None else table,
        result.answer,
        result.facts if facts is None else facts,
        result.arrays if arrays is None else arrays,
    )


@pytest.mark.parametrize("make", [audience_result, fidelity_result, weather_result])
def test_a_whole_run_lacks_nothing(make):
    assert missing_parts(make()) == []


@pytest.mark.parametrize("name", ["arm", "low", "reference", "difference_high"])
def test_an_absent_column_is_named(name):
    result = audience_result()
    assert missing_parts(changed(result, table=result.table.drop(columns=name))) == [
        f"the column {name}"
    ]


def test_text_in_the_place_of_numbers_no_rows_and_absent_arrays_are_named():
    result = audience_result()
    text = result.table.assign(value="<b>")
    assert missing_parts(changed(result, table=text)) == ["numbers in the column value"]
    arrays = {name: a for name, a in result.arrays.items() if name != "depths"}
    assert missing_parts(changed(result, arrays=arrays)) == ["the array depths"]


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"test": {}}, {"the fact test.begins", "the fact test.ends", "the fact test.horizon",
                        "the fact test.candidate_users", "the fact test.candidate_items"}),
        ({"rules": [1]}, {"the fact rules"}),
        ({"settings": {"num_users": "many", "num_items": 1}}, {"the fact settings.num_users"}),
    ],
)  # fmt: skip
def test_a_fact_that_is_absent_or_of_another_kind_is_named_by_its_place(change, places):
    result = audience_result()
    assert set(missing_parts(changed(result, facts=result.facts | change))) == places


def test_more_facts_than_are_looked_at_do_no_harm():
    result = audience_result()
    assert missing_parts(changed(result, facts=result.facts | {"note": np.inf})) == []


def test_a_whole_run_is_shown_and_another_refused_with_its_name():
    result = fidelity_result()
    assert check_shape(result, "load", lambda shown: shown.answer) == result.answer
    bad = changed(result, table=result.table.drop(columns=["floor"]))
    with pytest.raises(
        ModelFormatError, match=r"^The run load cannot be shown: it lacks the column floor\. Copy"
    ):
        check_shape(bad, "load", lambda shown: shown.answer)
    with pytest.raises(ModelFormatError, match=r"^The run cannot be shown"):
        check_shape(bad, "", lambda shown: shown.answer)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyError, "'?odd'?"),
        (ValueError, "odd"),
        (IndexError, "its parts do not fit together"),  # what Python says is of no use
        (TypeError, "its parts do not fit together"),
        (AttributeError, "its parts do not fit together"),
    ],
)
def test_what_breaks_while_it_is_shown_is_a_fault_of_the_run(error, said):
    def show(result):
        raise error("odd")

    with pytest.raises(ModelFormatError, match=rf"of fidelity writes \({said}"):
        check_shape(fidelity_result(), "load", show)
