"""One fixed colour and one order of symbols, the same on every chart."""

# Okabe and Ito 2008: colours that colour-blind people can tell apart.
COLOURS = {
    "numpy_scratch": "#0072B2",
    "pytorch": "#D55E00",
    "tensorflow_tape": "#E69F00",
    "keras_fit": "#CC79A7",
    "sklearn_scikeras": "#009E73",
}
NEXT_COLOUR = "#56B4E9"  # a sixth framework
SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "star")
GREY = "#7f8c99"  # no framework's colour; readable on white and on black
# Counts of a dataset's images, which belong to no framework either.
TRAINING_IMAGES = "#5b7c99"
TEST_IMAGES = "#a9bccd"


def colour(framework: str) -> str:
    """The framework's colour, the same on every chart."""
    return COLOURS.get(framework, NEXT_COLOUR)


def tint(paint: str, strength: float) -> str:
    """A colour such as "#0072B2", seen through: `strength` from 0 (nothing) to 1 (all of it)."""
    red, green, blue = (int(paint[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


GRID = tint(GREY, 0.25)  # lines behind a chart
