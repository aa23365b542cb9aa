"""What there is to move at each station: a module each, with `show()`."""
