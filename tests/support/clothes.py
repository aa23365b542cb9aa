"""Clothes and textures, made at random: large grey areas, as Fashion-MNIST's pictures are.

Each picture is (224, 224) uint8, the piece light on black.
"""

import cv2
import numpy as np

SIDE = 224
Rng = np.random.Generator


def cloth(rng: Rng) -> np.ndarray:
    """One piece of clothing of any kind: its outline filled with a pattern, folds and seams."""
    outline = CLOTHES[rng.integers(len(CLOTHES))](rng)
    pieces = [_placed(piece) for piece in outline]
    mask = np.zeros((SIDE, SIDE), np.uint8)
    cv2.fillPoly(mask, pieces, 255, cv2.LINE_AA)
    picture = pattern(rng) * (mask / 255.0)
    for piece in pieces:  # seams
        level = rng.uniform(0, 255)
        cv2.polylines(picture, [piece], True, level, int(rng.integers(1, 6)), cv2.LINE_AA)
    return picture.clip(0, 255).astype(np.uint8)


def pattern(rng: Rng) -> np.ndarray:
    """Stripes, checks, spots, folds or plain, from dark to light: (224, 224) floats."""
    down, across = np.mgrid[0 : 1 : SIDE * 1j, 0 : 1 : SIDE * 1j]
    level, contrast = rng.uniform(60, 230), rng.uniform(10, 120)
    angle, waves = rng.uniform(0, np.pi), rng.uniform(2, 14)
    along = np.cos(angle) * across + np.sin(angle) * down
    beside = np.cos(angle) * down - np.sin(angle) * across
    match rng.integers(5):
        case 0:
            change = np.sign(np.sin(2 * np.pi * waves * along))
        case 1:
            change = np.sin(2 * np.pi * waves * along) * np.sin(2 * np.pi * waves * beside)
        case 2:
            change = texture(rng)
        case 3:
            change = along - 0.5
        case _:
            change = np.zeros_like(along)
    folds = 15 * texture(rng)
    return (level + contrast * change + folds).clip(20, 255)


def texture(rng: Rng) -> np.ndarray:
    """Noise of one or two sizes, mean 0, spread 1: (224, 224) floats."""
    total = np.zeros((SIDE, SIDE))
    for _ in range(rng.integers(1, 3)):
        cells = int(np.exp(rng.uniform(np.log(4), np.log(60))))
        noise = rng.normal(0, 1, (cells, cells)).astype(np.float32)
        total += cv2.resize(noise, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    return (total - total.mean()) / total.std()


def _placed(points: np.ndarray) -> np.ndarray:
    """Unit coordinates, -1 to 1, as pixels."""
    return np.rint((points + 1) * (SIDE - 1) / 2).astype(np.int32)


def _mirrored(*half: tuple[float, float]) -> np.ndarray:
    """The outline whose right half is given from top to bottom."""
    right = np.array(half)
    return np.concatenate([right, right[::-1] * (-1, 1)]).clip(-1, 1)


def _shirt(rng: Rng) -> list[np.ndarray]:
    """T-shirt, pullover, coat: body with sleeves of any length."""
    sleeve, width, neck = rng.uniform(0, 1), rng.uniform(0.4, 0.6), rng.uniform(0.15, 0.3)
    hand, down = (0.7 + 0.3 * sleeve, -0.55 + 1.4 * sleeve)
    body = _mirrored(
        (neck, -0.95), (width + 0.05, -0.85), (hand, down), (hand - 0.25, down + 0.1),
        (width, -0.35), (width + rng.uniform(-0.05, 0.15), 0.95),
    )  # fmt: skip
    front = np.array([(0, -0.9), (0.02, -0.9), (0.02, 0.95), (0, 0.95)])
    return [body, front] if rng.random() < 0.4 else [body]


def _dress(rng: Rng) -> list[np.ndarray]:
    top, waist, hem = rng.uniform(0.15, 0.35), rng.uniform(0.1, 0.3), rng.uniform(0.25, 0.75)
    return [_mirrored((top, -1), (top, -0.7), (waist, -0.2), (hem, 1))]


def _trousers(rng: Rng) -> list[np.ndarray]:
    hip, knee, gap = rng.uniform(0.25, 0.4), rng.uniform(0.3, 0.5), rng.uniform(0.03, 0.2)
    return [_mirrored((hip, -1), (knee, 1), (gap, 1), (0.02, rng.uniform(-0.6, -0.2)))]


def _bag(rng: Rng) -> list[np.ndarray]:
    width, top = rng.uniform(0.6, 1), rng.uniform(-0.4, 0)
    body = _mirrored((width * rng.uniform(0.7, 1), top), (width, 0.9))
    high, wide = rng.uniform(-1, top - 0.2), rng.uniform(0.3, 0.6)
    handle = _mirrored((wide, top), (wide, high), (wide - 0.1, high), (wide - 0.1, top))
    return [body, handle]


def _shoe(rng: Rng) -> list[np.ndarray]:
    """Sneaker or ankle boot, seen from the side."""
    shaft, toe, sole = rng.uniform(-0.9, 0.1), rng.uniform(0.1, 0.4), rng.uniform(0.05, 0.2)
    points = [(-0.95, shaft), (-0.2, shaft), (0.1, 0.1), (0.95, toe), (1, 0.6), (-0.95, 0.6)]
    bottom = [(-0.95, 0.6), (1, 0.6), (1, 0.6 + sole), (-0.95, 0.6 + sole)]
    side = rng.choice([-1, 1])
    return [np.array(points) * (side, 1), np.array(bottom) * (side, 1)]


def _sandal(rng: Rng) -> list[np.ndarray]:
    heel = rng.uniform(0.1, 0.8)
    side = rng.choice([-1, 1])
    sole = np.array([(-0.95, 0.8 - heel), (0, 0.7), (1, 0.7), (1, 0.8), (0, 0.82), (-0.95, 0.95 - heel)])
    prop = np.array([(-0.95, 0.8 - heel), (-0.8, 0.8 - heel), (-0.8, 0.85), (-0.9, 0.85)])
    straps = []
    for _ in range(rng.integers(2, 5)):
        foot, top = rng.uniform(-0.9, 0.8), rng.uniform(-0.5, 0.3)
        straps.append(np.array([(foot, 0.7), (foot + 0.12, 0.7), (foot - 0.2, top), (foot - 0.35, top)]))
    return [(piece * (side, 1)).clip(-1, 1) for piece in (sole, prop, *straps)]


CLOTHES = (_shirt, _shirt, _shirt, _dress, _trousers, _bag, _shoe, _shoe, _sandal)
