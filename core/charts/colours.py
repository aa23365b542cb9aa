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


def colour(framework: str) -> str:
    """The framework's colour, the same on every chart."""
    return COLOURS.get(framework, NEXT_COLOUR)
