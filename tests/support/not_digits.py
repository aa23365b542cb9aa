"""What is no digit: scribbles, shapes and clothes, made at random.

Scribbles and shapes are strokes (see `core.data.pen`) in a square of about 1 × 1; every function takes the
random generator that decides.
"""

from collections.abc import Callable

import numpy as np

from core.data.pen import Strokes

Rng = np.random.Generator
# Nobody takes one of these for a digit; others, such as O, l, S or Z, look like one.
UNMISTAKABLE = "AEFHKMNRTWXYaefhkmnrtuvwx#%&@?+=*"
Shape = Callable[[Rng], Strokes]


def smooth(points: np.ndarray, steps: int = 12) -> np.ndarray:
    """A curve through the points (Catmull and Rom 1974)."""
    ends = np.concatenate([points[:1], points, points[-1:]])
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = [
        0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
        for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False)
    ]
    return np.concatenate([*parts, points[-1:]])


# ── scribbles ───────────────────────────────────────────────────────────────────────


def _corners(rng: Rng) -> Strokes:
    return [rng.uniform(0, 1, (rng.integers(6, 18), 2))]


def _wandering(rng: Rng) -> Strokes:
    return [smooth(rng.uniform(0, 1, (rng.integers(7, 16), 2)))]


def _hatching(rng: Rng) -> Strokes:
    count = int(rng.integers(6, 16))
    across = np.linspace(0, 1, count) + rng.normal(0, 0.03, count)
    points = np.stack([across, np.arange(count) % 2 + rng.normal(0, 0.12, count)], axis=1)
    points[:, 1] *= rng.uniform(0.5, 1.3)
    points = points @ _turn(rng.uniform(0, 2 * np.pi))
    return [smooth(points) if rng.random() < 0.5 else points]


def _coil(rng: Rng) -> Strokes:
    loops = rng.integers(3, 8)
    t = np.linspace(0, 2 * np.pi * loops, 30 * int(loops))
    size = 0.5 + 0.25 * np.sin(t / rng.uniform(1.5, 5) + rng.uniform(0, 6))
    along = t * rng.uniform(0.08, 0.25)
    points = np.stack([along + size * np.cos(t), size * np.sin(t) * rng.uniform(0.7, 1.8)], axis=1)
    return [points @ _turn(rng.uniform(0, 2 * np.pi))]


def _wool(rng: Rng) -> Strokes:
    turns = rng.uniform(3.5, 9)
    t = np.linspace(0, 2 * np.pi * turns, int(40 * turns))
    angle = t + 0.6 * np.sin(t * rng.uniform(0.2, 0.9))
    radius = 0.6 + 0.4 * np.sin(t * rng.uniform(0.25, 0.8) + rng.uniform(0, 6))
    drift = np.stack([np.sin(t * 0.31 + rng.uniform(0, 6)), np.cos(t * 0.23 + rng.uniform(0, 6))], axis=1)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [radius[:, None] * circle + rng.uniform(0.1, 0.7) * drift]


def _roaming(rng: Rng) -> Strokes:
    """A pen that changes its heading at random; drawn until it has turned a good deal."""
    count = int(rng.integers(100, 260))
    turning = np.convolve(rng.normal(0, 1, count + 20), np.ones(21) / 4.6, "valid")
    heading = np.cumsum(rng.uniform(0.08, 0.22) * turning + rng.choice([-1, 1]) * rng.uniform(0, 0.12))
    return [np.cumsum(np.stack([np.cos(heading), np.sin(heading)], axis=1), axis=0)]


def _several(rng: Rng) -> Strokes:
    strokes = []
    for _ in range(rng.integers(3, 9)):
        start, end = rng.uniform(0, 1, (2, 2))
        bow = (start + end) / 2 + rng.normal(0, 0.15, 2)
        strokes.append(smooth(np.stack([start, bow, end])))
    return strokes


def _signature(rng: Rng) -> Strokes:
    count = int(rng.integers(7, 16))
    along = np.cumsum(rng.uniform(-0.1, 0.3, count))
    return [smooth(np.stack([along, rng.uniform(0, 1, count) ** 1.5], axis=1))]


SCRIBBLES: dict[str, Shape] = {
    "corners": _corners,
    "wandering": _wandering,
    "hatching": _hatching,
    "coil": _coil,
    "wool": _wool,
    "roaming": _roaming,
    "several strokes": _several,
    "signature": _signature,
}


# ── shapes ──────────────────────────────────────────────────────────────────────────


