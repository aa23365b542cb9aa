"""A colour for every framework, and what is seen through it."""

from core import frameworks
from core.charts import colours


def test_every_framework_has_a_colour_of_its_own():
    shown = [colours.colour(name) for name in frameworks.names()]
    assert len(set(shown)) == len(shown)
    assert colours.colour("none_of_ours") == colours.NEXT_COLOUR
    assert colours.NEXT_COLOUR not in colours.COLOURS.values()


def test_a_tint_is_the_colour_seen_through():
    assert colours.tint("#0072B2", 0.5) == "rgba(0,114,178,0.5)"
    assert colours.GRID == "rgba(127,140,153,0.25)"  # the grey of no framework
