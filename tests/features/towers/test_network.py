import numpy as np
import scipy.sparse as sp
import torch

from tsgen.features.towers.network import Towers
from tsgen.rng import torch_stream


def test_logarithms_are_those_of_the_formula():
    draw = np.random.default_rng(0)
    towers = Towers(
        draw.normal(size=(7, 2)),
        draw.normal(size=(4, 2)),
        draw.normal(size=4),
        torch_stream(0, "t"),
    )
    for part in (towers.outer, towers.constant, towers.inputs):
        part.data += torch.from_numpy(draw.normal(size=part.shape)).float()
    inputs = sp.csr_array(draw.random((3, 7)) * (draw.random((3, 7)) < 0.4))
    with torch.no_grad():
        logs = towers(inputs, torch.tensor([3, 1])).numpy()
    a = towers.arrays()
    for row, dense in enumerate(inputs.toarray()):
        sums = a["inputs"].T @ dense
        raw = a["inner"] @ sums + a["inner_bias"]
        user = sums + a["outer"] @ (raw / (1 + np.exp(-raw)))
        for place, item in enumerate((3, 1)):
            wanted = user[:-1] @ a["item_factors"][item] + user[-1] + a["item_bias"][item]
            assert logs[row, place] == np.float32(wanted) or abs(logs[row, place] - wanted) < 1e-4
