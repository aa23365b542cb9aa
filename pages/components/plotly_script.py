"""Plotly's own script, sent by this server straight from the installed package: no network, no copy."""

from pathlib import Path

import plotly
import streamlit as st
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

SCRIPT = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
NAME = f"plotly-{plotly.__version__}.min.js"  # another version has another address
ADDRESS = f"./{NAME}"  # beside the page, wherever a proxy or `server.baseUrlPath` puts it


def script_route() -> Route:
    """The server's answer at `ADDRESS`, which browsers keep for good."""
    base = st.get_option("server.baseUrlPath").strip("/")
    return Route(f"/{base}/{NAME}" if base else f"/{NAME}", _send)


def _send(request: Request) -> FileResponse:
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return FileResponse(SCRIPT, media_type="text/javascript", headers=headers)
