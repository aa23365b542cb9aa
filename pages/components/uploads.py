"""A bound on uploaded files, which Streamlit keeps in memory until their session is forgotten."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

OF_A_SESSION = 20 * 2**20  # bytes: two of the largest pictures, or many files with results
TOGETHER = 64 * 2**20  # bytes, of all sessions


class BoundedUploads:
    """Passes every request on; after an upload, the oldest files beyond the bounds are forgotten.

    Whoever still shows a forgotten file is asked for it again.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Takes what answers the requests."""
        self._app = app
        self._sizes: OrderedDict[tuple[str, str], int] = OrderedDict()  # session and file → bytes
        self._lock = Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        await self._app(scope, receive, send)
        if scope["type"] == "http" and scope["method"] == "PUT":
            parts = scope["path"].split("/")
            if parts[-3:-2] == ["upload_file"]:
                self._note(*parts[-2:])

    def _note(self, session: str, file: str) -> None:
        """Remembers the file that came and forgets those that are too many."""
        files = get_instance().uploaded_file_mgr
        assert isinstance(files, MemoryUploadedFileManager)
        with self._lock:
            self._sizes[session, file] = 0
            self._sizes.move_to_end((session, file))
            for entry in list(self._sizes):
                found = files.get_files(entry[0], [entry[1]])
                if found:
                    self._sizes[entry] = len(found[0].data)
                else:
                    del self._sizes[entry]  # its page took it away, or its session is over
            for old in self._too_many(session):
                del self._sizes[old]
                files.remove_file(*old)

    def _too_many(self, session: str) -> list[tuple[str, str]]:
        own = {entry: size for entry, size in self._sizes.items() if entry[0] == session}
        gone = _oldest_beyond(own, OF_A_SESSION)
        rest = {entry: size for entry, size in self._sizes.items() if entry not in gone}
        return [*gone, *_oldest_beyond(rest, TOGETHER)]


def _oldest_beyond(sizes: Mapping[tuple[str, str], int], most: int) -> list[tuple[str, str]]:
    """The oldest files that have to go so that the rest, in bytes, stays within the bound."""
    gone, rest = [], sum(sizes.values())
    for entry, size in sizes.items():
        if rest <= most:
            break
        gone.append(entry)
        rest -= size
    return gone
