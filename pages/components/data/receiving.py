"""Files of a visitor's own data come straight to the disk: Streamlit would keep them in memory."""

import json
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from streamlit.web.server.server_util import is_xsrf_enabled
from streamlit.web.server.starlette.starlette_app_utils import validate_xsrf_token
from streamlit.web.server.starlette.starlette_server_config import XSRF_COOKIE_NAME

from core.data.import_process import forget_upload, new_upload
from core.data.importing.limits import LARGEST_UPLOAD

NAME = "own-data"
ADDRESS = f"./{NAME}"  # beside the page, wherever a proxy or `server.baseUrlPath` puts it
TOO_LARGE = (
    f"The file is larger than {LARGEST_UPLOAD // 2**20} MB. Import it in a terminal of this machine: "
    "python -m core data import."
)


class TooLarge(Exception):
    """More came than may."""


def upload_route() -> Route:
    """The server's answer to a file that is sent to `ADDRESS`; it says the file's token."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return Route(f"/{base}/{NAME}" if base else f"/{NAME}", _receive, methods=["PUT"])


async def _receive(request: Request) -> Response:
    known = validate_xsrf_token(request.headers.get("X-Xsrftoken"), request.cookies.get(XSRF_COOKIE_NAME))
    if is_xsrf_enabled() and not known:
        return _answer(403, problem="This page is too old: load it again.")
    length = request.headers.get("content-length", "")
    if length and (not length.isascii() or not length.isdecimal()):
        return _answer(400, problem="The browser did not say how long the file is.")
    if length and int(length) > LARGEST_UPLOAD:
        return _answer(413, problem=TOO_LARGE)  # before any of it is read
    try:
        token, path = await run_in_threadpool(new_upload, request.query_params.get("name", ""))
    except OSError as error:
        return _answer(507, problem=f"The file cannot be kept: {error.strerror or error}")
    try:
        size = await _write(request, path)
    except (TooLarge, OSError, ClientDisconnect) as error:
        await run_in_threadpool(forget_upload, token)
        if isinstance(error, OSError):
            return _answer(507, problem=f"The file cannot be kept: {error.strerror or error}")
        return _answer(413, problem=TOO_LARGE)
    return _answer(200, token=token, name=path.name, size=size)


async def _write(request: Request, path: Path) -> int:
    """Writes what comes, piece by piece, and returns how many bytes came."""
    size = 0
    with open(path, "wb") as file:
        async for piece in request.stream():
            size += len(piece)
            if size > LARGEST_UPLOAD:  # the browser said less, or nothing
                raise TooLarge
            await run_in_threadpool(file.write, piece)
    return size


def _answer(status: int, **values: str | int) -> Response:
    return Response(json.dumps(values), status, media_type="application/json")
