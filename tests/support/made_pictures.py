"""Pictures as people have them, made: a digit's ink on paper, boards, forms and tables, under any light.

Every kind takes a digit's ink (height, width) float32 from 0 to 1, a strength from 0 (mild) to 2 (strong)
and a random generator; it returns the picture (uint8, grey or RGB) and the ink as it lies in it.
"""

from collections.abc import Callable

import cv2
import numpy as np

from support.made_digits import (
    INKS,
    PAPERS,
    as_jpeg,
    box_of,
    coordinates,
    grey_on_white,
    on_paper,
    slope,
    soft_noise,
    some_pen,
    turned,
)

Made = tuple[np.ndarray, np.ndarray]
Kind = Callable[[np.ndarray, int, np.random.Generator], Made]

KINDS: dict[str, Kind] = {}
PEN_OF: dict[str, tuple[str, ...]] = {}  # the pens that fit a kind; else any
ANY_PEN = ("ballpoint", "felt", "marker")


def kind(*pens: str) -> Callable[[Kind], Kind]:
    """Enters a kind of picture under its function's name, with the pens that fit it."""

    def enter(make: Kind) -> Kind:
        name = make.__name__.replace("_", " ")
        KINDS[name], PEN_OF[name] = make, pens or ANY_PEN
        return make

    return enter


# ── evenly lit, with something at the edge ──────────────────────────────────────────


@kind()
def edge_strip(ink, strength, rng):
    """A scanner's dark strip along a part of one edge."""
    picture = grey_on_white(ink)
    side = int(rng.integers(4))
    rows = np.rot90(picture, side)  # a view: the strip is drawn into the picture
    rows[: 2 + 3 * strength, : round(rows.shape[1] * rng.uniform(0.3, 1))] = rng.integers(0, 60)
    return picture, ink


@kind()
def specks(ink, strength, rng):
    """Dust of a scanner."""
    picture = grey_on_white(ink)
    for _ in range(5 + 15 * strength):
        y, x = (int(rng.integers(0, edge)) for edge in picture.shape)
        radius = int(rng.integers(0, 2 + strength))
        cv2.circle(picture, (x, y), radius, int(rng.integers(0, 150)), -1)
    return picture, ink


@kind()
def shading_at_an_edge(ink, strength, rng):
    """A copy that darkens towards one edge."""
    rise = rng.uniform(0.05, 0.3)
    _, y = coordinates(ink.shape)
    y = np.rot90(y, int(rng.integers(4))) if ink.shape[0] == ink.shape[1] else y
    light = np.clip((0.75 - 0.15 * strength) + y / rise * 0.5, 0, 1)
    return (grey_on_white(ink) * light).astype(np.uint8), ink


@kind()
def pale_ink(ink, strength, rng):
    """Faint toner, and specks fainter still."""
    level = (150, 180, 200)[strength]
    picture = grey_on_white(ink, level)
    for _ in range(3 + 4 * strength):
        y, x = (int(rng.integers(0, edge - 3)) for edge in picture.shape)
        picture[y : y + 2, x : x + 2] = 255 - (255 - level) // 2
    return picture, ink


# ── frames and lines ────────────────────────────────────────────────────────────────


def framed(ink, thickness, rng):
    picture = grey_on_white(ink, rng.choice([0, 60, 100]))
    height, width = picture.shape
    inset = int(rng.choice([0, 0, 3, 12]))
    corners = (inset, inset), (width - 1 - inset, height - 1 - inset)
    cv2.rectangle(picture, *corners, 0, thickness)
    return (255 - picture if rng.random() < 0.4 else picture), ink


@kind()
def thin_frame(ink, strength, rng):
    """A window's or a plot's frame, dark or white on black."""
    return framed(ink, 1 + strength, rng)


@kind()
def thick_frame(ink, strength, rng):
    return framed(ink, 6 + 8 * strength, rng)


