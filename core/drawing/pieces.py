"""Pieces of ink: which belong to digits, and which are specks, frames, lines or run in from the edge."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from core.drawing.pixels import above

EDGE = 51  # of 255: where a stroke's soft edge counts as begun
MOST_PIECES = 64  # the largest are looked at; a page of dots has a hundred thousand
MOST_FRAMES = 8  # one in another; as many pieces inside are looked at
SPECK = 0.03  # of the largest piece's area; what is smaller is no stroke of a digit


@dataclass(frozen=True, eq=False)
class Piece:
    """A connected piece of ink: its number among the labels, its box and area in pixels, its pixels."""

    label: int
    left: int
    top: int
    width: int
    height: int
    area: int
    mask: np.ndarray  # (height, width) uint8, 1 where the piece is

    @property
    def right(self) -> int:
        """Behind its last column."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """Below its last row."""
        return self.top + self.height

    @cached_property
    def outline(self) -> np.ndarray:
        """The convex hull's corners, (N, 1, 2) int32 from the top left of its box."""
        outlines, _ = cv2.findContours(self.mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        return cv2.convexHull(np.concatenate(outlines))

    @property
    def longest(self) -> int:
        """The longer side of its box."""
        return max(self.width, self.height)


@dataclass(frozen=True)
class Box:
    """Where several pieces lie together."""

    left: int
    top: int
    right: int
    bottom: int


def box_around(pieces: list[Piece]) -> Box:
    """The smallest box that holds them (one piece or more)."""
    return Box(
        min(piece.left for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
    )


def digits_only(ink: np.ndarray, *, drawn: bool) -> np.ndarray:
    """The ink without what is not part of a digit.

    Args:
        ink: (height, width) uint8.
        drawn: whether this is a drawing of two levels, where a stroke may well run into the edge.
    """
    count, labels, stats, _ = cv2.connectedComponentsWithStats(above(ink, EDGE))
    if count < 2:
        return np.zeros_like(ink)
    pieces = _largest(labels, stats)
    pieces = _not_along_the_edge(pieces, ink.shape) if drawn else _off_the_edge(pieces, ink.shape)
    pieces = _without_specks(pieces)
    for choose in (_without_frames, _without_combs, _without_bars, _without_dashes, _without_specks):
        pieces = choose(pieces)
    if len(pieces) == count - 1:
        return ink
    keep = np.zeros(count, np.uint8)
    keep[[piece.label for piece in pieces]] = 255
    return cv2.min(ink, cv2.dilate(keep[labels], np.ones((3, 3), np.uint8)))


def _largest(labels: np.ndarray, stats: np.ndarray) -> list[Piece]:
    areas = stats[1:, cv2.CC_STAT_AREA]
    order = np.argsort(-areas, kind="stable")[:MOST_PIECES] + 1
    pieces = []
    for label in order:
        left, top, width, height, area = (int(value) for value in stats[label])
        mask = (labels[top : top + height, left : left + width] == label).astype(np.uint8)
        pieces.append(Piece(int(label), left, top, width, height, area, mask))
    return pieces


# ── the edge, specks ────────────────────────────────────────────────────────────────


def _touches(piece: Piece, shape: tuple[int, ...]) -> bool:
    return piece.left == 0 or piece.top == 0 or piece.right == shape[1] or piece.bottom == shape[0]


def _off_the_edge(pieces: list[Piece], shape: tuple[int, ...]) -> list[Piece]:
    """Without what runs in from the edge, unless there is nothing else."""
    inside = [piece for piece in pieces if not _touches(piece, shape)]
    longest = max((piece.longest for piece in inside), default=0)
    return inside if longest >= 0.1 * max(shape) else pieces


def _contact(piece: Piece, shape: tuple[int, ...]) -> float:
    """The largest share of a side of the picture that the piece covers."""
    sides = (
        (piece.left == 0, piece.mask[:, 0], shape[0]),
        (piece.right == shape[1], piece.mask[:, -1], shape[0]),
        (piece.top == 0, piece.mask[0], shape[1]),
        (piece.bottom == shape[0], piece.mask[-1], shape[1]),
    )
    return max((float(line.sum()) / length for at, line, length in sides if at), default=0.0)


def _runs_through(piece: Piece, shape: tuple[int, ...]) -> bool:
    return (piece.left == 0 and piece.right == shape[1]) or (piece.top == 0 and piece.bottom == shape[0])


def _not_along_the_edge(pieces: list[Piece], shape: tuple[int, ...]) -> list[Piece]:
    """Without what lies along the edge, or runs from edge to edge: frames, a scanner's strip, lines."""
    others = [piece for piece in pieces if _contact(piece, shape) < 0.25 and not _runs_through(piece, shape)]
    longest = max((piece.longest for piece in others), default=0)
    return others if longest >= 0.1 * max(shape) else pieces


def _without_specks(pieces: list[Piece]) -> list[Piece]:
    least = SPECK * max((piece.area for piece in pieces), default=0)
    return [piece for piece in pieces if piece.area >= least]


# ── frames ──────────────────────────────────────────────────────────────────────────


def _without_frames(pieces: list[Piece]) -> list[Piece]:
    """Without boxes and circles round digits, from the outermost to the innermost."""
    for piece in sorted(pieces, key=lambda piece: -piece.width * piece.height)[:MOST_FRAMES]:
        others = [other for other in pieces if other is not piece][:MOST_FRAMES]  # the largest first
        inside = [other for other in others if _encloses(piece, other)]
        if inside and _is_frame(piece, max(inside, key=lambda other: other.area)):
            pieces = [other for other in pieces if other is not piece]
    return pieces


def _encloses(outer: Piece, inner: Piece) -> bool:
    """Whether a piece large enough to be a digit lies amid the outer one, open at one side at most."""
    if inner.longest < 0.35 * min(outer.width, outer.height):
        return False
    across = outer.left < inner.left and inner.right < outer.right
    down = outer.top < inner.bottom - 0.7 * inner.height and inner.bottom < outer.bottom
    return across and down and _covered_angles(outer, inner) >= 0.7


def _covered_angles(outer: Piece, inner: Piece) -> float:
    """The share of directions in which the outer piece lies, seen from the middle of the inner one."""
    y, x = np.nonzero(outer.mask)
    from_middle = np.arctan2(
        y + outer.top - inner.top - inner.height / 2, x + outer.left - inner.left - inner.width / 2
    )
    return float(np.mean(np.histogram(from_middle, 36, (-np.pi, np.pi))[0] > 0))


def _is_frame(outer: Piece, inner: Piece) -> bool:
    if _straight_share(outer) > 0.8:
        return True
    large = inner.height >= 0.4 * outer.height  # a six's end lies in its own loop, and is smaller
    return large and _hull_share(outer) > 0.92 and not _is_slash_in_a_zero(outer, inner)


def _hull_share(piece: Piece) -> float:
    """The share of its pixels that lie along its convex hull, within a stroke's width and a wobble."""
    room = cv2.copyMakeBorder(piece.mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    filled = cv2.fillConvexPoly(np.zeros_like(room), piece.outline + 1, 1)
    depth = cv2.distanceTransform(filled, cv2.DIST_L2, 5)[room > 0]
    own = cv2.distanceTransform(room, cv2.DIST_L2, 5)
    pen = 2 * float(own.max())
    return float((depth <= pen + 0.06 * min(piece.width, piece.height)).mean())


def _is_slash_in_a_zero(outer: Piece, inner: Piece) -> bool:
    """A leaning bar in an oval is a slashed zero; an upright one in a circle is a one."""
    lean = _bar(inner)[2]
    _, (one, other), _ = cv2.minAreaRect(inner.outline)
    if max(one, other) < 2.5 * min(one, other):
        return False
    (_, (one, other), _) = cv2.minAreaRect(outer.outline)
    boxy = _filled_area(outer) > 0.95 * one * other
    round_ = min(one, other) > 0.9 * max(one, other)
    return not boxy and not (round_ and abs(lean) < 35)


def _filled_area(piece: Piece) -> float:
    return float(cv2.contourArea(piece.outline))


def _straight_share(piece: Piece) -> float:
    """The share of its pixels that lie on straight lines along or across its box."""
    mask = _upright(piece)
    longest = max(mask.shape)
    along = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, max(3, longest // 3)), np.uint8))
    across = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((max(3, mask.shape[0] // 2), 1), np.uint8))
    straight = cv2.dilate(cv2.max(along, across), np.ones((3, 3), np.uint8)) & mask
    return float(straight.sum()) / max(1, int(mask.sum()))


def _upright(piece: Piece) -> np.ndarray:
    """Its mask turned so that the sides of the smallest box around it are level."""
    _, _, angle = cv2.minAreaRect(piece.outline)
    angle = (angle + 45) % 90 - 45
    if abs(angle) < 0.5 or abs(angle) > 30:
        return piece.mask
    room = piece.longest // 2
    framed = cv2.copyMakeBorder(piece.mask, room, room, room, room, cv2.BORDER_CONSTANT)
    centre = framed.shape[1] / 2, framed.shape[0] / 2
    matrix = cv2.getRotationMatrix2D(centre, angle, 1)
    turned = cv2.warpAffine(framed, matrix, framed.shape[::-1], flags=cv2.INTER_NEAREST)
    left, top, width, height = cv2.boundingRect(turned)
    return turned[top : top + height, left : left + width]


# ── lines beside a digit ────────────────────────────────────────────────────────────


def _bar(piece: Piece) -> tuple[float, float, float]:
    """How many times longer than wide it is, its length, and by how many degrees it leans from upright.

    The first is 0 for a piece that does not fill its smallest box: no bar.
    """
    _, (one, other), angle = cv2.minAreaRect(piece.outline)
    long_, short = max(one, other) + 1, min(one, other) + 1
    lean = angle if other >= one else angle - 90
    lean = (lean + 90) % 180 - 90
    return (long_ / short if piece.area > 0.6 * long_ * short else 0.0), long_, lean


def _without_combs(pieces: list[Piece]) -> list[Piece]:
    """Without the cells of a form: straight lines as wide as all else together and below it."""
    for piece in pieces:
        rest = [other for other in pieces if other is not piece]
        if not rest or _bar(piece)[0]:
            continue
        box = box_around([other for other in rest if other.longest > 0.2 * piece.longest] or rest)
        shared = min(piece.right, box.right) - max(piece.left, box.left)
        if (
            shared >= 0.9 * (box.right - box.left)
            and piece.width > 1.1 * (box.right - box.left)
            and piece.bottom > box.bottom
            and _straight_share(piece) > 0.8
        ):
            return rest
    return pieces


def _without_bars(pieces: list[Piece]) -> list[Piece]:
    """Without lines under, over or through what else there is."""
    bars = {piece.label: _bar(piece) for piece in pieces}
    level = [piece for piece in pieces if bars[piece.label][0] >= 2.5 and abs(bars[piece.label][2]) > 65]
    rest = [piece for piece in pieces if piece not in level]
    if not level or not rest:
        return pieces
    box = box_around([piece for piece in rest if piece.longest > 0.3 * max(p.longest for p in rest)])
    wide, high = box.right - box.left, box.bottom - box.top
    kept = []
    for piece in level:
        middle = piece.top + piece.height / 2
        under = middle > box.bottom - 0.05 * high
        over = middle < box.top - 0.25 * high or (middle < box.top and piece.width > 1.2 * wide)
        through = piece.width > 1.8 * wide
        if not (under or over or through):
            kept.append(piece)
    return [piece for piece in pieces if piece in rest or piece in kept]


def _without_dashes(pieces: list[Piece]) -> list[Piece]:
    """Without small pieces that are many or lie apart: dashed and dotted lines, dirt."""
    longest = max((piece.longest for piece in pieces), default=0)
    large = [piece for piece in pieces if piece.longest >= 0.3 * longest]
    small = [piece for piece in pieces if piece.longest < 0.3 * longest]
    if len(small) >= 6:
        return large
    room = 0.2 * longest
    boxes = [box_around([piece]) for piece in large]
    near = [
        piece
        for piece in small
        if any(
            piece.left < box.right + room
            and piece.right > box.left - room
            and piece.top < box.bottom + room
            and piece.bottom > box.top - room
            for box in boxes
        )
    ]
    return [piece for piece in pieces if piece in large or piece in near]
