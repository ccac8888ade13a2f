"""Networks as settings and data ask for them, and embeddings that grow."""

import pytest
import torch

from tsgen.psagan import PSAGANSettings
from tsgen.psagan.networks import (
    NetworkSizes,
    build_networks,
    extend_tables,
    generator_weights,
)
from tsgen.psagan.windows import ContextSizes

SMALL = {"target_length": 16, "channels": (5, 4), "embedding_size": 3, "latent_size": 7}
SIZES = NetworkSizes(2, 3, (4,), None, 1)


def weights(settings, sizes=SIZES, seed=1):
    names = "generator", "discriminator"
    networks = zip(names, build_networks(settings, sizes, seed), strict=True)
    return {f"{name}.{k}": v for name, net in networks for k, v in net.state_dict().items()}


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_the_seed_decides_the_first_weights_and_nothing_global_does(preset):
    fields = SMALL if preset == "default" else {"target_length": 16, "preset": "paper"}
    settings = PSAGANSettings(**fields)
    state = torch.random.get_rng_state()
    one = weights(settings)
    torch.manual_seed(99)
    again, other = weights(settings), weights(settings, seed=2)
    torch.random.set_rng_state(state)
    assert all(torch.equal(one[name], again[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)
    before = torch.random.get_rng_state()
    weights(settings)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_every_setting_and_size_reaches_the_layout():
    settings = PSAGANSettings(**SMALL, noise=False, attention_max_length=8,
                              minibatch_deviation=False, window_scale=False)  # fmt: skip
    sizes = NetworkSizes(2, 3, (4,), ContextSizes(6, 2, 5, 30, True), 1)
    generator, discriminator = build_networks(settings, sizes, 1)
    assert generator.layout == discriminator.layout
    layout = generator.layout
    assert layout.lengths == (8, 16)
    assert tuple(layout.channels) == (5, 4)
    assert (layout.num_features, layout.num_series, layout.cardinalities) == (2, 3, (4,))
    assert (layout.embedding_size, layout.latent_size) == (3, 7)
    assert not (layout.noise)
    assert not (layout.minibatch_deviation)
    assert not (layout.window_scale)
    assert layout.attention_max_length == 8
    assert layout.context == sizes.context
    several = NetworkSizes(2, 3, (), None, 4)
    assert build_networks(PSAGANSettings(**SMALL), several, 1)[0].layout.num_channels == 4


def test_the_generators_part_has_its_own_names():
    both = {"generator.a": torch.ones(1), "discriminator.a": torch.zeros(1)}
    assert generator_weights(both) == {"a": both["generator.a"]}


def test_new_rows_begin_as_the_unknown_one_in_both_networks():
    settings = PSAGANSettings(**SMALL)
    old = weights(settings)
    new = extend_tables(old, (2, 1))
    wider = weights(settings, NetworkSizes(2, 5, (5,), None, 1))
    assert {name: tensor.shape for name, tensor in new.items()} == {
        name: tensor.shape for name, tensor in wider.items()}  # fmt: skip
    for network in ("generator", "discriminator"):
        for k, count in enumerate((2, 1)):
            name = f"{network}.identity.tables.{k}.weight"
            assert torch.equal(new[name][: len(old[name])], old[name])
            assert torch.equal(new[name][len(old[name]) :], old[name][:1].expand(count, -1))
    assert all(new[name] is old[name] for name in old if "identity.tables" not in name)


def test_new_rows_of_the_paper_begin_as_the_mean_of_the_known():
    settings = PSAGANSettings(preset="paper", target_length=16)
    old = weights(settings)
    new = extend_tables(old, (2,))
    for network in ("generator", "discriminator"):
        name = f"{network}.embedding.table"
        mean = old[name].mean(dim=0, keepdim=True).expand(2, -1)
        torch.testing.assert_close(new[name][len(old[name]) :], mean)
