"""Colours: one a framework, and what is seen through them."""

from core.charts import colours


def test_a_tint_is_the_colour_seen_through():
    assert colours.tint("#0072B2", 0.5) == "rgba(0,114,178,0.5)"
    assert colours.GRID == "rgba(127,140,153,0.25)"  # the grey of no framework
