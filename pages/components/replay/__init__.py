"""A race on one clock: all lanes leave the gate together, each at the pace of its own training clock."""

from pages.components.replay.view import show_replay

__all__ = ["show_replay"]
