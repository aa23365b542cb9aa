"""The road from a drawing to 28 × 28."""

import io
from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from core.drawing.ink import EmptyDrawing, find_ink
from core.drawing.preprocessing import prepare_digit, prepare_steps, split_digits

# Strokes in a unit box, x to the right and y downwards.
DIGITS = {
    0: [[(0.5, 0), (0.15, 0.2), (0.1, 0.6), (0.35, 1), (0.7, 0.9), (0.85, 0.45), (0.7, 0.1), (0.5, 0)]],
    1: [[(0.3, 0.25), (0.6, 0), (0.55, 1)]],
    2: [[(0.1, 0.25), (0.35, 0), (0.75, 0.1), (0.75, 0.4), (0.1, 1), (0.9, 1)]],
    5: [[(0.2, 0.15), (0.2, 0.45), (0.7, 0.5), (0.8, 0.8), (0.4, 1), (0.05, 0.9)], [(0.3, 0), (0.9, 0)]],
    6: [[(0.7, 0), (0.3, 0.3), (0.15, 0.7), (0.4, 1), (0.75, 0.85), (0.6, 0.55), (0.2, 0.65)]],
    7: [[(0.1, 0), (0.9, 0), (0.4, 1)]],
}
shapes = st.sampled_from(sorted(DIGITS))
brushes = st.integers(12, 28)
SAME = 4.5  # of 255, the most that soft edges and rounding change on average; digits differ by over 20
varied = settings(max_examples=40, deadline=None)  # a busy machine is no failure


def draw(digit, size=150, brush=16, at=(60, 60), canvas=(280, 280)):
    """White strokes on black; `at` is the top left corner of the unit box."""
    picture = np.zeros(canvas, np.uint8)
    for stroke in DIGITS[digit]:
        points = np.rint(16 * (np.array(stroke) * size + at)).astype(np.int32)
        cv2.polylines(picture, [points], False, 255, brush, cv2.LINE_AA, 4)
    return picture


def photograph(drawing, dark=0.45, noise=5.0, seed=0, quality=80):
    """Blue pen on paper, light falling off towards a corner, sensor noise, JPEG."""
    rng = np.random.default_rng(seed)
    ink = cv2.GaussianBlur(drawing, (0, 0), 1)[..., np.newaxis] / 255
    y, x = np.mgrid[: drawing.shape[0], : drawing.shape[1]] / max(drawing.shape)
    light = (1 - (1 - dark) * (x + y) / (x + y).max())[..., np.newaxis]
    paper, pen = np.array([236, 232, 220]), np.array([40, 50, 120])
    photo = (paper * (1 - ink) + pen * ink) * light + rng.normal(0, noise, (*drawing.shape, 3))
    return as_jpeg(np.clip(photo, 0, 255).astype(np.uint8), quality)


def as_jpeg(picture, quality):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return Image.open(file)


def difference(one, other):
    """Mean absolute difference of two prepared digits, of 255."""
    return np.abs(one.astype(int) - other).mean()


# ── as MNIST was made ───────────────────────────────────────────────────────────────


@varied
@given(shapes, st.integers(70, 220), brushes)
def test_digit_is_twenty_pixels_long_with_its_centre_of_mass_in_the_middle(digit, size, brush):
    prepared = prepare_digit(draw(digit, size, brush, (25, 25)))
    assert prepared.shape == (28, 28)
    assert prepared.dtype == np.uint8
    assert prepared.max() == 255
    rows, columns = np.flatnonzero(prepared.max(axis=1) > 60), np.flatnonzero(prepared.max(axis=0) > 60)
    assert 19 <= max(np.ptp(rows), np.ptp(columns)) + 1 <= 21
    weights = prepared / prepared.sum()
    centre = [(weights.sum(axis=axis) * np.arange(28)).sum() for axis in (0, 1)]
    assert np.allclose(centre, 14, atol=0.2)  # where the centres of MNIST's own images lie


def test_thin_strokes_become_as_wide_as_in_mnist():
    thin, normal = (prepare_digit(draw(7, 220, brush, (25, 25))) for brush in (4, 25))
    assert (thin > 127).sum() > 30  # a line a third of a pixel wide would leave nothing above half
    assert thin.astype(int).sum() > 0.5 * normal.astype(int).sum()


