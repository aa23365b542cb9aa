"""Lines of ruled and squared paper: found across a picture, and filled with what lies beside them."""

import cv2
import numpy as np

MOST_TILT = 20  # degrees that paper may lie askew
SPAN = 0.75  # of the picture's side: a line that long is no stroke of a digit beside others as long


def without_ruling(grey: np.ndarray, ink: np.ndarray) -> np.ndarray | None:
    """The picture without lines that run through it, None where there are none.

    Args:
        grey: (height, width) uint8.
        ink: what differs from the paper in it, lines and all, (height, width) uint8.

    Returns:
        Like `grey`; on a line, what lies across it: paper, or the stroke that it crosses.
    """
    mask = (ink > 90).astype(np.uint8)
    lines = np.zeros_like(mask)
    for upright in (False, True):
        lines |= _ruling(mask.T if upright else mask).T if upright else _ruling(mask)
    if not lines.any():
        return None
    return cv2.inpaint(grey, lines, 3, cv2.INPAINT_TELEA)


def _ruling(mask: np.ndarray) -> np.ndarray:
    """Pixels of nearly horizontal lines, without those where something crosses them."""
    mask = np.ascontiguousarray(mask)
    height, width = mask.shape
    tilt = _tilt(mask)
    if tilt is None:
        return np.zeros_like(mask)
    centre = (width / 2, height / 2)
    level = cv2.warpAffine(
        mask, cv2.getRotationMatrix2D(centre, tilt, 1), (width, height), flags=cv2.INTER_NEAREST
    )
    found = _level_lines(level)
    back = cv2.getRotationMatrix2D(centre, -tilt, 1)
    return cv2.warpAffine(found, back, (width, height), flags=cv2.INTER_NEAREST)


def _tilt(mask: np.ndarray) -> float | None:
    """Degrees by which the longest lines near the horizontal are turned, None without one."""
    need = max(30, int(SPAN * mask.shape[1]))
    spread = np.deg2rad(MOST_TILT)
    lines = cv2.HoughLines(
        mask * np.uint8(255),
        1,
        np.deg2rad(0.5),
        need,
        min_theta=np.pi / 2 - spread,
        max_theta=np.pi / 2 + spread,
    )
    if lines is None:
        return None
    best = lines.reshape(-1, lines.shape[-1])[:8, 1]  # the strongest come first
    return float(np.rad2deg(np.median(best) - np.pi / 2))


def _level_lines(mask: np.ndarray) -> np.ndarray:
    """Horizontal runs of lines that cross the picture, except where ink crosses them."""
    width = mask.shape[1]
    thick = np.ones((3, 1), np.uint8)  # a line that wanders by a pixel is still one
    joined = cv2.morphologyEx(
        cv2.dilate(mask, thick), cv2.MORPH_CLOSE, np.ones((1, max(3, width // 20)), np.uint8)
    )
    long_ = cv2.morphologyEx(joined, cv2.MORPH_OPEN, np.ones((1, max(9, int(SPAN * width))), np.uint8))
    near = mask & long_
    if not near.any():
        return near
    heights = _run_heights(mask)
    typical = np.median(heights[near > 0])
    return cv2.dilate(near & (heights <= 1.6 * typical + 1).astype(np.uint8), thick)


def _run_heights(mask: np.ndarray) -> np.ndarray:
    """For each pixel of the mask, how many pixels of it lie above each other there."""
    count = np.zeros(mask.shape, np.float32)
    total = np.zeros(mask.shape[1], np.float32)
    for row in range(mask.shape[0]):
        total = (total + 1) * mask[row]
        count[row] = total
    total = np.zeros(mask.shape[1], np.float32)
    for row in range(mask.shape[0] - 1, -1, -1):
        total = np.maximum(total, count[row]) * mask[row]
        count[row] = total
    return count
