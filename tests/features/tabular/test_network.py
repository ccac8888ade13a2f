"""The transformer over columns."""

import torch

from tsgen.features.tabular.network import ColumnTransformer
from tsgen.training import build_seeded


def network(sizes=(4, 5, 3)):
    return build_seeded(lambda: ColumnTransformer(list(sizes), 16, 1, 2), 0).eval()


def test_an_embedding_depends_on_the_other_columns():
    codes = torch.tensor([[2, 3, 2], [2, 4, 2]])
    out = network()(codes)
    assert out.shape == (2, 3, 16)
    assert not torch.allclose(out[0, 0], out[1, 0])


def test_the_same_code_of_two_columns_is_another_value():
    module = network((4, 4))
    a, b = module(torch.tensor([[2, 3]]))[0]
    c, d = module(torch.tensor([[3, 2]]))[0]
    assert not torch.allclose(a, d)
    assert not torch.allclose(b, c)


def test_the_columns_own_numbers_are_shared_by_its_values():
    module = network()
    inputs = []
    module.layers.register_forward_pre_hook(lambda _, given: inputs.append(given[0]))
    module(torch.tensor([[2, 2, 1], [3, 4, 2]]))
    torch.testing.assert_close(inputs[0][0, :, :2], inputs[0][1, :, :2])
    assert not torch.allclose(inputs[0][0, :, 2:], inputs[0][1, :, 2:])


def test_rows_are_independent():
    codes = torch.tensor([[2, 3, 2], [1, 0, 2], [3, 4, 1]])
    module = network()
    torch.testing.assert_close(module(codes)[1:2], module(codes[1:2]))
