"""Races: their set-up, the line in front of the machine, starting and watching them."""
