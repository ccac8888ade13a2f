"""Windows of features, beside a slow loop; which are hidden."""

import numpy as np
import torch

from tsgen.psagan.windows import WindowCovariates, hidden


def test_windows_are_read_as_a_slow_loop_does():
    random = np.random.default_rng(0)
    channels, offsets = random.normal(size=(2, 9)).astype(np.float32), np.array([0, 4, 9])
    covariates = WindowCovariates.on(channels, offsets, "cpu")
    series, position = torch.tensor([0, 1, 1, 0]), torch.tensor([-2, 1, 3, 0])
    read = covariates.read(series, position, 4).numpy()
    for b, (row, first) in enumerate(zip([0, 1, 1, 0], [-2, 1, 3, 0], strict=True)):
        own = channels[:, offsets[row] : offsets[row + 1]]
        for t in range(4):
            step = first + t
            expected = own[:, min(step, own.shape[1] - 1)] if step >= 0 else np.zeros(2)
            assert np.array_equal(read[b, :, t], expected)


def test_each_feature_is_hidden_by_itself_with_all_its_channels():
    chance = torch.tensor([[0.01, 0.9], [0.9, 0.01], [0.9, 0.9]])
    seen = hidden(torch.ones(3, 5, 4), (2, 3), 0.05, chance)
    assert seen[:, :, 0].tolist() == [[0, 0, 1, 1, 1], [1, 1, 0, 0, 0], [1, 1, 1, 1, 1]]
