"""Digits drawn with the mouse on the canvas of a page."""

import math

from core.drawing.strokes import SIDE

PAD = "canvas.pad-canvas"


def arc(x, y, radius_x, radius_y, start, end):
    """Points on an ellipse, angles in degrees, clockwise from the right."""
    angles = [math.radians(start + (end - start) * step / 12) for step in range(13)]
    return [(x + radius_x * math.cos(angle), y + radius_y * math.sin(angle)) for angle in angles]


DIGITS = {  # strokes on 320 × 320, as a plain hand makes them
    0: [arc(160, 160, 60, 90, -90, 270)],
    1: [[(160, 70), (160, 250)]],
    2: [[*arc(160, 115, 55, 48, -170, 30), (110, 245), (220, 245)]],
    3: [arc(150, 110, 55, 45, -150, 90) + arc(150, 205, 62, 50, -90, 150)],
    4: [[(140, 70), (95, 180), (220, 180)], [(185, 110), (185, 260)]],
    7: [[(100, 80), (215, 80), (145, 250)]],
}


def draw_digit(page, digit: int, scale: float = 1, shift: tuple[float, float] = (0, 0)) -> None:
    """Draws a digit of `DIGITS`, smaller or elsewhere in units of the canvas."""
    moved = [[(scale * x + shift[0], scale * y + shift[1]) for x, y in stroke] for stroke in DIGITS[digit]]
    draw_strokes(page, moved)


def draw_strokes(page, strokes) -> None:
    """Draws lines through points in units of the canvas, however large it is shown.

    It is brought into the window first: beyond its edge, and on the bar at a phone's, a mouse draws nothing.
    """
    page.locator(PAD).scroll_into_view_if_needed()
    box = page.locator(PAD).bounding_box()
    unit = box["width"] / SIDE
    for stroke in strokes:
        points = [(box["x"] + unit * x, box["y"] + unit * y) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=3)
        page.mouse.up()