def _turn(angle: float) -> np.ndarray:
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _ring(
    count: int, start: float = -np.pi / 2, radius: float = 1, middle: tuple[float, float] = (0, 0)
) -> np.ndarray:
    """The corners of a regular polygon, the first one again at the end."""
    angles = start + np.linspace(0, 2 * np.pi, count + 1)
    return radius * np.stack([np.cos(angles), np.sin(angles)], axis=1) + middle


def _lines(*strokes: list[tuple[float, float]]) -> Strokes:
    return [np.array(stroke, float) for stroke in strokes]


def _triangle(rng: Rng) -> Strokes:
    return [_ring(3) * (rng.uniform(0.7, 1.3), 1)]


def _square(rng: Rng) -> Strokes:
    wide = rng.uniform(0.75, 1.6)
    return _lines([(0, 0), (wide, 0), (wide, 1), (0, 1), (0, 0)])


def _diamond(rng: Rng) -> Strokes:
    return [_ring(4) * (rng.uniform(0.7, 1.2), 1)]


def _polygon(rng: Rng) -> Strokes:
    return [_ring(int(rng.integers(5, 7)))]


def _star(rng: Rng) -> Strokes:
    points = int(rng.integers(4, 8))
    ring = _ring(2 * points)
    ring[1::2] *= rng.uniform(0.3, 0.55)
    return [ring]


def _pentagram(rng: Rng) -> Strokes:
    return [_ring(5)[[0, 2, 4, 1, 3, 0]]]


def _rays(rng: Rng) -> Strokes:
    """An asterisk, a plus, a cross."""
    arms = int(rng.integers(2, 5))
    start = rng.choice([0, np.pi / (2 * arms)])
    return [np.stack([one, -one]) for one in _ring(2 * arms, start)[:arms]]


def _heart(rng: Rng) -> Strokes:
    t = np.linspace(0, 2 * np.pi, 60)
    down = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
    return [np.stack([16 * np.sin(t) ** 3, -rng.uniform(0.85, 1.15) * down], axis=1)]


def _spiral(rng: Rng) -> Strokes:
    turns = rng.uniform(2.2, 5)
    t = np.linspace(0, 1, 150)
    angle = rng.uniform(0, 2 * np.pi) + rng.choice([-1, 1]) * 2 * np.pi * turns * t
    return [t[:, None] ** rng.uniform(0.7, 1.1) * np.stack([np.cos(angle), np.sin(angle)], axis=1)]


def _arrow(rng: Rng) -> Strokes:
    head = rng.uniform(0.2, 0.45)
    shaft = _lines([(0, 0), (1, 0)], [(1 - head, -head), (1, 0), (1 - head, head)])
    if rng.random() < 0.25:
        shaft += _lines([(head, -head), (0, 0), (head, head)])
    return [stroke @ _turn(rng.integers(8) * np.pi / 4) for stroke in shaft]


def _block_arrow(rng: Rng) -> Strokes:
    neck, body = rng.uniform(0.5, 0.7), rng.uniform(0.12, 0.25)
    outline = [
        (0, -body),
        (neck, -body),
        (neck, -0.5),
        (1, 0),
        (neck, 0.5),
        (neck, body),
        (0, body),
        (0, -body),
    ]
    return [np.array(outline) @ _turn(rng.integers(4) * np.pi / 2)]


def _zigzag(rng: Rng) -> Strokes:
    count = int(rng.integers(5, 10))
    points = np.stack([np.linspace(0, 1, count), np.arange(count) % 2 * rng.uniform(0.2, 0.7)], axis=1)
    return [points @ _turn(rng.choice([0, np.pi / 2]))]


def _wave(rng: Rng) -> Strokes:
    t = np.linspace(0, 2 * np.pi * rng.uniform(2, 4), 80)
    return [np.stack([t, rng.uniform(1.5, 4) * np.sin(t)], axis=1) @ _turn(rng.choice([0, np.pi / 2]))]


def _house(rng: Rng) -> Strokes:
    roof = rng.uniform(0.4, 0.9)
    walls = [(0, 0), (0, 1), (1, 1), (1, 0), (0.5, -roof), (0, 0)]
    strokes = _lines([*walls, (1, 0)] if rng.random() < 0.6 else walls)
    if rng.random() < 0.6:
        strokes += _lines([(0.4, 1), (0.4, 0.5), (0.65, 0.5), (0.65, 1)])
    if rng.random() < 0.4:
        strokes += _lines([(0.1, 0.2), (0.3, 0.2), (0.3, 0.4), (0.1, 0.4), (0.1, 0.2)])
    return strokes


def _grid(rng: Rng) -> Strokes:
    across, down = rng.integers(1, 4, 2) + 1
    verticals = [np.array([(x, 0), (x, 1)]) for x in np.linspace(0.15, 0.85, across)]
    return verticals + [np.array([(0, y), (1, y)]) for y in np.linspace(0.15, 0.85, down)]