def pen_width(ink) -> int:
    """As thick as the digit's own stroke, more or less."""
    inside = cv2.distanceTransform((ink > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    return max(1, round(4 * (inside[inside > 0].mean() - 0.5))) if inside.any() else 2


def with_lines(ink, draw, rng, dark=0) -> np.ndarray:
    """The ink on white with lines drawn over it, lines as dark as that."""
    lines = np.zeros((ink.shape[0] * 2, ink.shape[1] * 2), np.uint8)
    draw(lines)
    lines = cv2.resize(lines, ink.shape[::-1], interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.minimum(grey_on_white(ink), grey_on_white(lines, dark))


def around(ink, gap: float) -> tuple[tuple[int, int], tuple[int, int]]:
    """Twice the corners of a box around the ink (for `with_lines`)."""
    left, top, width, height = box_of(ink)
    away = gap * max(width, height)
    return (
        (round(2 * (left - away)), round(2 * (top - away))),
        (round(2 * (left + width + away)), round(2 * (top + height + away))),
    )


def line_width(ink, strength, rng) -> int:
    """From thin print to the digit's own pen."""
    return max(2, round(2 * pen_width(ink) * (0.3, 0.6, 1.0)[strength]))


@kind()
def underline(ink, strength, rng):
    thick = line_width(ink, strength, rng)
    (left, _), (right, bottom) = around(ink, rng.uniform(0.06, 0.18))
    bottom += thick // 2
    longer, tilt = (
        round(rng.uniform(0, 0.4) * (right - left)),
        round(rng.uniform(-0.05, 0.05) * (right - left)),
    )
    ends = (left - longer, bottom + max(tilt, 0)), (right + longer, bottom - min(tilt, 0))
    return with_lines(ink, lambda lines: cv2.line(lines, *ends, 255, thick), rng), ink


@kind()
def box(ink, strength, rng):
    corners = around(ink, rng.uniform(0.1, 0.25))
    thick = line_width(ink, strength, rng)
    return with_lines(ink, lambda lines: cv2.rectangle(lines, *corners, 255, thick), rng), ink


@kind()
def circle(ink, strength, rng):
    (left, top), (right, bottom) = around(ink, rng.uniform(0.25, 0.35))
    centre = (left + right) // 2, (top + bottom) // 2
    longest = max(right - left, bottom - top) / 2 * 1.05
    axes = round(longest * rng.uniform(0.9, 1.05)), round(longest)
    thick = line_width(ink, strength, rng)
    return with_lines(ink, lambda lines: cv2.ellipse(lines, centre, axes, 0, 0, 360, 255, thick), rng), ink


@kind()
def dashed_box(ink, strength, rng):
    (left, top), (right, bottom) = around(ink, rng.uniform(0.12, 0.25))
    dash, thick = round(rng.uniform(0.05, 0.12) * (right - left)), line_width(ink, strength, rng)

    def draw(lines):
        for x in range(left, right, 2 * dash):
            for y in (top, bottom):
                cv2.line(lines, (x, y), (min(x + dash, right), y), 255, thick)
        for y in range(top, bottom, 2 * dash):
            for x in (left, right):
                cv2.line(lines, (x, y), (x, min(y + dash, bottom)), 255, thick)

    return with_lines(ink, draw, rng), ink


@kind()
def comb(ink, strength, rng):
    """The cells of a form: a bottom line with ticks, the digit in one of them."""
    (left, top), (right, bottom) = around(ink, rng.uniform(0.12, 0.2))
    tick = round((bottom - top) * rng.uniform(0.25, 1.05))
    thick = max(2, line_width(ink, strength, rng) * 2 // 3)
    cells = int(rng.integers(0, 3)), int(rng.integers(0, 3))

    def draw(lines):
        wide = right - left
        start, stop = left - cells[0] * wide, right + cells[1] * wide
        cv2.line(lines, (start, bottom), (stop, bottom), 255, thick)
        for x in range(start, stop + 1, wide):
            cv2.line(lines, (x, bottom), (x, bottom - tick), 255, thick)

    return with_lines(ink, draw, rng), ink


def ruling(shape, rng, both=False, margin=False) -> np.ndarray:
    """Lines of paper, float32 from 0 to 1."""
    lines = np.zeros(shape, np.float32)
    step = round(rng.uniform(0.05, 0.12) * max(shape))
    thick = int(rng.integers(1, 3))
    for start in range(int(rng.integers(0, step)), shape[0], step):
        lines[start : start + thick] = 1
    if both:
        for start in range(int(rng.integers(0, step)), shape[1], step):
            lines[:, start : start + thick] = 1
    return lines


def on_ruled_paper(ink, strength, rng, both, margin) -> Made:
    lines = ruling(ink.shape, rng, both)
    colour = np.array([(200, 205, 225), (165, 185, 215), (130, 150, 190)][strength], np.float32)
    paper = np.full((*ink.shape, 3), 250, np.float32)
    paper = paper * (1 - lines[..., None]) + colour * lines[..., None]
    if margin:
        left = box_of(ink)[0]
        x = int(left * rng.uniform(0.3, 0.8))
        paper[:, x : x + 2 + strength] = (215, 90, 90)
    pen = np.array(some_pen(rng), np.float32)
    picture = paper * (1 - ink[..., None]) + pen * ink[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8), ink


@kind("ballpoint", "felt")
def ruled_paper(ink, strength, rng):
    return on_ruled_paper(ink, strength, rng, both=False, margin=False)


@kind("ballpoint", "felt")
def squared_paper(ink, strength, rng):
    return on_ruled_paper(ink, strength, rng, both=True, margin=False)


@kind("ballpoint", "felt")
def red_margin(ink, strength, rng):
    return on_ruled_paper(ink, strength, rng, both=False, margin=True)


@kind("ballpoint", "felt")
def notebook_photo(ink, strength, rng):
    """Squared paper photographed: a little turned, unevenly lit, noisy."""
    picture, ink = on_ruled_paper(ink, strength, rng, both=True, margin=rng.random() < 0.5)
    degrees = rng.uniform(-6, 6)
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.15)
    picture = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT)
    ink = cv2.warpAffine(ink, matrix, (width, height))
    light = slope(ink.shape, 0.8 - 0.15 * strength, rng)[..., None]
    picture = cv2.GaussianBlur(picture * light, (0, 0), 0.8) + rng.normal(0, 2 + strength, picture.shape)
    return as_jpeg(np.clip(picture, 0, 255).astype(np.uint8), 85), ink


# ── tables, boards, light ───────────────────────────────────────────────────────────


def on_table(ink, level, rng, light=None):
    """The sheet takes the middle; ink that would leave it is made smaller beforehand."""
    share = rng.uniform(0.55, 0.8)
    inner = cv2.resize(ink, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    top, left = (int((a - b) * rng.uniform(0.2, 0.8)) for a, b in zip(ink.shape, inner.shape, strict=True))
    placed, sheet = np.zeros_like(ink), np.zeros_like(ink)
    part = slice(top, top + inner.shape[0]), slice(left, left + inner.shape[1])
    placed[part], sheet[part] = inner, 1
    degrees = rng.uniform(-8, 8)
    placed, sheet = turned(placed, degrees), turned(sheet, degrees)
    grain = soft_noise(ink.shape, 40, rng) * 4
    table = np.stack([level + grain, 0.85 * level + grain, 0.7 * level + grain], -1)
    picture = table * (1 - sheet[..., None]) + 235.0 * sheet[..., None]
    picture = picture * (1 - placed[..., None]) + np.array(some_pen(rng)) * placed[..., None]
    if light is not None:
        picture = picture * light[..., None]
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8) + rng.normal(0, 2, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8), placed


@kind()
def sheet_on_a_table(ink, strength, rng):
    return on_table(ink, (60, 95, 130)[strength] * rng.uniform(0.9, 1.1), rng)


@kind()
def sheet_on_a_table_lit_from_a_side(ink, strength, rng):
    return on_table(ink, rng.uniform(50, 110), rng, slope(ink.shape, 0.75 - 0.15 * strength, rng))


@kind("marker", "felt")
def whiteboard_glare(ink, strength, rng):
    """A lamp mirrored in a whiteboard, its light falling off."""
    y, x = coordinates(ink.shape)
    at = rng.uniform(0.1, 0.9, 2)
    spread = rng.uniform(0.08, 0.2)
    glare = np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / (2 * spread**2))
    board = 190 - 15 * strength
    picture = on_paper(ink, (board, board, board + 5), some_pen(rng), slope(ink.shape, 0.75, rng), 2, rng)
    bright = picture + (30 + 25 * strength) * glare[..., None]
    return np.clip(bright, 0, 255).astype(np.uint8), ink


@kind()
def shaded_corners(ink, strength, rng):
    y, x = coordinates(ink.shape)
    away = np.sqrt((y - 0.5) ** 2 + (x - 0.5) ** 2) / 0.707
    light = 1 - (0.35 + 0.2 * strength) * away**3
    return on_paper(ink, PAPERS["white"], some_pen(rng), light, 2, rng), ink


@kind()
def dark_band(ink, strength, rng):
    """A dark band at the top: the rest of a page, a finger, the lid of a scanner."""
    top = box_of(ink)[1]
    band = max(4, int(top * (0.3, 0.55, 0.8)[strength]))
    picture = on_paper(ink, PAPERS["white"], some_pen(rng), None, 2, rng)
    picture[:band] = np.clip(rng.integers(10, 110) + rng.normal(0, 3, picture[:band].shape), 0, 255)
    return cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 2.5)), ink


