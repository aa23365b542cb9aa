"""What differs from the paper: even paper of one colour, or paper under uneven light."""

from functools import reduce

import cv2
import numpy as np

from core.drawing.pixels import SAMPLE, above, sample

FAINTEST = 24  # of 255: contrast below this is paper, not ink
STROKE = 0.25  # of the longer side: ink is thinner than this, light and tables are wider
NOISIEST = 80  # of 255: what varies more than this is not noise but a table's grain or a page of ink
FADED = 0.3  # of the ink's contrast: fainter ink counts only beside full ink (ruled lines, compression)


def clearest_channel(colour: np.ndarray) -> np.ndarray:
    """The colour channel (height, width) in which ink differs most."""
    clearest = sample(colour).std(axis=(0, 1)).argmax()
    return cv2.extractChannel(colour, int(clearest))


def is_evenly_lit(grey: np.ndarray) -> bool:
    """Whether most pixels have the paper's level or the ink's, as in a drawing but not in a photo.

    Two levels that share the picture and a third one beyond both are paper, its shadow, and ink.
    """
    if max(grey.shape) < 40:  # too small for a photo; every other pixel may be a soft edge
        return True
    levels = cv2.calcHist([grey], [0], None, [256], [0, 256]).ravel() / grey.size
    modes, shares, rest = [], [], levels.copy()
    for _ in ("paper", "ink"):
        mode = int(rest.argmax())
        near = slice(max(0, mode - 3), mode + 4)
        modes.append(mode)
        shares.append(rest[near].sum())
        rest[near] = 0
    beyond = levels[: max(0, min(modes) - FAINTEST)].sum() + levels[max(modes) + FAINTEST :].sum()
    return sum(shares) > 0.55 and not (shares[1] > 0.15 and beyond > 0.005)


def off_even_paper(colour: np.ndarray, grey: np.ndarray, *, swapped: bool = False) -> np.ndarray:
    """Distance from the one colour of the paper, in the colour channel that differs most.

    Of the two groups that Otsu's threshold finds, paper is the one that fills the picture and its edge,
    or the other one if `swapped`.
    """
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edge = np.concatenate([light[0], light[-1], light[:, 0], light[:, -1]])
    paper = (light.mean() + edge.mean() > 1) != swapped
    own = sample(colour)[sample(light) == paper]
    if not own.size:
        return np.zeros_like(grey)
    level = np.rint(np.median(own, axis=0)).astype(np.uint8)
    distance = reduce(cv2.max, cv2.split(cv2.absdiff(colour, np.broadcast_to(level, colour.shape).copy())))
    return _without_faded(cv2.threshold(distance, FAINTEST // 2, 0, cv2.THRESH_TOZERO)[1])


def _without_faded(distance: np.ndarray) -> np.ndarray:
    """Without what is far fainter than the ink and not the soft edge of it."""
    some = distance[distance > FAINTEST]
    if not some.size:
        return distance
    full = float(np.percentile(some, 95))
    clear = above(distance, int(FADED * full))
    near = cv2.dilate(clear, np.ones((5, 5), np.uint8))
    return cv2.convertScaleAbs(cv2.min(distance, near), alpha=255 / full)


def off_uneven_paper(grey: np.ndarray) -> np.ndarray:
    """Contrast with the paper around, which a median over a third of the picture estimates."""
    height, width = grey.shape
    grey = _calmed(grey)
    scale = SAMPLE / max(height, width)
    small = cv2.resize(
        grey, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    paper = cv2.GaussianBlur(cv2.medianBlur(small, SAMPLE // 3 + 1), (0, 0), 3)
    dark_ink = bool(((paper.astype(np.float32) - small) ** 3).sum() > 0)  # ink is the long tail
    return _contrast(grey, cv2.resize(paper, (width, height)), dark_ink)


def off_wide_areas(grey: np.ndarray, *, dark_ink: bool) -> np.ndarray:
    """Contrast of what is narrower than a stroke may be with what surrounds it.

    A morphological closing (opening for light ink) fills strokes and leaves wide areas as they are, with
    sharp edges: sheets on a table, shadows, bands. They are all paper, each at its own brightness.
    """
    grey = _calmed(grey)
    side = max(3, round(STROKE * max(grey.shape))) | 1
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    paper = cv2.morphologyEx(grey, cv2.MORPH_CLOSE if dark_ink else cv2.MORPH_OPEN, window)
    return _contrast(grey, paper, dark_ink)


def only_the_sheet(colour: np.ndarray, grey: np.ndarray) -> np.ndarray | None:
    """The picture with its one large sheet continued over all around it, None where there is no such sheet.

    A sheet is a compact area, light or dark, that ends inside the picture; ink lies inside.
    """
    split = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[1]
    sheets = [sheet for side in (split, 255 - split) if (sheet := _compact(side)) is not None]
    if not sheets:
        return None
    sheet = max(sheets, key=cv2.countNonZero)
    paper = np.median(colour[sheet > 0], axis=0)
    return np.where(sheet[..., np.newaxis] > 0, colour, np.rint(paper).astype(np.uint8))


def _compact(area: np.ndarray) -> np.ndarray | None:
    """The largest part with what it encloses, a little smaller, if it is nearly convex and of fair size."""
    outlines, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outline = max(outlines, key=cv2.contourArea, default=None)
    if outline is None:
        return None
    size = cv2.contourArea(outline)
    left, top, width, height = cv2.boundingRect(outline)
    cut = (left == 0) + (top == 0) + (left + width == area.shape[1]) + (top + height == area.shape[0])
    if (
        cut > 1
        or not 0.08 <= size / area.size <= 0.92
        or size < 0.85 * cv2.contourArea(cv2.convexHull(outline))
    ):
        return None
    filled = cv2.drawContours(np.zeros_like(area), [outline], 0, 255, -1)
    rim = max(3, max(area.shape) // 60) | 1  # the soft edge and shadow of the sheet
    return cv2.erode(filled, np.ones((rim, rim), np.uint8), borderValue=0)


def _calmed(grey: np.ndarray) -> np.ndarray:
    """Without the finest noise."""
    return cv2.GaussianBlur(grey, (0, 0), max(grey.shape) / 600 + 0.3)


def _contrast(grey: np.ndarray, paper: np.ndarray, dark_ink: bool) -> np.ndarray:
    """Ink against its paper, 0 to 255, with what is noise or far fainter than the ink left out.

    Light scales what paper and ink send back alike, so contrast is a ratio (for dark ink).
    """
    level = paper.astype(np.float32)
    signal = level - grey if dark_ink else grey - level
    if dark_ink:
        signal *= 255 / np.maximum(level, 32)
    some = sample(signal)
    usual = np.median(some)  # most of a picture is paper; a closing lies above it by the noise
    noise = 1.4826 * np.median(np.abs(some - usual))  # the spread of a normal distribution
    signal -= max(0, usual)
    floor = max(FAINTEST, min(4 * noise, NOISIEST))
    clear = signal[signal > floor]
    if clear.size < 1e-4 * signal.size:
        return np.zeros_like(grey)
    full = float(np.percentile(clear, 80))
    begin = max(floor, 0.35 * full)
    return np.clip((signal - begin) * (255 / max(0.8 * full - begin, 1)), 0, 255).astype(np.uint8)
