import doctest

import pytest

from tsgen.data import bundled, conversion, interactions, series, simulated, vocabulary


@pytest.mark.parametrize(
    "module", [bundled, conversion, interactions, series, simulated, vocabulary]
)
def test_the_examples_in_docstrings_run(module):
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