def shadow(shape, depth, soft, rng) -> np.ndarray:
    """Light with a shadow edge somewhere across the picture."""
    y, x = coordinates(shape)
    angle, at = rng.uniform(0, 2 * np.pi), rng.uniform(-0.3, 0.3)
    along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) - at
    return 1 - depth / (1 + np.exp(-along / soft))


@kind("felt", "ballpoint", "marker", "pencil")
def shadow_edge(ink, strength, rng):
    """The edge of a shadow up to 60 % deep, sharp or soft, anywhere."""
    depth = rng.uniform(0.2 * strength, 0.2 * strength + 0.2)
    light = shadow(ink.shape, depth, float(rng.choice([0.003, 0.012, 0.04])), rng)
    picture = on_paper(ink, PAPERS["cream"], some_pen(rng), light, 3, rng)
    return as_jpeg(picture, int(rng.integers(50, 101))), ink


# ── pens ────────────────────────────────────────────────────────────────────────────


def by_pressure(ink, least, rng):
    """Ink whose darkness changes along the strokes, down to `least`."""
    pressure = np.clip(0.5 + 0.35 * soft_noise(ink.shape, min(ink.shape) / 8, rng), 0, 1)
    return ink * (least + (1 - least) * pressure)


@kind("ballpoint")
def ballpoint(ink, strength, rng):
    light = slope(ink.shape, 0.9 - 0.15 * strength, rng)
    strokes = by_pressure(ink, 0.75 - 0.1 * strength, rng)
    return on_paper(strokes, PAPERS["white"], INKS["blue"], light, 2 + 2 * strength, rng), ink


