"""Formats of pictures: those that are read, and the names of those that are not."""

FORMATS = {"PNG": ".png", "JPEG": ".jpg .jpeg", "WEBP": ".webp"}
SUFFIXES = tuple(" ".join(FORMATS.values()).split())

# What a file begins with, and what it is then called. ISO media files name their brand after four bytes.
_BEGINS = {
    b"GIF8": "a GIF",
    b"BM": "a BMP",
    b"II*\0": "a TIFF",
    b"MM\0*": "a TIFF",
    b"%PDF": "a PDF",
    b"8BPS": "a Photoshop file",
    b"\0\0\1\0": "an icon (ICO)",
    b"\0\0\0\x0cjP": "a JPEG 2000",
    b"\xff\x4f\xff\x51": "a JPEG 2000",
    b"\0\0\0\x0cJXL": "a JPEG XL",
    b"\xff\x0a": "a JPEG XL",
}
_BRANDS = {b"avif": "an AVIF", b"avis": "an AVIF"}
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")


def name_format(content: bytes) -> str:
    """Why content that Pillow does not take as PNG, JPEG or WebP is refused, and what to do."""
    name = _name(content)
    if name is None:
        return "this is not a PNG, JPEG or WebP picture"
    done = {
        "a HEIC": "share or export it as JPEG (on an iPhone: Settings, Camera, Formats, Most Compatible)",
        "a PDF": "save the page as PNG, or take a screenshot of it",
        "an SVG": "save it as PNG, or take a screenshot of it",
    }.get(name, "save it as PNG or JPEG")
    return f"this is {name}, not a PNG, JPEG or WebP picture; {done}"


def _name(content: bytes) -> str | None:
    if content[4:8] == b"ftyp":
        brand = content[8:12]
        others = content[16:64]
        if brand in _HEIC and b"avif" not in others:
            return "a HEIC"
        return _BRANDS.get(brand) or ("an AVIF" if b"avif" in others else "a film")
    text = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (
        text.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in text
    ):
        return "an SVG"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    return next((name for begin, name in _BEGINS.items() if content.startswith(begin)), None)
