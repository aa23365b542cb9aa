"""A colour for every framework, and what is seen through it."""

import tomllib

from core import frameworks
from core.charts import colours
from core.places import PROJECT


def test_every_framework_has_a_colour_of_its_own():
    shown = [colours.colour(name) for name in frameworks.names()]
    assert len(set(shown)) == len(shown)
    assert colours.colour("none_of_ours") == colours.NEXT_SILK.light


def test_numbers_and_dashes_tell_frameworks_apart_without_colour():
    silks = [*colours.SILKS.values(), colours.NEXT_SILK]
    assert [silk.number for silk in silks] == list(range(1, 7))
    assert len({silk.dash for silk in silks}) == 6
    assert colours.order(["numpy_scratch", "zig", "pytorch"]) == ["pytorch", "numpy_scratch", "zig"]


def test_every_stand_in_has_a_colour_on_light_and_on_dark_paper():
    light, dark = colours.paints(dark=False), colours.paints(dark=True)
    assert light[colours.paint("pytorch")] == "#D55E00"
    assert dark[colours.paint("pytorch")] == "#FF9A4D"
    assert light.keys() == dark.keys() >= {colours.PAPER, colours.INK}


def test_the_theme_has_the_silks_and_papers():
    theme = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text(encoding="utf-8"))["theme"]
    silks = [*colours.SILKS.values(), colours.NEXT_SILK]
    assert theme["light"]["chartCategoricalColors"] == [silk.light for silk in silks]
    assert theme["dark"]["chartCategoricalColors"] == [silk.dark for silk in silks]
    assert theme["light"]["backgroundColor"] == colours.LIGHT_PAPER
    assert theme["dark"]["backgroundColor"] == colours.DARK_PAPER


def test_a_tint_is_the_colour_seen_through():
    assert colours.tint("#0072B2", 0.5) == "rgba(0,114,178,0.5)"
    assert colours.GRID == "rgba(127,140,153,0.25)"  # the grey of no framework