@kind("pencil")
def pencil(ink, strength, rng):
    grain = np.clip(1 + 0.15 * rng.normal(size=ink.shape), 0, 1.2)
    strokes = by_pressure(ink, 0.7 - 0.15 * strength, rng) * grain * (0.75 - 0.1 * strength)
    light = slope(ink.shape, 0.85, rng)
    return on_paper(np.clip(strokes, 0, 1), PAPERS["white"], (70, 70, 75), light, 2, rng), ink


@kind("pencil", "ballpoint")
def faint_part(ink, strength, rng):
    """A stroke that fades on one side, evenly lit."""
    _, x = coordinates(ink.shape)
    left, _, width, _ = box_of(ink)
    split = (left + width * rng.uniform(0.4, 0.7)) / ink.shape[1]
    fade = np.where(x > split, (0.6, 0.5, 0.42)[strength], 1)
    return grey_on_white(ink * fade, rng.integers(80, 130)), ink


@kind("pencil", "felt")
def small_scan(ink, strength, rng):
    """A tiny picture, the stroke a pixel or two wide and faint in places."""
    side = (64, 48, 36)[strength]
    left, top, width, height = box_of(ink)
    edge = max(width, height) * rng.uniform(1.3, 1.7)
    y, x = (max(0, round(centre - edge / 2)) for centre in (top + height / 2, left + width / 2))
    part = ink[y : y + round(edge), x : x + round(edge)]
    scale = side / max(part.shape)
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.clip(small * 1.6, 0, 1)
    return grey_on_white(by_pressure(small, 0.6, rng), rng.integers(40, 120)), part


