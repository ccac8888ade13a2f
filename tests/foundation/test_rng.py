"""Seeds and streams: repeatable, independent by name and by key, moved by nothing beside them."""

import random
from contextlib import suppress

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from tsgen.errors import SettingsError
from tsgen.rng import (
    KeyedStreams,
    entry_key,
    entry_keys,
    global_seed,
    keyed_stream,
    mixed,
    numpy_stream,
    occurrences,
    philox,
    resolve_seed,
    seed_argument,
    torch_stream,
)


def test_a_seed_is_kept_and_a_missing_one_is_drawn():
    assert resolve_seed(7) == 7
    assert resolve_seed(np.int64(7)) == 7
    assert resolve_seed(None) != resolve_seed(None)


@pytest.mark.parametrize("seed", [-1, 1.5, "7", True])
def test_an_impossible_seed_is_refused(seed):
    with pytest.raises(SettingsError, match="use a whole number from 0"):
        resolve_seed(seed)


def test_a_seed_that_no_table_can_keep_is_refused():
    assert resolve_seed(2**63 - 1) == 2**63 - 1
    with pytest.raises(SettingsError, match="whole numbers go to 9,223,372,036,854,775,807"):
        resolve_seed(2**63)


def test_streams_repeat_and_do_not_depend_on_one_another():
    first = numpy_stream(1, "a").random(4)
    assert np.array_equal(first, numpy_stream(1, "a").random(4))
    others = [numpy_stream(*key).random(4) for key in ((1, "b"), (2, "a"), (1, "a", 0), (1, 0))]
    assert all(not np.array_equal(first, other) for other in others)
    drawn = torch.randn(4, generator=torch_stream(1, "a"))
    assert torch.equal(drawn, torch.randn(4, generator=torch_stream(1, "a")))
    assert not torch.equal(drawn, torch.randn(4, generator=torch_stream(1, "b")))


def test_numbers_and_texts_name_streams_in_any_order_of_making():
    later = [torch_stream(1, "x", k).initial_seed() for k in (2, 1, 0)]
    assert later[::-1] == [torch_stream(1, "x", k).initial_seed() for k in range(3)]
    assert len(set(later)) == 3
    assert all(0 <= seed < 2**63 for seed in later)


def test_a_seed_goes_to_functions_that_take_one():
    assert seed_argument(lambda seed: seed, 3) == {"seed": 3}
    assert seed_argument(lambda rate, **rest: rate, 3) == {}


def test_global_generators_are_seeded_inside_and_put_back_after_an_error():
    def drawn():
        return random.random(), np.random.random(), torch.rand(1).item()  # noqa: NPY002

    state = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # noqa: NPY002
    with suppress(RuntimeError), global_seed(2**32 + 5):  # NumPy's seeds end at 2**32
        first = drawn()
        raise RuntimeError
    assert state[0] == random.getstate()
    assert state[1] == np.random.get_state()[1].tolist()  # noqa: NPY002
    assert torch.equal(state[2], torch.get_rng_state())
    with global_seed(2**32 + 5):
        assert drawn() == first
    with global_seed(6):
        assert all(one != other for one, other in zip(drawn(), first, strict=True))


ENTRIES = [(f"item-{k}", 3 * k, 48) for k in range(40)]


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # known answers of Random123, the authors' library
        ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_numbers(counter, key, expected):
    words = philox(
        tuple(np.array([c], np.uint64) for c in counter),
        tuple(np.array([k], np.uint64) for k in key),
    )
    assert tuple(int(word[0]) for word in words) == expected


def test_a_stream_does_not_depend_on_order_chunks_or_company():
    streams = KeyedStreams.of(1, "sample", ENTRIES)
    whole = streams.at(24, 3).normal(5, 7)
    alone = [KeyedStreams.of(1, "sample", [e]).at(24, 3).normal(5, 7)[0] for e in ENTRIES]
    np.testing.assert_array_equal(whole, alone)
    backwards = KeyedStreams.of(1, "sample", ENTRIES[::-1]).at(24, 3).normal(5, 7)
    np.testing.assert_array_equal(backwards[::-1], whole)
    chosen = np.array([7, 7, 0])
    np.testing.assert_array_equal(streams.rows(chosen).at(24, 3).normal(5, 7), whole[chosen])


