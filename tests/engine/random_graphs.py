"""Graphs of what draws pictures: warps, crops, tones."""

from __future__ import annotations

import itertools

from graphs import Chain

from galago.graph import Graph

#: Kinds of warps with ranges that leave the picture.
WARPS: dict[str, tuple[float, ...]] = {
    "flip": (1.0, 1.0),
    "rotation": (-0.4, 0.5),
    "translation": (-0.9, 0.7, -1.0, 0.6),
    "zoom": (-0.6, 0.9),
}
FILL_MODES = ("constant", "nearest", "reflect", "wrap")


def warped(
    chain: Chain,
    kind: str,
    ranges: tuple[float, ...],
    seed: int = 5,
    fill_mode: str = "reflect",
    interpolation: str = "bilinear",
    fill: float = 0.0,
) -> Chain:
    """Maps seen from elsewhere, each by what it draws; in training only."""
    return chain.apply(
        "random_warp",
        chain.shape,
        kind=kind,
        ranges=ranges,
        fill_mode=fill_mode,
        interpolation=interpolation,
        fill=fill,
        seed=seed,
    )


def cropped(chain: Chain, rows: int, cols: int, seed: int = 6) -> Chain:
    """A part of each map; outside of training all of it, resized."""
    return chain.apply(
        "random_crop",
        (rows, cols, chain.shape[2]),
        interpolation="bilinear",
        antialias=0,
        box=(0, 0, *chain.shape[:2]),
        fill=0.0,
        seed=seed,
    )


def toned(
    chain: Chain,
    kind: str,
    drawn: tuple[float, float],
    limits: tuple[float, float],
    seed: int = 7,
) -> Chain:
    """Another contrast or brightness, in training only."""
    return chain.apply("random_tone", chain.shape, kind=kind, range=drawn, limits=limits, seed=seed)


def random_graphs() -> list[Graph]:
    """Every kind of warp, fill mode and interpolation, a crop and tones, on inputs and behind."""

    def start(channels: int) -> Chain:
        return Chain(6, 5, 3).conv(channels, (2, 2)).activation("tanh")

    chains = [
        warped(start(5), kind, ranges, 8, mode, how, 0.5)
        for (kind, ranges), mode, how in itertools.product(
            WARPS.items(), FILL_MODES, ("nearest", "bilinear")
        )
    ]
    chains += [
        warped(Chain(6, 5, 3), "rotation", (-0.1, 0.1), 9).conv(3, (2, 2)),
        warped(start(17), "zoom", (-0.5, 0.5, -0.2, 0.8), 10),
        cropped(start(17), 3, 2),
        cropped(Chain(6, 5, 3), 4, 5).conv(3, (2, 2)),
        toned(start(17), "contrast", (0.25, 1.75), (-0.5, 0.5)),
        toned(start(3), "brightness", (-0.5, 0.5), (-0.5, 0.5)),
        toned(Chain(6, 5, 3), "contrast", (0.25, 1.75), (-1.0, 1.0)).conv(3, (2, 2)),
    ]
    return [chain.activation("sigmoid").flatten().dense(3).graph() for chain in chains]
