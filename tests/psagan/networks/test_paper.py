"""The paper's networks against its equations, written as plain loops in float64."""

import math

import pytest
import torch

from tsgen.psagan.networks.paper import (
    MainBlock,
    PaperDiscriminator,
    PaperGenerator,
    attention_bytes,
)
from tsgen.psagan.windows.conditions import Conditions
from tsgen.psagan.windows.resolution import level_lengths

LENGTHS = level_lengths(32)


@pytest.fixture(autouse=True)
def _own_randomness():
    with torch.random.fork_rng():
        torch.manual_seed(4)
        yield


def parts(batch=3):
    generator = PaperGenerator(LENGTHS, 5, 4).double().eval()
    discriminator = PaperDiscriminator(LENGTHS, 5, 4).double().eval()
    for block in (*generator.blocks, *discriminator.blocks):
        torch.nn.init.constant_(block.gamma, 0.7)
    features = torch.randn(batch, 5, 32, dtype=torch.float64)
    conditions = Conditions.at_levels(
        torch.tensor([1, 4, 2])[:batch], torch.zeros(batch, 0, dtype=torch.int64), features, LENGTHS
    )
    latent = generator.draw_latent(lambda *shape: torch.randn(batch, *shape))
    latent.noise = latent.noise.double()
    return generator, discriminator, conditions, latent


def convolve(layer, x):
    """Cross-correlation with zero padding, one output at a time; x is (channels, steps)."""
    weight, bias = layer.weight, layer.bias
    width = weight.shape[2]
    pad = width // 2
    out = torch.zeros(weight.shape[0], x.shape[1], dtype=x.dtype)
    for o in range(weight.shape[0]):
        for t in range(x.shape[1]):
            total = bias[o].clone()
            for k in range(width):
                if 0 <= t + k - pad < x.shape[1]:
                    total = total + weight[o, :, k] @ x[:, t + k - pad]
            out[o, t] = total
    return out


def leaky(x):
    return torch.where(x > 0, x, 0.01 * x)


def main_block(block, x):
    f = leaky(convolve(block.convolution, x))
    q, k, v = (convolve(layer, f)[0] for layer in (block.query, block.key, block.value))
    attended = torch.zeros_like(q)
    for i in range(len(q)):
        weights = [math.exp(q[i] * k[j]) for j in range(len(k))]
        attended[i] = sum(w * v[j] for j, w in enumerate(weights)) / sum(weights)
    return f + block.gamma * convolve(block.out, attended[None])


def average(x, factor):
    return x.unflatten(-1, (-1, factor)).mean(-1)


@torch.no_grad()
@pytest.mark.parametrize(("stage", "alpha"), [(0, 1.0), (1, 1.0), (2, 1.0), (2, 0.3), (1, 0.0)])
def test_generator_is_the_papers_equations(stage, alpha):
    generator, _, conditions, latent = parts(batch=2)
    ours = generator(latent, conditions, stage, alpha)
    for b in range(2):
        who = generator.embedding.table[conditions.series[b] - 1]
        x_full = torch.cat([who[:, None].expand(-1, 32), conditions.time[-1][b]])
        u = torch.cat([x_full, latent.noise[b]])
        h = main_block(generator.blocks[0], average(u, 4))
        p = h
        for k in range(1, stage + 1):
            p = h.repeat_interleave(2, dim=1)
            h = main_block(generator.blocks[k], torch.cat([average(x_full, 32 // LENGTHS[k]), p]))
        y = convolve(generator.out, h)[0]
        if stage and alpha < 1:
            faded = convolve(generator.out, convolve(generator.fades[stage - 1], p))[0]
            y = alpha * y + (1 - alpha) * faded
        torch.testing.assert_close(ours[b], y)


@torch.no_grad()
@pytest.mark.parametrize(("stage", "alpha"), [(0, 1.0), (1, 1.0), (2, 1.0), (2, 0.3), (1, 0.0)])
def test_discriminator_is_the_papers_equations(stage, alpha):
    _, discriminator, conditions, _ = parts(batch=2)
    windows = torch.randn(2, LENGTHS[stage], dtype=torch.float64)
    ours = discriminator(discriminator.view(windows), conditions, stage, alpha)
    for b in range(2):
        who = discriminator.embedding.table[conditions.series[b] - 1]
        x_full = torch.cat([who[:, None].expand(-1, 32), conditions.time[-1][b]])

        def enter(series, x_full=x_full):
            steps = len(series)
            x = torch.cat([average(x_full, 32 // steps), series[None]])
            return leaky(convolve(discriminator.entry, x))

        z = enter(windows[b])
        for k in range(stage, 0, -1):
            z = average(main_block(discriminator.blocks[k], z), 2)
            if k == stage and alpha < 1:
                z = alpha * z + (1 - alpha) * enter(average(windows[b], 2))
        z = leaky(convolve(discriminator.exit, main_block(discriminator.blocks[0], z)))
        score = discriminator.score.weight[0] @ z[0] + discriminator.score.bias[0]
        torch.testing.assert_close(ours[b], score)


def test_spectral_norm_holds_the_layers_the_code_holds():
    generator, discriminator, conditions, latent = parts()
    for _ in range(30):  # the power iteration goes on in training mode
        windows = generator.train()(latent, conditions, 2, 0.5)
        discriminator.train()(discriminator.view(windows), conditions, 2, 0.5)
    held = [*(b.convolution for b in generator.blocks), generator.out]
    held += [*(b.convolution for b in discriminator.blocks)]
    held += [discriminator.entry, discriminator.exit, discriminator.score]
    for layer in held:
        largest = torch.linalg.matrix_norm(layer.weight.detach().flatten(1), ord=2)
        assert largest == pytest.approx(1.0, abs=0.02)
    block = generator.blocks[0]
    assert not hasattr(block.query, "parametrizations")


def test_attention_starts_as_the_identity():
    block = MainBlock(3).double().eval()
    x = torch.randn(2, 3, 8, dtype=torch.float64)
    expected = torch.nn.functional.leaky_relu(block.convolution(x), 0.01)
    torch.testing.assert_close(block(x), expected)


def test_every_parameter_gets_a_gradient_while_fading_in():
    generator, discriminator, conditions, latent = parts()
    for stage in (1, 2):
        windows = generator(latent, conditions, stage, 0.5)
        scores = discriminator(discriminator.view(windows), conditions, stage, 0.5)
        scores.square().sum().backward()
    for network in (generator, discriminator):
        silent = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.any()]
        # A bias of all keys adds the same to all attention logits, which changes no softmax.
        assert all(name.endswith("key.bias") for name in silent)


def test_an_unknown_series_is_the_mean_of_the_known_ones():
    generator, *_ = parts()
    unknown = generator.embedding(torch.tensor([0]))
    torch.testing.assert_close(unknown[0], generator.embedding.table.mean(dim=0))


@pytest.mark.parametrize(
    ("length", "generator_size", "discriminator_size"), [(16, 11229, 10822), (256, 34285, 23894)]
)
def test_sizes_are_the_published_ones(length, generator_size, discriminator_size):
    """With 370 series and hourly data the authors' networks have this many parameters."""
    lengths = level_lengths(length)
    generator = PaperGenerator(lengths, 5, 370)
    discriminator = PaperDiscriminator(lengths, 5, 370)
    assert sum(p.numel() for p in generator.parameters()) == generator_size
    assert sum(p.numel() for p in discriminator.parameters()) == discriminator_size


def test_memory_of_attention_grows_with_the_square_of_the_length():
    small, large = (attention_bytes(level_lengths(n), 512) for n in (256, 1024))
    assert 14 < large / small < 17