@kind("marker")
def marker(ink, strength, rng):
    light = slope(ink.shape, 0.9 - 0.2 * strength, rng)
    return on_paper(ink, PAPERS["white"], some_pen(rng), light, 3, rng), ink


@kind("chalk")
def chalk(ink, strength, rng):
    """Chalk on a board with smears."""
    smears = np.clip(soft_noise(ink.shape, min(ink.shape) / 5, rng), 0, 2) * (6 + 7 * strength)
    grain = np.clip(0.9 + 0.12 * rng.normal(size=ink.shape), 0, 1)
    board = np.array([(35, 60, 45), (45, 45, 48)][int(rng.integers(2))], np.float32) + smears[..., None]
    strokes = (ink * grain)[..., None]
    picture = board * (1 - strokes) + np.array([215.0, 215, 205]) * strokes
    picture = picture * slope(ink.shape, 0.75, rng)[..., None] + rng.normal(0, 3, picture.shape)
    return cv2.GaussianBlur(np.clip(picture, 0, 255).astype(np.uint8), (0, 0), 0.9), ink


# ── cameras and files ───────────────────────────────────────────────────────────────


@kind()
def blur(ink, strength, rng):
    picture = on_paper(ink, PAPERS["white"], some_pen(rng), slope(ink.shape, 0.8, rng), 0, rng)
    sigma = (0.004, 0.007, 0.01)[strength] * max(ink.shape)
    picture = cv2.GaussianBlur(picture, (0, 0), sigma)
    return np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8), ink


@kind()
def noise(ink, strength, rng):
    level = (6, 12, 20)[strength]
    return on_paper(ink, PAPERS["white"], some_pen(rng), slope(ink.shape, 0.7, rng), level, rng), ink


@kind()
def jpeg(ink, strength, rng):
    picture = on_paper(ink, PAPERS["white"], some_pen(rng), slope(ink.shape, 0.8, rng), 3, rng)
    return as_jpeg(picture, (80, 60, 40)[strength]), ink


@kind("felt", "marker")
def rotation(ink, strength, rng):
    ink = turned(ink, float(rng.choice([-1, 1])) * 5 * (strength + 1))
    return on_paper(ink, PAPERS["white"], some_pen(rng), slope(ink.shape, 0.8, rng), 3, rng), ink


@kind()
def phone(ink, strength, rng):
    """A phone's photo, turned by its EXIF note when it is saved (see the benchmark)."""
    light = slope(ink.shape, 0.85 - 0.15 * strength, rng)
    return on_paper(ink, PAPERS["white"], some_pen(rng), light, 4, rng), ink


@kind()
def coloured_paper(ink, strength, rng):
    names = [("white", "cream", "grey"), ("yellow", "pink", "green"), ("blue", "cardboard", "green")][
        strength
    ]
    paper = PAPERS[names[int(rng.integers(3))]]
    pen = INKS[("black", "blue")[int(rng.integers(2))]]
    return on_paper(ink, paper, pen, slope(ink.shape, 0.8, rng), 3, rng), ink


@kind()
def perspective(ink, strength, rng):
    height, width = ink.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + rng.uniform(-1, 1, (4, 2)).astype(np.float32) * (0.05 + 0.04 * strength) * min(
        ink.shape
    )
    matrix = cv2.getPerspectiveTransform(corners, moved)
    ink = cv2.warpPerspective(ink, matrix, (width, height))
    return on_paper(ink, PAPERS["white"], some_pen(rng), slope(ink.shape, 0.75, rng), 3, rng), ink
