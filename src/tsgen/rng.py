"""Randomness as an argument: one seed, independent named streams, no global generator touched.

Every draw of a model (a sample, a path of a forecast, the fill of a gap) follows one rule: its
stream is the seed, what is drawn, and the key of its entry: item_id, start, length, and the number
of the draw. So order, chunks, batches and workers change nothing, draws of different items are
independent, and the first draws of a longer request are those of a shorter one. See `KeyedStreams`.
"""

from __future__ import annotations

import hashlib
import inspect
import random
import secrets
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tsgen.arrays import AnyArray, AnyIntegers, Array, Integers, Keys, Singles
from tsgen.errors import SettingsError

if TYPE_CHECKING:
    import torch

__all__ = [
    "Key",
    "KeyedStreams",
    "Numbers",
    "entry_key",
    "entry_keys",
    "global_seed",
    "keyed_stream",
    "mixed",
    "numpy_stream",
    "occurrences",
    "philox",
    "resolve_seed",
    "seed_argument",
    "torch_stream",
]

Key = tuple[Any, int, int]
"""What tells an entry from others: item_id, Period ordinal of its start, length. Ids count as text,
for 100 comes back as "100" from many a file."""

_MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)
_LOW, _HALF = np.uint64(0xFFFFFFFF), np.uint64(32)
_GREATEST_SEED = 2**63 - 1
"""Of those that a table can keep."""
_AT_A_TIME = 8192
"""Counters that are worked on together, so that they stay in the cache."""


def resolve_seed(seed: int | None) -> int:
    """Return `seed`, or draw one if it is None, so that it can be recorded and used again."""
    if seed is None:
        return secrets.randbits(31)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SettingsError(f"seed={seed!r} is not possible: use a whole number from 0 upwards.")
    if seed > _GREATEST_SEED:
        raise SettingsError(
            f"seed={seed:.3g} is not possible: whole numbers go to {_GREATEST_SEED:,}."
        )
    return int(seed)


def numpy_stream(seed: int, *names: str | int) -> np.random.Generator:
    """Return the NumPy generator of the stream `names`; other streams do not shift it."""
    return np.random.default_rng(_sequence(seed, names))