def _bars(rng: Rng) -> Strokes:
    count = int(rng.integers(2, 6))
    bars = [np.array([(0, y), (1, y)]) for y in np.linspace(0, rng.uniform(0.4, 1.1), count)]
    return [bar @ _turn(rng.choice([0, np.pi / 2])) for bar in bars]


def _bolt(rng: Rng) -> Strokes:
    return _lines(
        [(0.6, 0), (0.1, 0.6), (0.45, 0.6), (0.3, 1.2), (0.9, 0.45), (0.5, 0.45), (0.8, 0), (0.6, 0)]
    )


def _moon(rng: Rng) -> Strokes:
    outer = np.linspace(0.3 * np.pi, 1.7 * np.pi, 40)
    arc = np.stack([np.cos(outer), np.sin(outer)], axis=1)
    inner = arc[::-1] * (rng.uniform(0.3, 0.6), 1) + (rng.uniform(0.2, 0.35), 0)
    return [np.concatenate([arc, inner, arc[:1]])]


def _cloud(rng: Rng) -> Strokes:
    bumps = int(rng.integers(5, 9))
    t = np.linspace(0, 2 * np.pi, 30 * bumps)
    radius = 1 + 0.25 * np.abs(np.sin(bumps * t / 2))
    return [np.stack([1.4 * radius * np.cos(t), radius * np.sin(t)], axis=1)]


def _flower(rng: Rng) -> Strokes:
    petals = int(rng.integers(4, 8))
    t = np.linspace(0, 2 * np.pi, 40 * petals)
    radius = 0.6 + 0.4 * np.cos(petals * t)
    flower = [np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1), _ring(20, 0, 0.2)]
    return flower + _lines([(0, 0.8), (0.1, 2.2)]) if rng.random() < 0.4 else flower


def _face(rng: Rng) -> Strokes:
    t = np.linspace(0.2 * np.pi, 0.8 * np.pi, 20)
    mouth = np.stack([0.6 * np.cos(t), rng.choice([-1, 1]) * 0.5 * np.sin(t) + 0.1], axis=1)
    eyes = [_ring(8, 0, rng.uniform(0.03, 0.14), (x, -0.3)) for x in (-0.35, 0.35)]
    return [_ring(40), *eyes, mouth]


def _sun(rng: Rng) -> Strokes:
    rays = int(rng.integers(6, 12))
    return [_ring(30, 0, 0.5), *(np.stack([0.65 * one, one]) for one in _ring(rays)[:-1])]


def _circles(rng: Rng) -> Strokes:
    """Two or three circles, one in the other or side by side; one with a cross inside."""
    inner = rng.uniform(0.3, 0.65)
    match rng.integers(3):
        case 0:
            return [_ring(40), _ring(40, 0, inner), _ring(40, 0, inner / 2)][: rng.integers(2, 4)]
        case 1:
            return [_ring(40), _ring(40, middle=(rng.uniform(0.9, 2.1), 0))]
        case _:
            return [_ring(40), *(np.stack([one, -one]) for one in _ring(4, rng.uniform(0, 1))[:2])]


def _tree(rng: Rng) -> Strokes:
    if rng.random() < 0.5:
        return [_ring(12) * (1, 0.8), *_lines([(-0.15, 0.8), (-0.2, 2)], [(0.15, 0.8), (0.2, 2)])]
    firs = [_ring(3) * (0.6 + 0.3 * level, 0.7) + (0, 0.9 * level) for level in range(rng.integers(2, 4))]
    return firs + _lines([(0, firs[-1][:, 1].max()), (0, firs[-1][:, 1].max() + 0.6)])


def _person(rng: Rng) -> Strokes:
    arms = rng.uniform(-0.4, 0.4)
    return [
        _ring(20, 0, 0.35),
        *_lines([(0, 0.35), (0, 1.5)], [(-0.6, 0.8 + arms), (0, 0.7), (0.6, 0.8 + arms)]),
        *_lines([(-0.5, 2.3), (0, 1.5), (0.5, 2.3)]),
    ]


def _fish(rng: Rng) -> Strokes:
    t = np.linspace(-0.8 * np.pi, 0.8 * np.pi, 40)
    body = np.stack([1.2 * np.cos(t), 0.6 * np.sin(t)], axis=1)
    tail = _lines([tuple(body[-1]), (-1.8, -0.6), (-1.8, 0.6), tuple(body[0])])
    return [np.concatenate([body, *tail])] + ([_ring(8, 0, 0.08, (0.6, -0.15))] if rng.random() < 0.6 else [])


