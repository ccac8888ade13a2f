"""Builds the two networks that settings and data ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from tsgen.rng import torch_stream

from ..settings import PSAGANSettings
from ..windows import ContextSizes
from .default_discriminator import Discriminator
from .default_generator import Generator
from .default_layout import Layout
from .paper import PaperDiscriminator, PaperGenerator

__all__ = ["NetworkSizes", "build_networks", "extend_tables", "generator_weights"]


@dataclass(frozen=True)
class NetworkSizes:
    """What the networks must provide for.

    Attributes:
        num_features: Calendar and age channels.
        num_series: Known series.
        cardinalities: Known categories of each static column.
        context: What the networks see of the values around; None for nothing.
        num_channels: Channels of the data.
        static_width: Numbers that describe the statics of a series; 0 embeds the categories.
    """

    num_features: int
    num_series: int
    cardinalities: tuple[int, ...] = ()
    context: ContextSizes | None = None
    num_channels: int = 1
    static_width: int = 0


def build_networks(settings: PSAGANSettings, sizes: NetworkSizes, seed: int) -> tuple[Any, Any]:
    """Return (generator, discriminator), initialised from `seed` without touching global state."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(torch_stream(seed, "init").initial_seed())
        if settings.preset == "paper":
            arguments = settings.lengths, sizes.num_features, sizes.num_series
            past = sizes.context.past if sizes.context else 0
            return PaperGenerator(*arguments, past), PaperDiscriminator(*arguments)
        layout = Layout(
            lengths=settings.lengths,
            channels=settings.level_channels,
            num_features=sizes.num_features,
            num_series=sizes.num_series,
            cardinalities=sizes.cardinalities,
            static_width=sizes.static_width,
            embedding_size=settings.embedding_size,
            latent_size=settings.latent_size,
            noise=settings.noise,
            attention_max_length=settings.attention_max_length,
            minibatch_deviation=settings.minibatch_deviation,
            window_scale=settings.window_scale,
            context=sizes.context,
            num_channels=sizes.num_channels,
        )
        return Generator(layout), Discriminator(layout)


def generator_weights(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the generator's part of the tensors of both networks."""
    prefix = "generator."
    return {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}


_NETWORKS = ("generator", "discriminator")


def extend_tables(
    weights: dict[str, torch.Tensor], counts: tuple[int, ...]
) -> dict[str, torch.Tensor]:
    """Return the weights with more rows in the embeddings, which begin as the unknown one.

    Args:
        weights: Tensors of both networks.
        counts: How many more series, and how many more categories of each static column.
    """
    extended = dict(weights)
    for network in _NETWORKS:
        for k, count in enumerate(counts):
            name = f"{network}.identity.tables.{k}.weight"
            if name in weights:
                unknown = weights[name][:1].expand(count, -1)
                extended[name] = torch.cat([weights[name], unknown])
        name = f"{network}.embedding.table"  # the paper's networks know series only
        if name in weights:
            mean = weights[name].mean(dim=0, keepdim=True).expand(counts[0], -1)
            extended[name] = torch.cat([weights[name], mean])
    return extended
