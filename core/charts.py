"""Plotly figures from plain data; one fixed colour per framework."""

# Okabe and Ito 2008: colours that colour-blind people can tell apart.
COLOURS = {
    "numpy_scratch": "#0072B2",
    "pytorch": "#D55E00",
    "tensorflow_tape": "#E69F00",
    "keras_fit": "#CC79A7",
    "sklearn_scikeras": "#009E73",
}
NEXT_COLOUR = "#56B4E9"  # a sixth framework


def colour(framework: str) -> str:
    """The framework's colour, the same on every chart."""
    return COLOURS.get(framework, NEXT_COLOUR)