@pytest.mark.parametrize("edge", [640, 1280, 1600])
@pytest.mark.parametrize("width", [1, 2])
def test_hairline_on_a_large_picture_is_still_a_digit(edge, width):
    picture = np.zeros((edge, edge), np.uint8)
    cv2.line(
        picture, (edge // 2, edge // 8), (edge // 2 + edge // 20, 7 * edge // 8), 255, width, cv2.LINE_AA
    )
    prepared = prepare_digit(picture)
    assert (prepared > 127).sum() > 20


def test_last_step_is_the_prepared_digit_and_every_step_is_a_picture():
    picture = draw(5)
    steps = prepare_steps(picture)
    assert [title for title, _ in steps] == [
        "Ink found",
        "Cropped",
        "Fitted to 20 pixels",
        "Centred in 28 × 28",
    ]
    assert all(step.dtype == np.uint8 and step.ndim == 2 for _, step in steps)
    assert max(steps[2][1].shape) == 20
    assert np.array_equal(steps[-1][1], prepare_digit(picture))


def test_different_digits_differ_far_more_than_the_same_one_drawn_twice():
    prepared = [prepare_digit(draw(digit)) for digit in sorted(DIGITS)]
    pairs = [(one, other) for one in prepared for other in prepared if one is not other]
    assert min(difference(*pair) for pair in pairs) > 20 > 4 * SAME


def test_ink_up_to_the_edge_is_as_wide_as_ink_with_paper_around():
    ink = cv2.threshold(draw(2), 127, 255, cv2.THRESH_BINARY)[1]
    left, top, width, height = cv2.boundingRect(ink)
    tight = ink[top : top + height, left : left + width]
    assert np.array_equal(prepare_digit(tight), prepare_digit(ink))
    assert difference(prepare_digit(tight), prepare_digit(draw(2))) < SAME


# ── where and how it is drawn makes no difference ───────────────────────────────────


@varied
@given(shapes, brushes, st.integers(20, 120), st.integers(20, 120))
def test_shifted_ink_gives_the_same_picture(digit, brush, x, y):
    assert np.array_equal(
        prepare_digit(draw(digit, 130, brush, (x, y))), prepare_digit(draw(digit, 130, brush, (60, 60)))
    )


@varied
@given(shapes, st.floats(0.4, 4))
def test_scaled_ink_gives_nearly_the_same_picture(digit, scale):
    small = draw(digit, 150, 16)
    edge = round(280 * scale)
    large = cv2.resize(small, (edge, edge), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    assert difference(prepare_digit(small), prepare_digit(large)) < SAME


@varied
@given(shapes, brushes, st.sampled_from(["dark on light", "transparent", "white on transparent", "coloured"]))
def test_ink_counts_whatever_its_colour_and_ground(digit, brush, look):
    ink = draw(digit, brush=brush)
    nothing = np.zeros_like(ink)
    picture = {
        "dark on light": 255 - ink,
        "transparent": np.dstack([nothing, nothing, nothing, ink]),
        "white on transparent": np.dstack([nothing + 255, nothing + 255, nothing + 255, ink]),
        "coloured": np.dstack([ink // 2 + 20, nothing + 90, 200 - ink // 2]),  # of nearly equal brightness
    }[look]
    assert difference(prepare_digit(picture), prepare_digit(ink)) < SAME


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "F", "I;16"]
)
def test_every_mode_of_a_picture_gives_the_same_digit(mode):
    grey = Image.fromarray(draw(2))
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    elif mode == "PA":
        picture = grey.convert("P").convert("PA")
    else:
        picture = grey.convert(mode)
    assert picture.mode == mode
    assert difference(prepare_digit(picture), prepare_digit(grey)) < SAME


@pytest.mark.parametrize("dtype", ["bool", "uint8", "uint16", "int32", "int64", "float32", "float64"])
def test_every_type_of_number_gives_the_same_digit(dtype):
    ink = draw(6)
    full = {"bool": 1, "uint16": 65535, "float32": 1, "float64": 1}.get(dtype, 255)
    picture = (ink > 127) if dtype == "bool" else (ink / 255 * full).astype(dtype)
    assert difference(prepare_digit(picture), prepare_digit(ink)) < SAME


def test_standardised_pixels_and_missing_values_are_understood():
    ink = draw(6)
    picture = (ink / 255 - 0.13) / 0.31
    picture[0, 0] = np.nan
    assert difference(prepare_digit(picture), prepare_digit(ink)) < SAME


def test_palette_with_a_transparent_colour_counts_as_transparent():
    ink = draw(2)
    picture = Image.fromarray((ink > 127).astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 0, 0, 0])  # black ink on a black that is transparent
    picture.info["transparency"] = 0
    assert difference(prepare_digit(picture), prepare_digit(ink)) < SAME


def test_sheet_with_transparent_surroundings_is_read_as_paper():
    sheet = np.full((280, 280), 255, np.uint8)
    sheet[:20], sheet[-20:], sheet[:, :20], sheet[:, -20:] = 0, 0, 0, 0
    paper = 255 - draw(2)
    picture = np.dstack([paper, paper, paper, sheet])
    assert difference(prepare_digit(picture), prepare_digit(draw(2))) < 2


def test_photo_is_turned_upright_as_the_camera_was_held():
    picture = Image.fromarray(255 - draw(7)).rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # EXIF orientation: shown after a quarter turn clockwise
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95, exif=exif)
    assert difference(prepare_digit(Image.open(file)), prepare_digit(draw(7))) < 3


