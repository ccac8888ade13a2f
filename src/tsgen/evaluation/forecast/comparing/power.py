"""Where the noise of a comparison comes from, and how many runs a wished interval needs.

The log ratio of an arm's loss to that of real series alone, in draw d of the series, with generator
g and seed s of the forecaster, is taken as

    y_dgs = mean + A_d + B_dg + C_ds + E_dgs,

with variances of the series (A), the generator and its draws (B), the seed (C: the real series
alone are trained with it too), and what is left (E). They are found by the analysis of variance,

    E[MS_A] = e + S b + G c + G S a,   E[MS_B] = e + S b,   E[MS_C] = e + G c,   E[MS_E] = e,

and the mean of D draws, G generators each and S seeds has variance a/D + b/DG + c/DS + e/DGS.

Shape legend: D draws of the series, G generators, S seeds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tsgen.arrays import Array
from tsgen.errors import SettingsError
from tsgen.metrics import student_quantile

from ..cells import ForecastCell, generators_of, runs_of
from ..scores import METRICS, metric_of
from ..settings import ForecastStudy
from .pairing import FinishedCells

__all__ = ["Replication", "VarianceComponents", "check_half_width", "power_rows", "replication"]

_MOST = {"draws": 200, "generators": 10, "seeds": 30}


@dataclass(frozen=True)
class VarianceComponents:
    """Variances of a log ratio; NaN where the runs cannot tell one from another.

    Attributes:
        series: Of the draw of the series, a; NaN with one draw.
        generator: Of the generator and its draws, b; NaN with one generator a draw (it is in the
            seeds then if each seed has its own).
        seed: Of the forecaster's seed, c, NaN with one seed; with one generator, of all that
            differs between the runs of a draw.
        rest: Of what is left, e.
    """

    series: float
    generator: float
    seed: float
    rest: float

    @classmethod
    def of(cls, logs: Array) -> VarianceComponents:
        """Estimate from log ratios (D, G, S); negative estimates are 0."""
        num_draws, num_generators, num_seeds = logs.shape
        by_draw, by_generator, by_seed = (
            logs.mean(axis=(1, 2)), logs.mean(axis=2), logs.mean(axis=1)
        )  # fmt: skip
        left = logs - by_generator[:, :, None] - by_seed[:, None, :] + by_draw[:, None, None]
        rest = _mean_square(left, num_draws * (num_generators - 1) * (num_seeds - 1))
        generators = num_seeds * _mean_square(
            by_generator - by_draw[:, None], num_draws * (num_generators - 1)
        )
        seeds = num_generators * _mean_square(
            by_seed - by_draw[:, None], num_draws * (num_seeds - 1)
        )
        draws = num_generators * num_seeds * _mean_square(by_draw - by_draw.mean(), num_draws - 1)
        residual = _zero(rest)
        inside = max(_zero(generators) + _zero(seeds) - residual, 0.0)
        return cls(
            max(draws - inside, 0.0) / (num_generators * num_seeds),
            max(generators - residual, 0.0) / num_seeds,
            max(seeds - residual, 0.0) / num_generators,
            residual,
        )

    def variance(self, draws: int, generators: int, seeds: int) -> float:
        """Return the variance of the mean of so many runs."""
        within = _zero(self.generator) / generators + _zero(self.seed) / seeds
        return (_zero(self.series) + within + self.rest / (generators * seeds)) / draws


@dataclass(frozen=True)
class Replication:
    """How many runs give an interval of a wished width, at the least cost.

    Attributes:
        draws: D.
        generators: G of each draw.
        seeds: S of each draw.
        half_width: What they give.
        cpu_seconds: What they cost, D G generators and D S (G + 1) forecasters.
    """

    draws: int
    generators: int
    seeds: int
    half_width: float
    cpu_seconds: float


def replication(
    components: VarianceComponents,
    half_width: float,
    *,
    generator_seconds: float = 0.0,
    forecaster_seconds: float = 1.0,
) -> Replication | None:
    """Return the cheapest numbers of draws, generators and seeds; None if 200 draws do not do.

    What the runs could not tell apart (NaN) is not replicated: its number stays 1, and draws of the
    series average it.

    Args:
        components: Of the log ratio.
        half_width: Wished, of the 95 % interval (Student's t over draws) of the log ratio.
        generator_seconds: Cost of training one generator.
        forecaster_seconds: Cost of training one forecaster.
    """
    best: Replication | None = None
    for generators in _numbers(components.generator, "generators"):
        for seeds in _numbers(components.seed, "seeds"):
            least = _least_draws(components, half_width, generators, seeds)
            if least is None:
                continue
            draws, reach = least
            forecasters = seeds * (generators + 1) * forecaster_seconds
            cost = draws * (generators * generator_seconds + forecasters)
            if best is None or cost < best.cpu_seconds:
                best = Replication(draws, generators, seeds, reach, cost)
    return best


def check_half_width(half_width: float) -> None:
    """Raise SettingsError unless a half width is between 0 and 1."""
    if not 0 < half_width < 1:
        raise SettingsError(
            f"power={half_width} is not possible; give the wished half width of the interval of a "
            "change as a share between 0 and 1, such as 0.02."
        )


def power_rows(
    study: ForecastStudy, cells: FinishedCells, half_width: float
) -> list[dict[str, Any]]:
    """Return, for each regime, forecaster and arm, its noise and what a wished interval takes.

    Runs of which a cell failed are left out, and counted in `runs_left_out`; standard deviations
    (`series`, `generator`, `seed`, `rest`) are of the log ratio, 0.01 being about 1 %, None where
    the study cannot tell.
    """
    real = next((name for name, arm in study.arms.items() if arm.method == "real"), None)
    if real is None:
        raise SettingsError("Power is of changes against real series alone; add an arm of them.")
    return [
        _power_row(study, cells, (regime, forecaster, arm), real, half_width)
        for regime in range(len(study.regimes))
        for forecaster in study.forecasters
        for arm in study.arms
        if arm != real and study.task != "direct"
    ]


def _power_row(
    study: ForecastStudy,
    cells: FinishedCells,
    arm: tuple[int, str, str],
    real: str,
    half_width: float,
) -> dict[str, Any]:
    logs, left_out = _complete(_logs(study, cells, arm, real))
    where: dict[str, Any] = {
        "regime": study.regimes[arm[0]].name,
        "forecaster": arm[1],
        "arm": arm[2],
    }
    shape = dict(zip(("draws", "generators", "seeds"), logs.shape, strict=True))
    where |= {"runs": int(logs.size), "runs_left_out": left_out, "wished": half_width, **shape}
    if logs.size < 2:
        return where | {"needs": None, "says": "Two runs at least are needed."}
    components = VarianceComponents.of(logs)
    costs = _costs(study, cells, arm)
    needs = replication(
        components, half_width, generator_seconds=costs[0], forecaster_seconds=costs[1]
    )
    spreads = {name: math.sqrt(value) for name, value in asdict(components).items()}
    return where | {
        "change": math.expm1(float(logs.mean())),
        **{name: None if math.isnan(value) else value for name, value in spreads.items()},
        "needs": None if needs is None else asdict(needs),
        "says": _sentence(spreads, needs, half_width),
    }


def _logs(
    study: ForecastStudy, cells: FinishedCells, arm: tuple[int, str, str], real: str
) -> Array:
    """Return the log ratios (D, G, S) of an arm, NaN where a cell is missing."""
    generators = generators_of(study, arm[2])
    logs = np.full((len(study.draws), len(generators), len(study.seeds)), np.nan)
    places = (study.draws, generators, study.seeds)
    for run in runs_of(study, arm[2]):
        draw, generator, seed = run
        mine = cells.get(ForecastCell(arm[0], seed, arm[2], arm[1], draw, generator), {})
        theirs = cells.get(ForecastCell(arm[0], seed, real, arm[1], draw), {})
        if "series" in mine and "series" in theirs:
            losses = [float(metric_of(c["series"], METRICS[0])) for c in (mine, theirs)]
            place = tuple(p.index(v) for p, v in zip(places, run, strict=True))
            logs[place] = math.log(losses[0] / losses[1])
    return logs


def _complete(logs: Array) -> tuple[Array, int]:
    """Return the block of draws and then seeds without a missing run, and how many were dropped."""
    whole = ~np.isnan(logs)
    draws = whole.any(axis=(1, 2))
    seeds = whole[draws].all(axis=(0, 1)) if draws.any() else np.zeros(logs.shape[2], bool)
    kept = logs[draws][:, :, seeds]
    return kept, int(logs.size - kept.size)


def _costs(
    study: ForecastStudy, cells: FinishedCells, arm: tuple[int, str, str]
) -> tuple[float, float]:
    """Return mean processor seconds of a generator and of a forecaster of an arm."""
    mine = [
        content for cell, content in cells.items()
        if (cell.regime, cell.forecaster, cell.arm) == arm and "cpu_seconds" in content
    ]  # fmt: skip
    generator = float(np.mean([c.get("synthesizer_seconds", 0.0) for c in mine] or [0.0]))
    whole = [c["cpu_seconds"] for c in mine]
    shared = max(len(study.forecasters), 1)
    forecaster = max(float(np.mean(whole or [1.0])) - generator / shared, 0.1)
    return generator, forecaster


def _sentence(spreads: Mapping[str, float], needs: Replication | None, half_width: float) -> str:
    parts = ", ".join(
        f"{name} not measured" if math.isnan(value) else f"{name} {100 * value:.1f} %"
        for name, value in spreads.items()
    )
    wished = f"An interval of ± {100 * half_width:g} % takes"
    if needs is None:
        return f"Standard deviations: {parts}. {wished} more than {_MOST['draws']} draws."
    return (
        f"Standard deviations: {parts}. {wished} {needs.draws} draws of the series, "
        f"{needs.generators} generators of each and {needs.seeds} seeds, about "
        f"{needs.cpu_seconds:,.0f} CPU seconds."
    )


def _least_draws(
    components: VarianceComponents, half_width: float, generators: int, seeds: int
) -> tuple[int, float] | None:
    one = components.variance(1, generators, seeds)
    for draws in range(2, _MOST["draws"] + 1):
        reach = student_quantile(draws) * math.sqrt(one / draws)
        if reach <= half_width:
            return draws, reach
    return None


def _numbers(variance: float, what: str) -> range:
    return range(1, 2 if math.isnan(variance) else _MOST[what] + 1)


def _mean_square(gaps: Array, freedom: int) -> float:
    return float((gaps**2).sum() / freedom) if freedom > 0 else math.nan


def _zero(value: float) -> float:
    return 0.0 if math.isnan(value) else value
