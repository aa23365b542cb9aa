"""The Compare page: the choice of runs, the answer, and the figures and tests behind it."""
