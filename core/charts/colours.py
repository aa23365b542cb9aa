"""Silks: a framework's colour, number and dashes, the same everywhere; and what has no framework's colour."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Silk:
    """What a framework wears: nobody needs to see colour to follow one.

    `light` and `dark` are the colour on light and on dark paper; figures upon it have a contrast of at
    least 3.6. `dash` is Plotly's and SVG's pattern of a line's dashes and gaps in pixels, empty when solid.
    """

    number: int
    light: str
    dark: str
    dash: str


# Near the colours of Okabe and Ito 2008, which colour-blind people can tell apart.
SILKS = {
    "pytorch": Silk(1, "#D55E00", "#FF9A4D", ""),
    "tensorflow_tape": Silk(2, "#B07A00", "#F0B93A", "18px 5px"),
    "keras_fit": Silk(3, "#B0588F", "#E39AC8", "4px 6px"),
    "sklearn_scikeras": Silk(4, "#00825F", "#3CCB9F", "18px 4px 4px 4px"),
    "numpy_scratch": Silk(5, "#0072B2", "#5AB4E5", "10px 10px"),
}
NEXT_SILK = Silk(6, "#6A51A3", "#B9A6E8", "2px 4px 10px 4px")  # a sixth framework's
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star")
# Stand for what a figure lies on and what is written there, by the convention of Streamlit's own template.
PAPER, INK = "#000038", "#000037"
LIGHT_PAPER, DARK_PAPER = "#FBF7EF", "#0E1714"
LIGHT_INK, DARK_INK = "#15222C", "#EEF3EA"
GREY = "#7f8c99"  # no framework's colour; readable on white and on black
# Counts of a dataset's images, which belong to no framework either.
TRAINING_IMAGES = "#5b7c99"
TEST_IMAGES = "#a9bccd"


def silk(framework: str) -> Silk:
    """What the framework wears; any that is not among the five wears the sixth's."""
    return SILKS.get(framework, NEXT_SILK)


def order(names: list[str]) -> list[str]:
    """The frameworks in the one order in which they are shown: by their numbers."""
    return sorted(names, key=lambda name: (silk(name).number, name))


def paint(framework: str) -> str:
    """Stands for the framework's colour in a figure, until the paper that it is drawn on is known.

    Streamlit puts the theme's `chartCategoricalColors` (which are the silks) in the place of such stand-ins
    when it mounts a chart; other pages do the same with `paints`.
    """
    return f"#{silk(framework).number:06d}"


def paints(dark: bool) -> dict[str, str]:
    """Stand-in → colour, of frameworks, paper and ink on light or dark paper."""
    worn = {f"#{silk.number:06d}": silk.dark if dark else silk.light for silk in (*SILKS.values(), NEXT_SILK)}
    page = {PAPER: DARK_PAPER, INK: DARK_INK} if dark else {PAPER: LIGHT_PAPER, INK: LIGHT_INK}
    return worn | page


def tint(paint: str, strength: float) -> str:
    """A colour such as "#0072B2", seen through: `strength` from 0 (nothing) to 1 (all of it)."""
    red, green, blue = (int(paint[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


GRID = tint(GREY, 0.25)  # lines behind a chart
