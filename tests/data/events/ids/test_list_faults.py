"""Whole lists of ids: what is wrong with one, and what becomes of it."""

import pytest

from tsgen.data.events import fault_of_list, refuse_list
from tsgen.errors import DataError, DataWarning


def test_a_fault_is_told_by_numbers_alone():
    told = {"share": 1.0, "example": 3}
    assert fault_of_list([1, 2], [2], **told) == ""
    assert fault_of_list([], [], **told) == ""
    assert "None of the 1 users to exclude is known" in fault_of_list([2], [2], **told)
    with pytest.raises(DataError, match=r"Odd; write the ids .* on_unknown='warn'"):
        refuse_list("Odd", "user", "error")
    with pytest.warns(DataWarning, match=r"Odd\."):
        refuse_list("Odd", "user", "warn")


def test_an_entry_that_holds_more_than_an_id_is_a_fault_though_others_are_right():
    fault = fault_of_list([1, 2, "3 gone"], ["3 gone"], share=1.0, example=3, holding=["3 gone"])
    assert fault.startswith("1 of the 3 users to exclude hold an id of the log and more")
    assert fault_of_list([1, 2, "9 gone"], ["9 gone"], share=1.0, example=3) == ""
