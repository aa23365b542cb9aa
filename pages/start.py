"""Start: what this is, and where to go."""

from pages.components import shell

shell.heading("Digit Derby", "One CNN, five frameworks, one fair race: which one suits you?")
shell.page_link("train", "Start a race")
shell.page_link("compare", "Compare results")
shell.page_link("draw", "Draw a digit")
