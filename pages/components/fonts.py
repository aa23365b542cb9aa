"""The condensed face of titles and big numbers, sent by this server from an installed package."""

import font_fjallaone
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

NAME = "fjalla-one.ttf"  # as in .streamlit/config.toml; Fjalla One is free under the SIL Open Font License


def font_route() -> Route:
    """The server's answer beside the pages, which browsers keep for good."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return Route(f"/{base}/{NAME}" if base else f"/{NAME}", _send)


def _send(request: Request) -> FileResponse:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(font_fjallaone.FjallaOne, media_type="font/ttf", headers=headers)
