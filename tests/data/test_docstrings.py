import doctest

import pytest

from tsgen.data import bundled, conversion, series, simulated


@pytest.mark.parametrize("module", [bundled, conversion, series, simulated])
def test_the_examples_in_docstrings_run(module):
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0