def test_huge_picture_is_reduced_and_gives_the_same_digit():
    huge = cv2.resize(draw(2), (6000, 6000), interpolation=cv2.INTER_LINEAR)
    assert max(find_ink(Image.fromarray(huge)).shape) <= 640
    assert difference(prepare_digit(Image.fromarray(huge)), prepare_digit(draw(2))) < 4


# ── photos ──────────────────────────────────────────────────────────────────────────


@settings(max_examples=15, deadline=None)
@given(shapes, st.floats(0.35, 0.9), st.floats(0, 10), st.integers(0, 999), st.integers(50, 95))
def test_photo_under_uneven_light_gives_the_drawn_digit(digit, dark, noise, seed, quality):
    drawing = cv2.resize(draw(digit, 170, 12, (50, 50)), (600, 600), interpolation=cv2.INTER_LINEAR)
    photo = photograph(drawing, dark, noise, seed, quality)
    assert difference(prepare_digit(photo), prepare_digit(drawing)) < 8


def test_shadow_across_the_paper_is_not_ink():
    drawing = cv2.resize(draw(2, 170, 12, (50, 50)), (600, 600))
    pixels = np.asarray(photograph(drawing, dark=1, noise=3)).astype(np.float32)
    shadow = np.ones((600, 600), np.float32)
    shadow[:, 280:] = 0.5
    pixels *= cv2.GaussianBlur(shadow, (0, 0), 8)[..., np.newaxis]
    assert difference(prepare_digit(pixels.astype(np.uint8)), prepare_digit(drawing)) < 8


def test_chalk_on_a_board_is_ink():
    drawing = cv2.resize(draw(5, 170, 14, (50, 50)), (600, 600)).astype(np.float32) / 255
    light = np.linspace(1, 0.5, 600, dtype=np.float32)
    noise = np.random.default_rng(0).normal(0, 4, (600, 600))
    board = np.clip((55 + 165 * drawing) * light + noise, 0, 255).astype(np.uint8)
    assert difference(prepare_digit(board), prepare_digit(drawing)) < 8


@pytest.mark.parametrize("noise", [2.0, 6.0, 12.0])
def test_photo_of_empty_paper_is_empty(noise):
    with pytest.raises(EmptyDrawing):
        prepare_digit(photograph(np.zeros((500, 500), np.uint8), noise=noise))


# ── nothing to read ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((280, 280), np.uint8),
        np.full((280, 280), 255, np.uint8),
        np.zeros((280, 280, 4), np.uint8),
        np.full((1, 1), 200, np.uint8),
        np.full((280, 280), 128, np.uint8) + np.eye(280, dtype=np.uint8),
        Image.new("RGB", (50, 20), "navy"),
    ],
    ids=["black", "white", "untouched canvas", "one pixel", "invisible line", "one colour"],
)
def test_empty_picture_asks_for_a_digit(picture):
    for read in (prepare_digit, prepare_steps, split_digits):
        with pytest.raises(EmptyDrawing, match="Draw a digit first"):
            read(picture)
    assert issubclass(EmptyDrawing, ValueError)


