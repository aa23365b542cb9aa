"""What a page of HTML says and what it fetches."""

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Text outside of scripts and styles, and everything that a browser would fetch."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.fetched, self._skip = "", [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self._skip = tag in ("script", "style")
        self.fetched += [value for name, value in attrs if name in ("src", "href", "data", "srcset")]

    def handle_endtag(self, tag):
        self._skip = False

    def handle_data(self, data):
        self.text += "" if self._skip else f" {data}"
