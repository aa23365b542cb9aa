"""A colour for every framework."""

from core import frameworks
from core.charts import colours


def test_every_framework_has_a_colour_of_its_own():
    shown = [colours.colour(name) for name in frameworks.names()]
    assert len(set(shown)) == len(shown)
    assert colours.colour("a_sixth") == colours.NEXT_COLOUR
    assert colours.NEXT_COLOUR not in shown