@varied
@given(brushes, st.integers(30, 250), st.integers(30, 250))
def test_single_dot_of_the_brush_is_no_digit(brush, x, y):
    canvas = cv2.circle(np.zeros((280, 280), np.uint8), (x, y), brush // 2, 255, -1, cv2.LINE_AA)
    with pytest.raises(EmptyDrawing, match="Draw a digit first"):
        prepare_digit(canvas)


@pytest.mark.parametrize(
    "picture", [np.zeros((0, 5)), np.zeros((2, 3, 4, 3)), np.zeros((5, 5, 7)), np.array("x")]
)
def test_what_is_no_picture_is_refused(picture):
    with pytest.raises(ValueError, match="picture"):
        prepare_digit(picture)


channels = st.sampled_from([(), (1,), (2,), (3,), (4,)])
any_picture = st.tuples(
    st.sampled_from([np.uint8, np.bool_, np.uint16, np.int32, np.float32]),
    st.integers(1, 60),
    st.integers(1, 60),
    channels,
).flatmap(lambda drawn: arrays.arrays(drawn[0], (drawn[1], drawn[2], *drawn[3])))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_picture)
@example(np.full((9, 9), -3, np.int32))
@example(np.array([[0, 255]], np.uint8))
@example(np.array([[np.inf, -np.inf], [np.nan, 3e38]], np.float32))
@example(np.tile(np.array([[0], [255]], np.uint8), (1, 5000)))
def test_any_picture_gives_a_digit_or_is_called_empty(picture):
    try:
        prepared = prepare_digit(picture)
    except EmptyDrawing:
        return
    assert prepared.shape == (28, 28)
    assert prepared.dtype == np.uint8
    assert prepared.max() == 255
    for part in split_digits(picture):
        assert part.dtype == np.uint8
        assert part.ndim == 2


@pytest.mark.parametrize("channels", [(), (1,), (2,), (3,), (4,)], ids=str)
def test_picture_of_a_few_pixels_never_fails(channels):
    random = np.random.default_rng(0)
    for height, width in product(range(1, 7), repeat=2):
        shape = (height, width, *channels)
        with pytest.raises(EmptyDrawing):
            prepare_digit(np.zeros(shape, np.uint8))
        try:
            assert prepare_digit(random.integers(0, 256, shape, np.uint8)).max() == 255
        except EmptyDrawing:
            continue


@varied
@given(st.integers(1, 900), st.integers(1, 900), st.integers(0, 2**32 - 1))
def test_noise_of_any_size_never_fails(height, width, seed):
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    try:
        prepared = prepare_digit(picture)
    except EmptyDrawing:
        return
    assert prepared.shape == (28, 28)
    assert prepared.max() == 255


# ── several digits ──────────────────────────────────────────────────────────────────


def draw_number(digits, size=130, gap=30):
    canvas = np.zeros((240, 60 + len(digits) * (size + gap)), np.uint8)
    for position, digit in enumerate(digits):
        corner = (30 + position * (size + gap), 50 + 10 * (position % 2))
        canvas = np.maximum(canvas, draw(digit, size, 14, corner, canvas.shape))
    return canvas


@pytest.mark.parametrize("digits", [[2, 0, 2, 6], [7], [1, 1], [5, 5, 5], [1, 7, 5, 0, 2, 6]])
def test_digits_of_a_number_come_apart_from_left_to_right(digits):
    parts = split_digits(draw_number(digits))
    assert len(parts) == len(digits)
    for part, digit in zip(parts, digits, strict=True):  # a long number was reduced as a whole
        prepared = prepare_digit(part)
        away = {known: difference(prepared, prepare_digit(draw(known, 130, 14))) for known in DIGITS}
        assert min(away, key=away.get) == digit
        assert away[digit] < 2 * SAME


def test_detached_bar_of_a_five_stays_with_its_digit():
    count, _ = cv2.connectedComponents((draw(5, 130, 14) > 51).astype(np.uint8))
    assert count == 3  # the paper and two pieces of ink
    assert len(split_digits(draw(5, 130, 14))) == 1


def test_number_on_a_photo_comes_apart_too():
    number = cv2.resize(draw_number([2, 0, 2, 6]), None, fx=1.5, fy=1.5)
    assert len(split_digits(photograph(number, dark=0.5))) == 4


def test_digit_next_to_a_digit_does_not_hold_any_of_it():
    part = split_digits(draw_number([1, 7], gap=-45))[0]
    assert difference(prepare_digit(part), prepare_digit(draw(1, 130, 14))) < SAME
