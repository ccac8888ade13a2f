"""What is known around a window, and the networks that look at it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tsgen.psagan import PSAGANContextSettings
from tsgen.psagan.learning.batches import batches_of, hidden_steps
from tsgen.psagan.learning.preparation import NewTraining
from tsgen.psagan.networks.building import NetworkSizes, build_networks
from tsgen.psagan.networks.paper import PaperGenerator
from tsgen.psagan.windows.conditions import Conditions
from tsgen.psagan.windows.context import WindowContext
from tsgen.psagan.windows.resolution import coarsen, resize

CONTEXT = WindowContext(before=10, after=7, lengths=(6, 12), seasons=(4, 9))
STEPS = 10 + 12 + 7


def frames_with_gaps(size=5, share=0.5, seed=0):
    random = torch.Generator().manual_seed(seed)
    values = torch.randn((size, STEPS), generator=random)
    return torch.where(torch.rand((size, STEPS), generator=random) < share, torch.nan, values)


def other_cycles(frame, step, season):
    """Slow loop: known values at the same place of earlier cycles and of later ones."""
    earlier = [frame[i] for i in range(step - season, -1, -season) if not np.isnan(frame[i])]
    later = [frame[i] for i in range(step + season, len(frame), season) if not np.isnan(frame[i])]
    return earlier, later


@pytest.mark.parametrize("share", [0.2, 0.6, 0.9])
def test_seasonal_fills_agree_with_a_slow_loop(share):
    frames = frames_with_gaps(share=share)
    context = CONTEXT.of(frames)
    scaled = ((frames - context.location) / context.scale).numpy()
    fills = context.levels[-1].numpy()
    for row, frame in enumerate(scaled):
        for step in range(12):
            line = fills[row, 0, step]
            for k, season in enumerate(CONTEXT.seasons):
                earlier, later = other_cycles(frame, 10 + step, season)
                mean = np.mean(earlier + later) if earlier + later else line
                last = [*earlier[:1], *later[:1], line][0]
                following = [*later[:1], *earlier[:1], line][0]
                expected = [last, following, mean]
                found = fills[row, 1 + 3 * k : 4 + 3 * k, step]
                np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)


def test_the_line_crosses_gaps_straight_and_keeps_what_is_known():
    frames = frames_with_gaps(share=0.7)
    context = CONTEXT.of(frames)
    scaled = ((frames - context.location) / context.scale).numpy()
    for row, frame in enumerate(scaled):
        known = np.flatnonzero(~np.isnan(frame))
        expected = np.interp(np.arange(10, 22), known, frame[known])
        np.testing.assert_allclose(context.levels[-1][row, 0], expected, rtol=1e-4, atol=1e-5)


def test_a_frame_says_nothing_of_how_far_it_lies_from_its_series():
    frames = frames_with_gaps()
    here, above = CONTEXT.of(frames), CONTEXT.of(frames + 3)
    torch.testing.assert_close(above.summary, here.summary, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(above.levels[-1], here.levels[-1], rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(above.location, here.location + 3)
    torch.testing.assert_close(above.scale, here.scale, rtol=1e-4, atol=1e-5)
    earlier = replace(CONTEXT, series_weight=0.05)
    assert (earlier.of(frames + 3).summary - earlier.of(frames).summary).abs().max() > 0.1


def test_the_units_of_earlier_models_are_drawn_to_their_series():
    frames = frames_with_gaps()
    made = replace(CONTEXT, series_weight=0.05).of(frames)
    for row, frame in enumerate(frames.numpy()):
        known, prior = frame[~np.isnan(frame)], 0.05 * STEPS
        location = known.sum() / (len(known) + prior)
        scale = np.sqrt((np.square(known - location).sum() + prior) / (len(known) + prior))
        np.testing.assert_allclose(made.location[row], location, rtol=1e-4)
        np.testing.assert_allclose(made.scale[row], scale, rtol=1e-4)


def test_nothing_known_is_the_series_itself_at_zero():
    context = CONTEXT.of(torch.full((2, STEPS), torch.nan))
    assert context.location.tolist() == [[0.0], [0.0]]
    assert context.scale.tolist() == [[1.0], [1.0]]
    assert not context.summary.any()
    assert not context.levels[-1].any()


@pytest.mark.parametrize("level", [0, 1])
def test_known_steps_come_back_as_they_are(level):
    frames = frames_with_gaps(share=0.5)
    context = CONTEXT.of(frames)
    windows = ((frames - context.location) / context.scale)[:, 10:22]
    complete = coarsen(torch.where(windows.isnan(), 1e9, windows), CONTEXT.lengths, level)
    drawn = context.complete(torch.full_like(complete, -5.0), level)
    known = coarsen(torch.where(windows.isnan(), 0.0, 1.0), CONTEXT.lengths, level) == 1
    assert 0 < known.float().mean() < 1
    torch.testing.assert_close(drawn[known], complete[known])
    assert (drawn[~known] == -5).all()


@given(st.integers(1, 40), st.integers(8, 30), st.integers(0, 40), st.floats(0, 1))
@settings(max_examples=25)
def test_hidden_steps_always_leave_something_to_draw(before, length, after, gap_share):
    random = torch.Generator().manual_seed(before)
    hidden = hidden_steps(16, (before, length, after), gap_share, random)
    assert hidden.shape == (16, before + length + after)
    assert hidden[:, before : before + length].any(dim=1).all()


def test_without_gaps_the_whole_future_is_hidden():
    hidden = hidden_steps(64, (20, 8, 5), 0.0, torch.Generator().manual_seed(1))
    assert hidden[:, 20:].all()
    clear = ~hidden[:, :20].any(dim=1)
    assert 0.5 < clear.float().mean() < 0.85  # a third has a second stretch, often in the past


def training_data(panel, **fields):
    fields = {"target_length": 16, "context_length": 20, **fields}
    estimator = PSAGANContextSettings(**fields)
    new = NewTraining.on(panel, estimator)
    ready = estimator.resolved(new.conditions.calendar)
    object.__setattr__(new.data, "context", ready.window_context())
    return new.data, ready


def test_the_hidden_part_of_a_training_window_does_not_reach_the_networks(panel):
    """Change every value that is hidden: the conditions stay, bit for bit."""
    data, ready = training_data(panel, gap_share=0.0)
    seen = []
    for factor in (1.0, -3.0):
        batches = batches_of(data, ready, "cpu")
        places = (torch.tensor([0, 1]), torch.tensor([40, 100]))
        changed = batches.sampler.values.clone()
        for series, position in zip(*places, strict=True):
            first = batches.sampler.offsets[series] + position
            changed[first : first + 16] *= factor
        object.__setattr__(batches.sampler, "values", changed)
        windows, conditions = batches.read(places, torch.Generator().manual_seed(3), slice(None))
        seen.append((windows, conditions.context))
    (one, before), (other, after) = seen
    assert not torch.equal(one, other)
    assert torch.equal(before.summary, after.summary)
    assert torch.equal(before.levels[-1], after.levels[-1])
    assert torch.equal(before.scale, after.scale)


def test_frames_reach_over_the_ends_of_a_series_as_missing(panel):
    data, ready = training_data(panel)
    batches = batches_of(data, ready, "cpu")
    frame = batches.sampler.read_around(torch.tensor([1]), torch.tensor([3]), 20, 5)[0]
    assert frame[:17].isnan().all()
    assert torch.equal(frame[17:], batches.sampler.values[240 : 240 + 24])


def networks(preset="default", **fields):
    chosen = PSAGANContextSettings(preset=preset, target_length=16, context_length=10, **fields)
    ready = chosen.model_copy(update={"seasons": (4,) if preset == "default" else ()})
    context = ready.window_context()
    sizes = NetworkSizes(2, 3, (), context.sizes(judged=ready.discriminator_context))
    return context, *build_networks(ready, sizes, seed=1)


def conditions_of(context, size=4, seed=0):
    random = torch.Generator().manual_seed(seed)
    frames = torch.randn((size, context.before + 16 + context.after), generator=random)
    frames[:, context.before + 4 :] = torch.nan
    time = torch.randn((size, 2, 16), generator=random)
    series = torch.tensor([1, 2, 3, 0])
    conditions = Conditions.at_levels(series, torch.zeros((4, 0)).long(), time, context.lengths)
    conditions.context = context.of(frames)
    return conditions


def test_a_new_stage_changes_nothing_when_it_begins_to_fade_in():
    context, generator, _ = networks()
    conditions = conditions_of(context)
    random = torch.Generator().manual_seed(2)
    latent = generator.draw_latent(lambda *shape: torch.randn(4, *shape, generator=random))
    before = generator(latent, conditions, 0, 1.0)
    begun = generator(latent, conditions, 1, 0.0)
    torch.testing.assert_close(begun, resize(before[:, None], 16)[:, 0])


@pytest.mark.parametrize(("judged", "differs"), [(True, True), (False, False)])
def test_the_discriminator_sees_the_context_only_if_asked_to(judged, differs):
    context, _, discriminator = networks(discriminator_context=judged)
    seen = discriminator.view(torch.randn((4, 16), generator=torch.Generator().manual_seed(1)))
    scores = []
    for seed in (0, 1):
        conditions = conditions_of(context)
        conditions.context = conditions_of(context, seed=seed).context
        scores.append(discriminator(seen, conditions, 1, 1.0))
    assert torch.equal(*scores) != differs


@pytest.mark.parametrize(("length", "expected"), [(16, 19_517), (64, 47_621), (256, 75_725)])
def test_the_published_generator_with_context_has_its_published_size(length, expected):
    lengths = tuple(8 * 2**k for k in range(length.bit_length() - 3))[: length.bit_length() - 3]
    lengths = tuple(n for n in lengths if n <= length)
    generator = PaperGenerator(lengths, num_features=5, num_series=370, past=64)
    assert sum(p.numel() for p in generator.parameters()) == expected


def test_the_published_context_enters_after_each_upsampling():
    """p_k + MLP([c; p_k]), written out with matrices."""
    context, generator, _ = networks("paper")
    conditions = conditions_of(context)
    entry = generator.pasts[0]
    p = torch.randn((4, 32, 16), generator=torch.Generator().manual_seed(5))
    first, _, second = entry.mlp
    past = conditions.context.past
    for step in (0, 7):
        joined = torch.cat([past, p[:, :, step]], dim=1)
        hidden = joined @ first.weight[:, :, 0].T + first.bias
        hidden = torch.where(hidden > 0, hidden, 0.01 * hidden)
        expected = p[:, :, step] + hidden @ second.weight[:, :, 0].T + second.bias
        torch.testing.assert_close(entry(p, conditions)[:, :, step], expected)


def test_the_paper_has_no_frame_scale():
    context, *_ = networks("paper")
    made = conditions_of(context).context
    assert made.location.eq(0).all()
    assert made.scale.eq(1).all()
