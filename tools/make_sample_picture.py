"""Draw the picture that galago.image.sample() returns: a staircase in the sun, 512 x 512, grey.

Rays are followed from a camera through a scene of boxes, rods and balls, four for each pixel.

    python tools/make_sample_picture.py src/galago/image/staircase.npz
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Points: TypeAlias = npt.NDArray[np.float32]

SIZE, FINER = 512, 2
STEPS, RISE, RUN, WIDTH = 11, 0.18, 0.30, 2.2
SUN = np.array([0.55, 0.62, -0.56], np.float32)
SUN /= np.linalg.norm(SUN)


def box(points: Points, low: tuple[float, ...], high: tuple[float, ...]) -> Points:
    """Distance of points from a box between two corners."""
    middle = (np.array(low, np.float32) + np.array(high, np.float32)) / 2
    half = (np.array(high, np.float32) - np.array(low, np.float32)) / 2
    q = np.abs(points - middle) - half
    outside = np.sqrt((np.maximum(q, 0) ** 2).sum(-1))
    return outside + np.minimum(q.max(-1), 0)


def rod(points: Points, start: tuple[float, ...], end: tuple[float, ...], radius: float) -> Points:
    """Distance of points from a round rod."""
    a, axis = np.array(start, np.float32), np.array(end, np.float32) - np.array(start, np.float32)
    along = np.clip((points - a) @ axis / (axis @ axis), 0, 1)
    return np.sqrt(((points - a - along[..., None] * axis) ** 2).sum(-1)) - radius


def ball(points: Points, middle: tuple[float, ...], radius: float) -> Points:
    return np.sqrt(((points - np.array(middle, np.float32)) ** 2).sum(-1)) - radius


def things(points: Points) -> list[Points]:
    """Distances from everything, by material: stone, metal, wall, ground, ball."""
    stairs = np.full(points.shape[:-1], 1e3, np.float32)
    rails = stairs.copy()
    for i in range(STEPS):
        x, y = i * RUN, (i + 1) * RISE
        stairs = np.minimum(stairs, box(points, (x, 0, 0), (x + RUN + 0.03, y, WIDTH)))
        if i % 2 == 0:
            foot, top = (x + RUN / 2, y, 0.12), (x + RUN / 2, y + 0.8, 0.12)
            rails = np.minimum(rails, rod(points, foot, top, 0.018))
    end = STEPS * RUN
    stairs = np.minimum(stairs, box(points, (end, 0, 0), (end + 4, STEPS * RISE, WIDTH)))
    low, high = (RUN / 2, RISE + 0.8, 0.12), (end - RUN / 2, STEPS * RISE + 0.8, 0.12)
    rails = np.minimum(rails, rod(points, low, high, 0.035))
    rails = np.minimum(rails, rod(points, high, (end + 3, high[1], 0.12), 0.035))
    wall = WIDTH - points[..., 2]
    window = box(points, (0.3, 1.7, WIDTH - 0.12), (1.1, 2.9, WIDTH + 0.3))
    wall = np.maximum(wall, -window)
    frame = np.minimum(
        box(points, (0.3, 2.27, WIDTH - 0.02), (1.1, 2.33, WIDTH + 0.05)),
        box(points, (0.67, 1.7, WIDTH - 0.02), (0.73, 2.9, WIDTH + 0.05)),
    )
    pot = np.minimum(ball(points, (-0.55, 0.33, 0.75), 0.33), ball(points, (-0.9, 0.16, 0.1), 0.16))
    return [stairs, np.minimum(rails, frame), wall, points[..., 1], pot]


def distance(points: Points) -> Points:
    return np.minimum.reduce(things(points))


def march(start: Points, ways: Points, limit: float, rounds: int) -> Points:
    """How far a ray goes until it meets something."""
    gone = np.full(start.shape[:-1], 0.01, np.float32)
    for _ in range(rounds):
        gone = np.minimum(gone + 0.9 * distance(start + gone[..., None] * ways), limit)
    return gone


def noise(points: Points, scale: float, seed: int) -> Points:
    """Smooth noise from -1 to 1, about `scale` wide."""
    q = points / scale
    cell = np.floor(q).astype(np.int64)
    part = q - cell
    part = part * part * (3 - 2 * part)
    total = np.zeros(points.shape[:-1], np.float32)
    for corner in np.ndindex(2, 2, 2):
        n = (cell + corner) @ np.array([73856093, 19349663, 83492791]) + seed * 7919
        n = (n ^ (n >> 13)) * 1274126177 & 0x7FFFFFFF
        weight = np.prod(np.where(corner, part, 1 - part), -1)
        total += weight * ((n & 0xFFFF) / 32767.5 - 1).astype(np.float32)
    return total


def colour(points: Points, material: npt.NDArray[np.int64]) -> Points:
    """How much light a material throws back: 0 to 1."""
    grain = 0.06 * noise(points, 0.012, 1) + 0.07 * noise(points, 0.08, 2)
    grain += 0.06 * noise(points, 0.6, 3)
    x, y = points[..., 0], points[..., 1]
    row = np.floor(y / 0.12)
    edge = np.abs(y / 0.12 - row - 0.5)
    col = np.floor(x / 0.36 + row / 2)
    upright = np.abs(x / 0.36 + row / 2 - col - 0.5)
    shade = 0.5 + 0.1 * np.sin(37.7 * row + 12.9 * col)
    bricks = np.where((edge > 0.45) | (upright > 0.485), 0.78, shade)
    tiles = np.floor(points[..., 0] / 0.5) + np.floor(points[..., 2] / 0.5)
    ground = 0.42 + 0.16 * (tiles % 2)
    choices = [0.72 + 0 * x, 0.22 + 0 * x, bricks, ground, 0.55 + 0.3 * np.sign(np.sin(x * 25))]
    return np.clip(np.choose(material, choices) + grain, 0.02, 1)


def render(rows: npt.NDArray[np.float32], cols: npt.NDArray[np.float32]) -> Points:
    """Brightness of points of the picture, whose sides go from -1 to 1."""
    eye = np.array([-1.25, 1.75, -3.1], np.float32)
    ahead = np.array([1.35, 1.15, 1.0], np.float32) - eye
    ahead /= np.linalg.norm(ahead)
    right = np.cross([0, 1, 0], ahead)
    right /= np.linalg.norm(right)
    up = np.cross(ahead, right)
    ways = ahead + 0.55 * (cols[..., None] * right - rows[..., None] * up)
    ways = (ways / np.linalg.norm(ways, axis=-1, keepdims=True)).astype(np.float32)
    start = np.broadcast_to(eye, ways.shape)
    gone = march(start, ways, 30.0, 90)
    points = start + gone[..., None] * ways
    material = np.argmin(things(points), axis=0)
    step = 0.002
    axes = step * np.eye(3, dtype=np.float32)
    normal = np.stack([distance(points + e) - distance(points - e) for e in axes], -1)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-6)
    lifted = points + 0.01 * normal
    toward = np.broadcast_to(SUN, points.shape)
    lit = (march(lifted, toward, 8.0, 45) >= 7.9) * np.maximum(normal @ SUN, 0)
    open_sky = np.clip(distance(points + 0.25 * normal) / 0.25, 0, 1)
    light = 0.95 * lit + (0.18 + 0.22 * np.maximum(normal[..., 1], 0)) * (0.35 + 0.65 * open_sky)
    seen = colour(points, material) * light
    sky = gone > 29
    return np.where(sky, 0.85 - 0.15 * rows, seen)


def picture() -> npt.NDArray[np.uint8]:
    """The picture, (512, 512), uint8."""
    fine = SIZE * FINER
    places = ((np.arange(fine, dtype=np.float32) + 0.5) / fine * 2 - 1).astype(np.float32)
    bands = [
        render(*np.meshgrid(band, places, indexing="ij")) for band in np.array_split(places, 32)
    ]
    light = np.concatenate(bands).reshape(SIZE, FINER, SIZE, FINER).mean((1, 3))
    grain = np.random.default_rng(0).normal(0, 0.012, light.shape)
    return np.clip(255 * (light**0.6 + grain), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    file = Path(sys.argv[1] if len(sys.argv) > 1 else "src/galago/image/staircase.npz")
    np.savez_compressed(file, staircase=picture())
    print(f"{file}: {file.stat().st_size:,} bytes")
