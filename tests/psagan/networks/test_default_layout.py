"""Sizes, randomness and embeddings that both default networks share."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from tsgen.psagan.networks.attention import ResidualAttention
from tsgen.psagan.networks.default_layout import IdentityEmbedding, Latent, Layout
from tsgen.psagan.windows import Conditions, ContextSizes

LAYOUT = Layout((8, 16, 32, 64), (6, 5, 4, 3), num_features=2, num_series=3, cardinalities=(2, 4))


@pytest.mark.parametrize(
    ("context", "generator", "discriminator"),
    [
        (None, 2, 2),
        (ContextSizes(6, 2, 5, 30, True), 7, 7),
        (ContextSizes(6, 2, 5, 30, False), 7, 2),
    ],
)
def test_who_sees_the_context(context, generator, discriminator):
    layout = replace(LAYOUT, context=context)
    assert (layout.generator_features, layout.discriminator_features) == (generator, discriminator)


def test_attention_and_convolutions_by_the_length_of_a_level():
    layout = replace(LAYOUT, attention_max_length=16)
    kinds = [type(layout.attention(level)) for level in range(4)]
    assert kinds == [ResidualAttention, ResidualAttention, nn.Identity, nn.Identity]
    assert layout.attention(1).query.in_channels == 5
    assert [layout.convolutions(level) for level in range(4)] == [2, 2, 2, 1]
    none = replace(LAYOUT, attention_max_length=0)
    assert isinstance(none.attention(0), nn.Identity)


def test_randomness_is_chosen_and_scaled_in_all_its_parts():
    latent = Latent(torch.randn(4, 3), [torch.randn(4, 2, 8), torch.randn(4, 1, 16)])
    some, far = latent[1:3], latent.scaled(3.0)
    assert torch.equal(some.vector, latent.vector[1:3])
    assert torch.equal(far.vector, 3 * latent.vector)
    for k in range(2):
        assert torch.equal(some.noise[k], latent.noise[k][1:3])
        assert torch.equal(far.noise[k], 3 * latent.noise[k])


def test_an_identity_is_the_sum_of_its_embeddings_one_row_for_the_unknown():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        embedding = IdentityEmbedding(LAYOUT)
    assert [table.num_embeddings for table in embedding.tables] == [4, 3, 5]
    series, first, second = (table.weight for table in embedding.tables)
    conditions = Conditions(torch.tensor([3, 0]), torch.tensor([[2, 0], [1, 4]]), [])
    expected = torch.stack([series[3] + first[2] + second[0], series[0] + first[1] + second[4]])
    torch.testing.assert_close(embedding(conditions), expected)
    assert series.detach().std() == pytest.approx(0.5, rel=0.3)


def test_described_statics_add_a_linear_part_that_is_nothing_for_an_unknown_kind():
    with torch.random.fork_rng():
        torch.manual_seed(0)
        embedding = IdentityEmbedding(replace(LAYOUT, static_width=6))
    (series,) = embedding.tables
    numbers = torch.stack([torch.randn(6), torch.zeros(6)])
    conditions = Conditions(torch.tensor([3, 0]), numbers, [])
    expected = series.weight[[3, 0]] + numbers @ embedding.kinds.weight.T
    torch.testing.assert_close(embedding(conditions), expected)
    torch.testing.assert_close(embedding(conditions)[1], series.weight[0])
