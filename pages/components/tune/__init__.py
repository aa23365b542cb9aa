"""The Tune page: the form of a study, the study as it goes on, what came of it."""
