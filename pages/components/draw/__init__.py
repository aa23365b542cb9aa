"""The Draw page: the ways in, what the models say, the visitor's own digits."""
