"""Other people's forecasters: seeded by name, quiet, and everything put back afterwards."""

import logging
import random
import warnings

import numpy as np
import pytest
import torch

from tsgen.curation import seeded
from tsgen.curation.seeded import quiet


def draws():
    """Return one number of each global generator."""
    numpy = np.random.random()  # noqa: NPY002
    return random.random(), numpy, float(torch.rand(()))


def test_the_global_generators_follow_the_seed_and_the_names():
    made = []
    for seed, names in [(1, ("a",)), (1, ("a",)), (2, ("a",)), (1, ("b",))]:
        with seeded(seed, *names):
            made.append(draws())
    assert made[0] == made[1]
    for k in range(3):
        assert len({numbers[k] for numbers in made}) == 3


def test_what_follows_does_not_notice():
    np.random.seed(5)  # noqa: NPY002
    expected = np.random.random(2)[1]  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    np.random.random()  # noqa: NPY002
    threads = torch.get_num_threads()
    with seeded(1, "a"):
        draws()
        assert torch.get_num_threads() == 1
    assert np.random.random() == expected  # noqa: NPY002
    assert torch.get_num_threads() == threads


def test_chatter_is_kept_back_and_levels_are_put_back_even_after_an_error():
    loggers = [logging.getLogger(name) for name in ("lightning", "lightning.pytorch", "gluonts")]
    before = [logger.level for logger in loggers]

    def chatter():
        with quiet():
            warnings.warn("advice", UserWarning, stacklevel=1)
            assert [logger.level for logger in loggers] == [logging.ERROR] * 3
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        chatter()
    assert [logger.level for logger in loggers] == before
    with pytest.warns(UserWarning, match="said"):
        warnings.warn("said", UserWarning, stacklevel=1)
