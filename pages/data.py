"""Data: the datasets, and a visitor's own."""

from pages.components import shell
from pages.components.data.importing import import_card
from pages.components.data.shelf import show_shelf

shell.heading("Data", "What do the networks learn from, and can it be your own?")
show_shelf()
import_card()
