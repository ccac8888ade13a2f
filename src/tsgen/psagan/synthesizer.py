"""The fitted PSA-GAN: draws series in their original units, on a real calendar."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from safetensors.torch import load_file, save_file

from tsgen.data import SeriesDataset, to_dataset
from tsgen.data.calendar import Calendar
from tsgen.data.frequency import split_freq, start_period
from tsgen.errors import DataError, ModelFormatError, SettingsError
from tsgen.persistence import save_model_folder
from tsgen.rng import numpy_stream, resolve_seed, torch_stream
from tsgen.training import TrainingOptions, resolve_device, threads

from .building import NetworkSizes, build_networks
from .conditions import WindowConditions
from .constraints import ConstraintName, Constraints
from .data_facts import DataFacts
from .joining import join_windows
from .series_table import SeriesTable
from .settings import PSAGANSettings

__all__ = ["PSAGANSynthesizer"]

_BATCH = 512
"""Windows generated at a time; part of the meaning of a seed, so it is fixed."""

ConstraintRequest = Literal["infer"] | Iterable[ConstraintName] | None


@dataclass(frozen=True)
class _Requests:
    """R series to draw: facts of their source, first step, position in the source, length.

    The results are dressed (static columns, zone) as `rows` of `like`, or of the model's table.
    """

    table: SeriesTable
    like: SeriesDataset | None
    rows: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    positions: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]


class PSAGANSynthesizer:
    """A trained PSA-GAN. Made by `PSAGANEstimator.train` or `tsgen.load`.

    Attributes:
        settings: What it is.
        table: What it remembers of each training series.
        data: What it remembers of the training data as a whole.
        plan: The schedule of steps it was trained by.
        history: One row for every few training steps: step, stage, alpha, losses, seconds.
        seed: The seed of its training.

    Example:
        >>> from tsgen import PSAGANEstimator, TrainingOptions
        >>> from tsgen.data import simulate_series
        >>> real = simulate_series(num_series=4, length=200, seed=1)
        >>> estimator = PSAGANEstimator(target_length=24, num_steps=20)
        >>> model = estimator.train(real, options=TrainingOptions(seed=1))
        >>> synthetic = model.sample(3, length=72, seed=2)
        >>> len(synthetic), synthetic.lengths.tolist(), synthetic.freq
        (3, [72, 72, 72], 'h')
    """

    def __init__(
        self,
        settings: PSAGANSettings,
        weights: dict[str, torch.Tensor],
        table: SeriesTable,
        data: DataFacts,
        conditions: WindowConditions,
        *,
        plan: dict[str, Any],
        history: list[dict[str, Any]],
        seed: int,
        zero_below: float = 0.0,
        device: str = "auto",
    ) -> None:
        self.settings, self.table, self.data, self.conditions = settings, table, data, conditions
        self.plan, self.history, self.seed, self.zero_below = plan, history, seed, zero_below
        self._weights = weights
        self._generator, _ = build_networks(settings, self.sizes, seed=0)
        prefix = "generator."
        self._generator.load_state_dict(
            {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
        )
        self.device = resolve_device(device)
        self._generator.to(self.device).eval().requires_grad_(False)

    @property
    def sizes(self) -> NetworkSizes:
        """What the networks provide for."""
        cardinalities = tuple(len(c) for c in self.data.static_categories)
        known = int(self.table.index.max())
        return NetworkSizes(self.conditions.num_features, known, cardinalities)

    @property
    def weights(self) -> dict[str, torch.Tensor]:
        """The averaged generator's and the discriminator's tensors, on the CPU."""
        return dict(self._weights)

    # ---- drawing -------------------------------------------------------------------------------

    def sample(
        self,
        num_samples: int = 1,
        *,
        like: Any = None,
        items: Sequence[Any] | None = None,
        start: Any = None,
        length: int | Literal["like"] | None = None,
        constraints: ConstraintRequest = None,
        seed: int | None = None,
    ) -> SeriesDataset:
        """Draw series.

        Args:
            num_samples: How many in all or, with `like` or `items`, for each entry or item.
            like: A GluonTS dataset or long table: its entries give the series (an unknown one gets
                its scale from the entry's values and the model's "unknown" identity), the static
                categories and, unless given, the start.
            items: Ids of training series.
            start: First time of every drawn series; None takes the entries' own with `like`, and a
                random time of the training part otherwise.
            length: Steps of every series; None is `target_length`, "like" each entry's own. More
                than `target_length` joins windows.
            constraints: "infer" holds each series to what held for it in training (no negative
                value, whole numbers only, many exact zeros); or some of "non-negative",
                "integer",
                "intermittent" for all. None leaves the samples as they are drawn.
            seed: Same seed, same series.

        Returns:
            A GluonTS dataset. Each entry has an `item_id` of its own, "synthetic/SOURCE/NUMBER",
            and says in `info` that it is synthetic and after which series it was drawn.

        Raises:
            SettingsError: Impossible arguments.
            UnknownIdError: An item the model was not trained on.
            DataError: `like` does not fit the model.
        """
        seed = resolve_seed(seed)
        _check_request(num_samples, like, items, length)
        if like is None:
            requests = self._requests_of(items, num_samples, start, length, seed)
            return self._draw(requests, constraints, seed)
        like = to_dataset(like)
        rows = np.repeat(np.arange(len(like)), num_samples)
        starts = like.starts[rows] if start is None else self._ordinals(start, len(rows))
        steps = self.settings.target_length if length is None else length
        lengths = like.lengths[rows] if steps == "like" else np.full(len(rows), steps)
        return self.sample_after(
            like, rows, starts, lengths.astype(np.int64), constraints=constraints, seed=seed
        )

    def sample_after(
        self,
        like: SeriesDataset,
        rows: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
        *,
        constraints: ConstraintRequest = None,
        seed: int | None = None,
    ) -> SeriesDataset:
        """Draw R series, each after one entry of a dataset; what `sample` and `augment` rest on.

        Args:
            like: The entries.
            rows: (R,), the entry each series is drawn after.
            starts: (R,), Period ordinal of each series' first step.
            lengths: (R,), steps of each series.
            constraints: As in `sample`.
            seed: Same seed, same series.

        Raises:
            DataError: `like` has another frequency or zone than the model.
        """
        table = self._table_of(like).rows(rows)
        requests = self._at(table, like, rows, starts, lengths)
        return self._draw(requests, constraints, resolve_seed(seed))

    def _requests_of(
        self, items: Sequence[Any] | None, num_samples: int, start: Any, length: Any, seed: int
    ) -> _Requests:
        """Plan samples of known series, at random times of their training part."""
        random = numpy_stream(seed, "requests")
        if items is None:
            sampleable = np.flatnonzero(self.table.index > 0)
            rows = random.choice(sampleable, num_samples)
        else:
            rows = np.repeat(self.table.find(list(items)), num_samples)
        table = self.table.rows(rows)
        lengths = np.full(len(rows), length or self.settings.target_length, dtype=np.int64)
        if start is not None:
            return self._at(table, None, rows, self._ordinals(start, len(rows)), lengths)
        room = np.maximum(table.lengths - lengths, 0)
        positions = random.integers(0, room + 1)
        starts = table.starts + positions * self.conditions.calendar.stride
        return self._at(table, None, rows, starts, lengths)

    def _table_of(self, like: SeriesDataset) -> SeriesTable:
        """Return the facts of a dataset's entries, as the model knows them or as they are."""
        self.data.refuse_other_grid(like)
        own = SeriesTable.of(like, self.settings.scaling, np.zeros(len(like), np.int64))
        places = self.table.places(list(like.item_ids))
        known = np.flatnonzero(places >= 0)
        static = self.static_codes(like)
        own = replace(own, static=static)
        if not len(known):
            return own
        remembered = self.table.rows(places[known])
        missing = np.array([name not in like.static_names for name in self.data.static_names], bool)
        static[known] = np.where(missing, remembered.static, static[known])
        return own.overlaid(known, remembered)

    def _at(
        self,
        table: SeriesTable,
        like: SeriesDataset | None,
        rows: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        lengths: npt.NDArray[np.int64],
    ) -> _Requests:
        positions = (starts - table.starts) // self.conditions.calendar.stride
        return _Requests(table, like, rows, starts, positions, lengths)

    def _ordinals(self, start: Any, count: int) -> npt.NDArray[np.int64]:
        """Return the ordinal of the step at the time `start`, `count` times."""
        try:
            time = start.start_time if isinstance(start, pd.Period) else pd.Timestamp(start)
            if time.tz is not None and self.data.timezone is not None:
                time = time.tz_convert(self.data.timezone).tz_localize(None)
            ordinal = start_period(time, split_freq(self.data.freq)[0]).ordinal
        except (ValueError, TypeError, AttributeError):  # NaT has no ordinal
            raise SettingsError(
                f"start={start!r} is not a time; write for example '2024-12-31'."
            ) from None
        if time.tz is not None:
            raise SettingsError(
                f"start={start!r} has a time zone, the model's data have none; give a naive time."
            )
        return np.full(count, ordinal, dtype=np.int64)

    def static_codes(self, like: SeriesDataset) -> npt.NDArray[np.int64]:
        """Return the embedding indices of another dataset's categories, 0 where unknown."""
        return self.data.codes_of(like)

    def _draw(
        self, requests: _Requests, constraints: ConstraintRequest, seed: int
    ) -> SeriesDataset:
        """Generate the requested series, those of one length together."""
        held = Constraints.resolve(constraints, requests.table, self.zero_below)
        offsets = np.concatenate([[0], np.cumsum(requests.lengths)]).astype(np.int64)
        values = np.empty(offsets[-1])
        for length in np.unique(requests.lengths):
            rows = np.flatnonzero(requests.lengths == length)
            for first in range(0, len(rows), _BATCH):
                part = rows[first : first + _BATCH]
                drawn = self._series(requests, part, int(length), (seed, int(length), first))
                drawn = held.apply(drawn, requests.table.scaler.scale, part)
                values[offsets[part][:, None] + np.arange(length)] = drawn
        return self._dataset(requests, values, offsets, seed)

    def _series(
        self, requests: _Requests, rows: npt.NDArray[np.int64], length: int, stream: tuple[int, ...]
    ) -> npt.NDArray[np.float64]:
        """Return series (R, length) of the requests `rows`, in original units."""
        window = self.settings.target_length
        generate = partial(self._windows, requests.table.rows(rows))
        starts, positions = requests.starts[rows], requests.positions[rows]
        stride = self.conditions.calendar.stride

        def draw(offset: int, candidates: int) -> npt.NDArray[np.float32]:
            seed, *names = stream
            latent = torch_stream(seed, "latent", *names, offset, device=self.device)
            return generate(starts + offset * stride, positions + offset, candidates, latent)

        scaled = (
            draw(0, 1)[:, 0, :length] if length <= window else join_windows(draw, window, length)[0]
        )
        return requests.table.scaler.invert(scaled, rows)

    @torch.no_grad()
    def _windows(
        self,
        table: SeriesTable,
        starts: npt.NDArray[np.int64],
        positions: npt.NDArray[np.int64],
        candidates: int,
        random: torch.Generator,
    ) -> npt.NDArray[np.float32]:
        """Return windows (R, K, L) in scales of their series."""
        on = partial(torch.as_tensor, device=self.device)
        conditions = self.conditions.at(
            on(table.index), on(table.static), on(starts), on(positions)
        )
        last = len(self.settings.lengths) - 1
        generator = self._generator
        with threads(1):  # more bring little, and much less than nothing on a busy machine
            drawn = [
                generator(generator.draw_latent(len(table), random), conditions, last, 1.0)
                for _ in range(candidates)
            ]
        return torch.stack(drawn, dim=1).cpu().numpy()

    def _dataset(
        self,
        requests: _Requests,
        values: npt.NDArray[np.float64],
        offsets: npt.NDArray[np.int64],
        seed: int,
    ) -> SeriesDataset:
        """Dress the drawn values as a dataset whose entries say where they come from."""
        sources = requests.table.item_ids
        count: dict[str, int] = {}
        item_ids = []
        for source in sources:
            name = str(source)  # 1 and "1" may both be series
            count[name] = count.get(name, -1) + 1
            item_ids.append(f"synthetic/{name}/{count[name]}")
        like, rows = requests.like, requests.rows
        return SeriesDataset(
            values=values,
            offsets=offsets,
            starts=requests.starts,
            freq=self.data.freq,
            item_ids=tuple(item_ids),
            static_cat=self.table.static[rows] - 1 if like is None else like.static_cat[rows],
            static_names=(self.data if like is None else like).static_names,
            static_categories=(self.data if like is None else like).static_categories,
            static_real=(self.table if like is None else like).static_real[rows],
            timezone=(self.data if like is None else like).timezone,
            label=(self.data if like is None else like).label,
            info=tuple(
                {"synthetic": True, "source_item_id": source, "model": "psa-gan", "seed": seed}
                for source in sources
            ),
        )

    def split_at_training_end(
        self, dataset: SeriesDataset
    ) -> tuple[SeriesDataset, SeriesDataset | None]:
        """Cut a dataset where this model's training part ended, series by series.

        Series that the model does not know are left out.

        Returns:
            The training part, and what comes after it (None if nothing does).

        Raises:
            DataError: The model knows none of the series.
        """
        places = self.table.places(list(dataset.item_ids))
        known = np.flatnonzero(places >= 0)
        if not len(known):
            raise DataError(
                "The model was trained on none of these series (the first here is "
                f"{dataset.item_ids[0]!r}, there {self.table.item_ids[0]!r}); give its own data."
            )
        rows = places[known]
        stride = self.conditions.calendar.stride
        steps = (self.table.starts[rows] - dataset.starts[known]) // stride
        lengths = dataset.lengths[known]
        end = np.clip(steps + self.table.lengths[rows], 0, lengths)
        before = dataset.cut(known, np.zeros_like(end), end)
        return before, dataset.cut(known, end, lengths) if (end < lengths).any() else None

    # ---- training further ----------------------------------------------------------------------

    def fine_tune(
        self,
        dataset: Any,
        *,
        num_steps: int = 1000,
        options: TrainingOptions | None = None,
    ) -> PSAGANSynthesizer:
        """Train this model further, at full resolution, on new data; this one stays as it is.

        New series start from the "unknown" identity; known ones go on from where they are, with the
        scale of the new data.

        Args:
            dataset: A GluonTS dataset or long table of the same frequency.
            num_steps: Training steps; a budget in `options` replaces them.
            options: Circumstances of the run.
        """
        from .estimator import fine_tune

        return fine_tune(self, dataset, num_steps=num_steps, options=options or TrainingOptions())

    # ---- saving --------------------------------------------------------------------------------

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the model folder; an older one survives any failure.

        Raises:
            OutputError: The folder exists and `overwrite` is False, or the disk refused the write.
        """
        facts = {
            "settings": self.settings.to_json(),
            "seed": self.seed,
            "plan": self.plan,
            "zero_below": self.zero_below,
            "conditions": {
                "calendar": list(self.conditions.calendar.names),
                "longest": self.conditions.longest,
            },
            "data": self.data.to_json(),
        }
        history = "".join(json.dumps(row) + "\n" for row in self.history)
        files = {
            "weights.safetensors": lambda file: save_file(self._weights, file),
            "series.parquet": self.table.write,
            "history.jsonl": lambda file: file.write_text(history, encoding="utf-8"),
        }
        save_model_folder(path, "psa-gan", facts, files, overwrite=overwrite)

    @classmethod
    def from_folder(cls, path: Path, facts: dict[str, Any], *, device: str = "auto") -> Self:
        """Read what `save` wrote; `tsgen.load` checks the folder and calls this."""
        try:
            settings = PSAGANSettings(**facts["settings"])
            data, conditions = facts["data"], facts["conditions"]
            calendar = Calendar(data["freq"], tuple(conditions["calendar"]), settings.calendar)
            history = (path / "history.jsonl").read_text(encoding="utf-8").splitlines()
            return cls(
                settings,
                load_file(path / "weights.safetensors"),
                SeriesTable.read(path / "series.parquet"),
                DataFacts.from_json(data),
                WindowConditions(calendar, settings.lengths, settings.age, conditions["longest"]),
                plan=facts["plan"],
                history=[json.loads(row) for row in history],
                seed=facts["seed"],
                zero_below=facts["zero_below"],
                device=device,
            )
        except (KeyError, TypeError, ValueError, RuntimeError, OSError) as error:
            raise ModelFormatError(
                f"{path} is not a complete PSA-GAN model ({type(error).__name__}: {error}). "
                "Copy the model again or train it anew."
            ) from error


def _check_request(num_samples: Any, like: Any, items: Any, length: Any) -> None:
    """Refuse what `sample` cannot do."""
    if not _is_count(num_samples):
        raise SettingsError(
            f"num_samples={num_samples!r} is not possible; give a whole number from 1."
        )
    if like is not None and items is not None:
        raise SettingsError("Give either like or items, not both.")
    if isinstance(items, str):
        raise SettingsError(f"items={items!r} is one id; give a list, items=[{items!r}].")
    if items is not None and not len(items):
        raise SettingsError("items is empty; name at least one series, or leave it out.")
    if isinstance(length, str) and length == "like":
        if like is None:
            raise SettingsError("length='like' needs a dataset in like.")
    elif length is not None and not _is_count(length):
        raise SettingsError(f"length={length!r} is not possible; give steps from 1 or 'like'.")


def _is_count(number: Any) -> bool:
    whole = isinstance(number, int | np.integer) and not isinstance(number, bool)
    return whole and number >= 1
