"""One run from start to finish, and the proof that the frameworks start equal."""