def _envelope(rng: Rng) -> Strokes:
    wide = rng.uniform(1, 1.7)
    box = [(0, 0), (wide, 0), (wide, 1), (0, 1), (0, 0)]
    inside = [[(0, 0), (wide / 2, 0.6), (wide, 0)], [(0, 0), (wide, 1)]][rng.integers(2)]
    cross = _lines([(wide, 0), (0, 1)]) if len(inside) == 2 and rng.random() < 0.7 else []
    return _lines(box, inside) + cross


def _cube(rng: Rng) -> Strokes:
    face = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], float)
    away = np.array([rng.uniform(0.25, 0.5), -rng.uniform(0.25, 0.5)])
    return [face, face + away, *(np.stack([corner, corner + away]) for corner in face[:4])]


def _bow_tie(rng: Rng) -> Strokes:
    """An hourglass lying; one that stands is how some people write an eight."""
    return [np.array([(0, 0), (0, 1), (rng.uniform(1, 1.8), 0), (1.4, 1), (0, 0)])]


def _ladder(rng: Rng) -> Strokes:
    rungs = [np.array([(0, y), (0.5, y)]) for y in np.linspace(0.15, 1.35, rng.integers(3, 6))]
    return _lines([(0, 0), (0, 1.5)], [(0.5, 0), (0.5, 1.5)]) + rungs


def _stairs(rng: Rng) -> Strokes:
    steps = int(rng.integers(3, 6))
    points = [(x, y) for step in range(steps) for x, y in ((step, -step), (step + 1, -step))]
    return _lines(points)


def _tick(rng: Rng) -> Strokes:
    return _lines([(0, 0.5), (0.35, 1), (1, 0)])


def _infinity(rng: Rng) -> Strokes:
    t = np.linspace(0, 2 * np.pi, 60)
    return [np.stack([2 * np.sin(t), 0.9 * np.sin(2 * t)], axis=1)]


SHAPES: dict[str, Shape] = {
    maker.__name__.strip("_").replace("_", " "): maker
    for maker in (
        _triangle, _square, _diamond, _polygon, _star, _pentagram, _rays, _heart, _spiral, _arrow,
        _block_arrow, _zigzag, _wave, _house, _grid, _bars, _bolt, _moon, _cloud, _flower, _face, _sun,
        _circles, _tree, _person, _fish, _envelope, _cube, _bow_tie, _ladder, _stairs, _tick, _infinity,
    )
}  # fmt: skip


# ── shapes without a name ───────────────────────────────────────────────────────────


def _lobes(rng: Rng) -> Strokes:
    """A closed curve with three bulges and more; with fewer it would be a zero."""
    t = np.linspace(0, 2 * np.pi, 120)
    radius = np.ones_like(t)
    for waves in rng.choice(np.arange(3, 9), 2, replace=False):
        radius += rng.uniform(0.15, 0.4) * np.cos(waves * t + rng.uniform(0, 6))
    return [np.maximum(radius, 0.1)[:, None] * np.stack([np.cos(t), np.sin(t)], axis=1)]


def _corners_around(rng: Rng) -> Strokes:
    """A closed outline with a few corners, near and far; with many it would be a zero."""
    count = int(rng.integers(3, 7))
    angles = np.linspace(0, 2 * np.pi, count, endpoint=False) + rng.uniform(-0.35, 0.35, count) * 6 / count
    corners = rng.uniform(0.35, 1, count)[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return [np.concatenate([corners, corners[:1]])]


def _band(rng: Rng) -> Strokes:
    """The outline of a broad line with bends, as a bolt's or a ribbon's."""
    count = int(rng.integers(5, 8))
    points = np.stack([np.arange(count) % 2 * rng.uniform(0.4, 1.2), np.linspace(0, 2, count)], axis=1)
    points += rng.normal(0, 0.15, points.shape)
    away = np.array([rng.uniform(0.25, 0.7), rng.uniform(-0.2, 0.2)])
    taper = np.linspace(rng.uniform(0.1, 1), rng.uniform(0.1, 1), count)[:, None]
    outline = np.concatenate([points - taper * away, (points + taper * away)[::-1]])
    return [np.concatenate([outline, outline[:1]]) @ _turn(rng.uniform(0, 2 * np.pi))]


NAMELESS: dict[str, Shape] = {"lobes": _lobes, "corners around": _corners_around, "band": _band}
FILLED = ("triangle", "square", "diamond", "polygon", "star", "heart", "block arrow", "house", "bolt", "moon",
          "cloud", "bow tie", "fish", "tree", *NAMELESS)  # fmt: skip