def torch_stream(
    seed: int, *names: str | int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """Return the torch generator of the stream `names` on `device`."""
    import torch

    state = _sequence(seed, names).generate_state(2, np.uint32)
    generator = torch.Generator(device=device)
    generator.manual_seed(int(state[0]) | (int(state[1]) & 0x7FFFFFFF) << 32)
    return generator


def seed_argument(draw: Callable[..., Any], seed: int) -> dict[str, int]:
    """Return {"seed": seed} for a function that takes one, and nothing for others."""
    return {"seed": seed} if "seed" in inspect.signature(draw).parameters else {}


@contextmanager
def global_seed(seed: int) -> Iterator[None]:
    """Seed the global generators for other people's code, and put them back afterwards."""
    torch = sys.modules.get("torch")
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    try:
        with torch.random.fork_rng() if torch else nullcontext():
            if torch:
                torch.manual_seed(seed)
            random.seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002
            yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002


def mixed(values: Integers | Keys, *more: Integers | Keys | int) -> Keys:
    """Return 64 random-looking bits of each value, or of values that stand together (splitmix64).

    The same values give the same bits, whatever stands beside them.

    Args:
        values: Whole numbers of any shape.
        more: Others, of a shape that goes with it, such as a seed.
    """
    with np.errstate(over="ignore"):
        x = np.zeros(1, np.uint64)
        for part in (values, *more):
            x = (x ^ np.asarray(part).astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
            x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            x = x ^ (x >> np.uint64(31))
        return x


def _sequence(seed: int, names: tuple[str | int, ...]) -> np.random.SeedSequence:
    keys = [name if isinstance(name, int) else zlib.crc32(name.encode()) for name in names]
    return np.random.SeedSequence(seed, spawn_key=keys)


@dataclass(frozen=True)
class KeyedStreams:
    """R streams of random numbers, each told by its key alone and not by what stands beside it.

    The numbers are Philox4x32-10 of a counter, keyed by a hash: any part of any stream is computed
    when it is needed (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

    Attributes:
        keys: (R,), 64 bits of BLAKE2b of seed, name and entry.
        numbers: (R,), numbers of the draws, below 2**32.

    Example:
        >>> from tsgen.rng import KeyedStreams
        >>> both = KeyedStreams.of(7, "sample", [("a", 0, 24), ("b", 0, 24)])
        >>> alone = KeyedStreams.of(7, "sample", [("b", 0, 24)])
        >>> (both.at(0).normal(3)[1] == alone.at(0).normal(3)[0]).all().item()
        True
    """

    keys: Keys
    numbers: Keys

    @classmethod
    def of(
        cls,
        seed: int,
        name: str,
        entries: Iterable[Key],
        numbers: AnyIntegers | None = None,
    ) -> Self:
        """Return the streams of draws `numbers` (R,), 0 if None, of R entries."""
        keys = np.array([_digest(seed, name, entry) for entry in entries], np.uint64)
        return cls(keys, np.zeros_like(keys) if numbers is None else numbers.astype(np.uint64))

    def __len__(self) -> int:
        return len(self.keys)

    def rows(self, chosen: slice | AnyArray) -> Self:
        """Return the streams of the chosen rows."""
        return replace(self, keys=self.keys[chosen], numbers=self.numbers[chosen])

    def repeated(self, times: int) -> Self:
        """Return draws 0 to `times` - 1 of each row, one after the other."""
        numbers = np.tile(np.arange(times, dtype=np.uint64), len(self))
        return replace(self, keys=np.repeat(self.keys, times), numbers=numbers)

    def at(self, step: int, candidate: int = 0) -> Numbers:
        """Return the part of each stream that is for one window: its first step, which try."""
        return Numbers(self, step, candidate)

    def uniform(self) -> Array:
        """Return one number (R,) in [0, 1) of each stream."""
        high, low, _, _ = self.words(0, 1, 0, 0)
        bits = (high[:, 0] << _HALF | low[:, 0]) >> np.uint64(11)
        return bits.astype(np.float64) * 2.0**-53

    def integers(self, high: Integers) -> Integers:
        """Return one whole number (R,) of each stream, from 0 and below `high` (R,)."""
        return (self.uniform() * high).astype(np.int64)

    def words(self, first: int, count: int, step: int, candidate: int) -> tuple[Keys, ...]:
        """Return four words (R, count), below 2**32, of each counter from `first` on."""
        block = np.arange(first, first + count, dtype=np.uint64)
        place = np.uint64(candidate), np.uint64(step), self.numbers[:, None]
        key = self.keys[:, None] >> _HALF, self.keys[:, None] & _LOW
        return philox((block, *place), key)


@dataclass
class Numbers:
    """The random numbers of one window of each of R streams, taken one after the other.

    Attributes:
        streams: Of R rows.
        step: See `KeyedStreams.at`.
        candidate: See there.
        taken: Counters that were used up.
    """

    streams: KeyedStreams
    step: int
    candidate: int
    taken: int = 0

    def normal(self, *shape: int) -> Singles:
        """Return the next standard normal numbers (R, *shape) of each stream."""
        count, rows = int(np.prod(shape)), len(self.streams)
        blocks = -(-count // 4)
        drawn = np.empty((rows, 4, blocks), np.float32)
        size = max(_AT_A_TIME // max(blocks, 1), 1)
        for first in range(0, rows, size):
            part = slice(first, first + size)
            words = self.streams.rows(part).words(self.taken, blocks, self.step, self.candidate)
            drawn[part, :2] = np.stack(_box_muller(*words[:2]), axis=1)
            drawn[part, 2:] = np.stack(_box_muller(*words[2:]), axis=1)
        self.taken += blocks
        return drawn.reshape(rows, 4 * blocks)[:, :count].reshape(rows, *shape)

    def on(self, device: torch.device | str) -> Callable[..., torch.Tensor]:
        """Return `normal` as a function whose numbers are tensors on `device`."""
        import torch

        return lambda *shape: torch.as_tensor(self.normal(*shape), device=device)


def keyed_stream(seed: int, name: str, entry: Key) -> np.random.Generator:
    """Return the NumPy generator of one entry, for draws that are not normal."""
    return np.random.Generator(np.random.Philox(key=_digest(seed, name, entry)))


def entry_keys(item_ids: Iterable[Any], starts: Integers, lengths: Integers) -> list[Key]:
    """Return the keys of R entries."""
    return list(zip(map(str, item_ids), starts.tolist(), lengths.tolist(), strict=True))


def entry_key(entry: Mapping[str, Any]) -> Key:
    """Return the key of a GluonTS entry; one without item_id is told by its values."""
    target = np.ascontiguousarray(entry["target"], dtype=np.float64)
    item_id = entry.get("item_id")
    if item_id is None:
        item_id = hashlib.blake2b(target.tobytes(), digest_size=16).hexdigest()
    return str(item_id), int(entry["start"].ordinal), target.shape[-1]


def occurrences(keys: Iterable[Hashable]) -> Integers:
    """Return how often each of R keys has come before."""
    seen: Counter[Hashable] = Counter()
    counts = []
    for key in keys:
        counts.append(seen[key])
        seen[key] += 1
    return np.array(counts, dtype=np.int64)


def philox(counter: tuple[Keys | np.uint64, ...], key: tuple[Keys, Keys]) -> tuple[Keys, ...]:
    """Return the four words of Philox4x32-10; all words are below 2**32 and broadcast."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        product0, product2 = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1, c2, c3 = (
            product2 >> _HALF ^ c1 ^ k0,
            product2 & _LOW,
            product0 >> _HALF ^ c3 ^ k1,
            product0 & _LOW,
        )
        k0, k1 = k0 + _WEYL[0] & _LOW, k1 + _WEYL[1] & _LOW
    words = np.broadcast_arrays(c0, c1, c2, c3)
    return tuple(words)


def _box_muller(first: Keys, second: Keys) -> tuple[Singles, Singles]:
    """Return two normal numbers for each pair of words."""
    unit = np.float32(2.0**-32)
    radius = np.sqrt(-2 * np.log((first.astype(np.float32) + np.float32(1)) * unit))
    angle = second.astype(np.float32) * (unit * np.float32(2 * np.pi))
    return radius * np.cos(angle), radius * np.sin(angle)


def _digest(seed: int, name: str, entry: Key) -> int:
    item_id, start, length = entry
    text = repr((int(seed), name, str(item_id), int(start), int(length)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")
