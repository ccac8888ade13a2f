import numpy as np
import torch

from tsgen.intensity.activity.learned_training import count_numbers


def test_numpy_and_torch_compute_the_same_network():
    random = np.random.default_rng(0)
    sizes = {"first": (4, 3), "second": (3, 3), "last": (3, 2), "direct": (4, 2), "centre": 4,
             "scale": 4, "first_bias": 3, "second_bias": 3, "bias": 2}  # fmt: skip
    weights = {name: random.normal(size=size) for name, size in sizes.items()}
    x = random.normal(size=(7, 4))
    tensors = {name: torch.from_numpy(w) for name, w in weights.items()}
    by_torch = count_numbers(torch.from_numpy(x), tensors, torch.nn.functional.silu)
    by_numpy = count_numbers(x, weights, lambda z: z / (1 + np.exp(-z)))
    np.testing.assert_allclose(by_torch.numpy(), by_numpy, rtol=1e-12)
