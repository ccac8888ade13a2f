from dataclasses import dataclass, field

import numpy as np

from tsgen.intensity.parts import ArrayFields, arrays_of


@dataclass(frozen=True)
class Fitted(ArrayFields):
    weights: np.ndarray
    level: float
    key: int
    later: float = field(default=2.5)


def test_arrays_are_the_fields_and_numbers_come_back_as_numbers(tmp_path):
    fitted = Fitted(np.arange(3.0), 0.5, 7)
    arrays = fitted.arrays()
    assert arrays["level"] == 0.5
    written = {name: np.atleast_1d(value) for name, value in arrays.items()}
    again = Fitted.from_arrays(written)
    assert (again.level, again.key, again.later) == (0.5, 7, 2.5)
    assert isinstance(again.level, float)
    assert isinstance(again.key, int)
    np.testing.assert_array_equal(again.weights, fitted.weights)
    fitted.write(tmp_path)
    assert not any(tmp_path.iterdir())
    assert not fitted.has_folder


def test_what_an_older_folder_lacks_has_its_default():
    older = {"weights": np.ones(2), "level": np.ones(1), "key": np.ones(1, np.int64)}
    assert Fitted.from_arrays(older).later == 2.5


def test_the_arrays_of_a_part_are_those_under_its_whole_name():
    arrays = {"near.data": np.zeros(1), "near.by.data": np.ones(1), "nearest.data": np.ones(2)}
    assert list(arrays_of("near", arrays)) == ["data", "by.data"]
    assert list(arrays_of("near.by", arrays)) == ["data"]
    assert arrays_of("far", arrays) == {}
