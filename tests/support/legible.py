"""What can be read of a page in a browser: too small, on top of each other, beyond the edge."""

from pathlib import Path

SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def small_texts(page, least: float = 24) -> list[str]:
    """The visible texts whose type is smaller than this many pixels, each with its size."""
    page.evaluate(SCRIPT)
    return page.evaluate("least => legible.smallTexts(least)", least)


def unreadable(page) -> list[str]:
    """The visible texts that lie on each other or go beyond the left or the right edge."""
    page.evaluate(SCRIPT)
    return page.evaluate("[...legible.collisions(), ...legible.cutOff()]")


def zoom(page, width: int, height: int, factor: int = 2) -> None:
    """Zooms as a browser's menu does: a window of this size has fewer CSS pixels, each of them larger."""
    size = {"width": width // factor, "height": height // factor}
    tools = page.context.new_cdp_session(page)
    tools.send("Emulation.setDeviceMetricsOverride", {**size, "deviceScaleFactor": factor, "mobile": False})
