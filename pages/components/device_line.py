"""What this machine offers: devices by runtime, cores. Looks without making anybody wait."""

import os

import streamlit as st

from core.devices import DeviceSearch

NAMES = {"numpy": "NumPy", "tensorflow": "TensorFlow", "torch": "PyTorch"}


@st.cache_resource(show_spinner=False)
def device_search() -> DeviceSearch:
    """One search for all visitors, begun by the first."""
    return DeviceSearch()


def show_devices() -> None:
    """One line; it fills in as the runtimes answer."""
    done = device_search().done
    st.fragment(_line, run_every=None if done else 1.0)(done)


def _line(was_done: bool) -> None:
    search = device_search()
    if search.done and not was_done:
        st.rerun()
    parts = [f"{NAMES.get(runtime, runtime)}: {_answer(search, runtime)}" for runtime in search.exhibits]
    st.caption(f"Found here: {' · '.join(parts)} · {os.cpu_count()} cores")


def _answer(search: DeviceSearch, runtime: str) -> str:
    if runtime in search.found:
        return ", ".join(search.found[runtime])
    return f"not known ({search.problems[runtime]})" if runtime in search.problems else "looking…"
