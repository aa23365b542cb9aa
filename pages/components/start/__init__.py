"""The Start page: the canvas that five models answer, the button that starts a race, what came out so far."""
