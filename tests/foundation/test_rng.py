"""Seeds: recorded when drawn, independent by name, the same on each call."""

import numpy as np
import pytest
import torch

from tsgen.errors import SettingsError, nearest
from tsgen.rng import numpy_stream, resolve_seed, torch_stream


def test_a_seed_is_kept_and_a_missing_one_is_drawn():
    assert resolve_seed(7) == 7
    assert resolve_seed(np.int64(7)) == 7
    assert resolve_seed(None) != resolve_seed(None)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True])
def test_an_impossible_seed_is_refused(seed):
    with pytest.raises(SettingsError, match="use a whole number from 0"):
        resolve_seed(seed)


def test_streams_repeat_and_do_not_depend_on_one_another():
    first = numpy_stream(1, "a").random(4)
    assert np.array_equal(first, numpy_stream(1, "a").random(4))
    others = [numpy_stream(*key).random(4) for key in ((1, "b"), (2, "a"), (1, "a", 0), (1, 0))]
    assert all(not np.array_equal(first, other) for other in others)
    drawn = torch.randn(4, generator=torch_stream(1, "a"))
    assert torch.equal(drawn, torch.randn(4, generator=torch_stream(1, "a")))
    assert not torch.equal(drawn, torch.randn(4, generator=torch_stream(1, "b")))


def test_the_nearest_name_is_suggested_only_if_it_is_near():
    assert nearest("targt", ["target", "item_id"]) == " Did you mean 'target'?"
    assert nearest("Series-1", ["series-1", 3]) == " Did you mean 'series-1'?"
    assert nearest("x", ["target"]) == ""
    assert nearest("x", []) == ""
