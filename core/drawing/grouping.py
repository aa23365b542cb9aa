"""Which pieces of ink make one digit: those above each other, and those too low to be one by themselves."""

from dataclasses import dataclass

import cv2
import numpy as np

from core.drawing.pieces import EDGE, MOST_PIECES
from core.drawing.pixels import above

TALL = 0.45  # of the tallest piece: what is lower is a part of its neighbour, such as a five's bar
BREAK = 0.04  # of the tallest piece: a narrower gap is a break in a faint stroke


@dataclass
class Group:
    """Pieces that are one digit: their labels, and the columns and rows that they span."""

    labels: list[int]
    left: int
    right: int
    height: int

    def take(self, other: "Group") -> None:
        """Adds another group's pieces."""
        self.labels += other.labels
        self.left, self.right = min(self.left, other.left), max(self.right, other.right)
        self.height = max(self.height, other.height)

    def overlap(self, other: "Group") -> float:
        """Shared width as a fraction of the narrower one; a gap counts as negative."""
        shared = min(self.right, other.right) - max(self.left, other.left)
        return shared / min(self.right - self.left, other.right - other.left)


def digit_masks(ink: np.ndarray) -> list[np.ndarray]:
    """Where each digit's ink is, from left to right; at most `MOST_PIECES` pieces are looked at.

    Args:
        ink: (height, width) uint8, white on black.

    Returns:
        Masks (height, width) uint8, 1 where the digit is; none if there is no ink.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(above(ink, EDGE))
    pieces = _pieces(stats)
    if not pieces:
        return []
    tallest = max(piece.height for piece in pieces)
    groups: list[Group] = []
    for piece in sorted(pieces, key=lambda piece: (piece.left, piece.right)):
        if piece.height >= TALL * tallest:
            _join(groups, piece, tallest)
    for piece in pieces:
        if piece.height < TALL * tallest:
            max(groups, key=piece.overlap).take(piece)
    groups.sort(key=lambda group: group.left)
    return [_mask(labels, group, len(stats)) for group in groups]


def _pieces(stats: np.ndarray) -> list[Group]:
    """The largest pieces, without specks, each as a group of its own."""
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MOST_PIECES]
    return [
        Group([int(at) + 1], int(left), int(left + width), int(height))
        for at in order
        for left, _, width, height, area in [stats[at + 1]]
        if area >= 0.01 * areas[order[0]]
    ]


def _join(groups: list[Group], piece: Group, tallest: int) -> None:
    """Adds the piece to the group that it lies above, below or broken off from, or as a new one."""
    partner = max(groups, key=piece.overlap, default=None)
    if partner is not None and (piece.overlap(partner) > 0.5 or _broken_off(piece, partner, tallest)):
        partner.take(piece)
    else:
        groups.append(piece)


def _broken_off(piece: Group, partner: Group, tallest: int) -> bool:
    gap = max(piece.left, partner.left) - min(piece.right, partner.right)
    return gap < BREAK * tallest and min(piece.height, partner.height) < 0.7 * tallest


def _mask(labels: np.ndarray, group: Group, count: int) -> np.ndarray:
    """The group's pixels and the soft edge around them."""
    own = np.zeros(count, np.uint8)
    own[group.labels] = 1
    return cv2.dilate(own[labels], np.ones((3, 3), np.uint8))
