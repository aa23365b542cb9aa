"""Where joined digits may be cut apart: the paths from top to bottom that cross the least ink.

Whether to cut, and where, is not to be seen in the ink alone: who calls this asks somebody who knows digits.
"""

import cv2
import numpy as np

from core.drawing.pieces import EDGE
from core.drawing.pixels import above

HEIGHT = 48  # rows in which paths are looked for; a stroke is some four of them wide
LEAST = 0.07  # of the height: a narrower part at either end is no digit
MOST_CUTS = 7, 18  # for a picture as wide as high, and for any
APART = 5.0  # columns of the reduced picture that two paths differ by on the mean
LEAN = 0.08  # ink that a step to the side costs as much as: straight cuts rather than crooked ones
SHARED = 0.04  # of the height: ink on either side of a path that both parts keep
DEEPEST = 0.5  # of the height: a path through more ink runs along a stroke


def candidate_cuts(ink: np.ndarray) -> list[np.ndarray]:
    """Paths that may part joined digits, from left to right.

    Args:
        ink: (height, width) uint8, cropped to what is joined.

    Returns:
        For each path the column of every row, (height,) int64; what is left of it belongs to the left part.
    """
    height, width = ink.shape
    columns = max(1, round(width * HEIGHT / height))
    small = cv2.resize(ink, (columns, HEIGHT), interpolation=cv2.INTER_AREA) / np.float32(255)
    rows = (np.arange(height) + 0.5) * HEIGHT / height - 0.5
    return [
        np.rint(np.interp(rows, np.arange(HEIGHT), path + 0.5) * width / columns).astype(np.int64)
        for path in _cheapest_paths(small)
    ]


def between(ink: np.ndarray, left: np.ndarray | None, right: np.ndarray | None) -> np.ndarray:
    """The ink from one path to another, None meaning the picture's side; (height, width) uint8.

    Where digits touch, both keep the ink on the path: strokes that lie on each other belong to both.
    """
    own = np.where(_inside(ink.shape, left, right, 0), ink, 0).astype(np.uint8)
    wide = np.where(_inside(ink.shape, left, right, round(SHARED * len(ink))), ink, 0).astype(np.uint8)
    count, pieces = cv2.connectedComponents(above(wide, EDGE))
    keep = np.zeros(count, np.uint8)
    keep[pieces[own > EDGE]] = 1  # a neighbour's stroke beside the path, which touches nothing, is not kept
    return cv2.bitwise_and(wide, wide, mask=cv2.dilate(keep[pieces], np.ones((3, 3), np.uint8)))


def crossed(ink: np.ndarray, path: np.ndarray) -> float:
    """How much ink lies on a path, as a fraction of the height."""
    rows = np.arange(len(ink))
    return float(ink[rows, np.clip(path, 0, ink.shape[1] - 1)].mean()) / 255


def _inside(
    shape: tuple[int, ...], left: np.ndarray | None, right: np.ndarray | None, margin: int
) -> np.ndarray:
    """Where the columns are between two paths or up to `margin` beyond: (height, width) booleans."""
    columns = np.arange(shape[1])
    inside = np.ones(shape, bool)
    if left is not None:
        inside &= columns >= left[:, np.newaxis] - margin
    if right is not None:
        inside &= columns < right[:, np.newaxis] + margin
    return inside


def _costs(ink: np.ndarray) -> np.ndarray:
    """The least ink that a path crosses from the first row to each place."""
    total = ink.copy()
    for row in range(1, len(ink)):
        before = np.pad(total[row - 1], 1, constant_values=np.inf)
        total[row] += np.minimum(before[1:-1], np.minimum(before[:-2], before[2:]) + LEAN)
    return total


def _path(costs: np.ndarray, column: int) -> np.ndarray:
    """The cheapest way from a column of the first row to the last row, each row's costs leading onward."""
    path = [column]
    for row in costs[1:]:
        steps = [place for place in (column, column - 1, column + 1) if 0 <= place < len(row)]
        column = min(steps, key=lambda place: row[place] + LEAN * (place != path[-1]))
        path.append(column)
    return np.array(path)


def _cheapest_paths(ink: np.ndarray) -> list[np.ndarray]:
    """The paths that cross the least ink, apart from each other and from the sides, from left to right."""
    above, below = _costs(ink), _costs(ink[::-1])[::-1]
    middle, columns = len(ink) // 2, ink.shape[1]
    through = above[middle] + below[middle] - ink[middle]
    most = min(MOST_CUTS[1], round(MOST_CUTS[0] * columns / HEIGHT))
    chosen: list[np.ndarray] = []
    for column in np.argsort(through, kind="stable"):
        if through[column] > DEEPEST * HEIGHT or len(chosen) >= most:
            break
        up, down = _path(above[: middle + 1][::-1], column), _path(below[middle:], column)
        path = np.concatenate([up[::-1], down[1:]])
        inside = LEAST * HEIGHT <= path.mean() < columns - LEAST * HEIGHT
        if inside and all(np.abs(path - other).mean() >= APART for other in chosen):
            chosen.append(path)
    return sorted(chosen, key=lambda path: float(path.mean()))