def test_more_draws_begin_with_the_fewer():
    streams = KeyedStreams.of(1, "sample", ENTRIES[:2])
    three, two = (streams.repeated(n).at(0).normal(9).reshape(2, n, 9) for n in (3, 2))
    np.testing.assert_array_equal(three[:, :2], two)


def test_everything_that_tells_a_draw_changes_its_numbers():
    def numbers(seed=1, name="sample", entry=("a", 0, 48), draw=0, step=0, candidate=0):
        streams = KeyedStreams.of(seed, name, [entry], np.array([draw]))
        return streams.at(step, candidate).normal(8).tobytes()

    changes = [
        {}, {"seed": 2}, {"name": "gaps"}, {"entry": ("b", 0, 48)}, {"entry": ("a", -1, 48)},
        {"entry": ("a", 0, 49)}, {"draw": 1}, {"step": 1}, {"candidate": 1},
    ]  # fmt: skip
    assert len({numbers(**change) for change in changes}) == len(changes)
    assert numbers(entry=(100, 0, 48)) == numbers(entry=("100", 0, 48))


def test_numbers_are_standard_normal_and_uncorrelated():
    streams = KeyedStreams.of(1, "sample", [(k, 0, 48) for k in range(1000)])
    numbers = streams.at(0)
    first, then = numbers.normal(50), numbers.normal(3, 17)
    assert first.dtype == np.float32
    assert kstest(first.ravel(), "norm").pvalue > 0.01
    assert kstest(then.ravel(), "norm").pvalue > 0.01
    both = np.concatenate([first, then.reshape(1000, -1)], axis=1)
    for lines in (both, both.T):  # between the numbers of streams, and between streams
        correlation = np.corrcoef(lines)[np.triu_indices(len(lines), 1)]
        assert abs(correlation.mean()) < 4 / np.sqrt(correlation.size * lines.shape[1])
        assert correlation.std() * np.sqrt(lines.shape[1]) == pytest.approx(1, abs=0.05)


def test_uniform_numbers_and_whole_ones():
    streams = KeyedStreams.of(1, "start", [(k, 0, 48) for k in range(2000)])
    assert kstest(streams.uniform(), "uniform").pvalue > 0.01
    whole = streams.integers(np.full(2000, 5))
    assert np.bincount(whole, minlength=5).min() > 300
    assert streams.integers(np.ones(2000, np.int64)).max() == 0


def test_keys_of_entries():
    target = np.arange(24.0)
    start = np.datetime64("2024-01-01T00")

    class Start:
        ordinal = start.astype(int).item()

    named = {"item_id": 7, "start": Start, "target": target}
    assert entry_key(named) == entry_keys([7], np.array([Start.ordinal]), np.array([24]))[0]
    bare = {"start": Start, "target": target}
    assert entry_key(bare) == entry_key(bare | {"item_id": None})
    assert entry_key(bare) != entry_key(bare | {"target": target[::-1]})


def test_a_generator_of_one_entry_and_counts_of_what_came_before():
    one, again, other = (
        keyed_stream(1, "rates", (name, 0, 1)).gamma(2.0, size=4) for name in ("a", "a", "b")
    )
    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)
    assert occurrences(["a", "b", "a", "a"]).tolist() == [0, 0, 1, 2]


def test_mixed_bits_belong_to_the_value_whatever_stands_beside_it():
    values = np.arange(100_000)
    bits = mixed(values, 7)
    assert (mixed(values[500:600], 7) == bits[500:600]).all()
    assert len(set(bits.tolist())) == len(values)
    assert not (mixed(values, 8) == bits).any()
    ones = np.unpackbits(bits.view(np.uint8)).mean()
    assert abs(ones - 0.5) < 0.001
    both = mixed(np.array([1, 2]), np.array([2, 1]))  # the order counts
    assert both[0] != both[1]
