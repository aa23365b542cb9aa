"""What this machine offers: devices by runtime, cores. Looks without making anybody wait."""

import streamlit as st

from core import frameworks
from core.machine.devices import DeviceSearch
from core.machine.environment import available_cores
from core.races.turns import waiting


@st.cache_resource(max_entries=1, show_spinner=False)
def device_search() -> DeviceSearch:
    """One search for all visitors, begun by the first who comes while no race trains."""
    return DeviceSearch()


def show_devices() -> None:
    """One line; it fills in as the runtimes answer.

    It does not rerun the page when all have: that would drop a click on a race that ticks beside it.
    """
    st.fragment(_line, run_every=None if device_search().done else 1.0)()


def _line() -> None:
    search = device_search()
    if not search.begun:
        if waiting():
            st.caption(f"Devices are looked for once no race trains · {available_cores()} cores")
            return
        search.begin()  # imports the frameworks, which would disturb a race that is timed
    parts = [
        f"{frameworks.runtime_title(runtime)}: {_answer(search, runtime)}" for runtime in search.exhibits
    ]
    st.caption(f"Found here: {' · '.join(parts)} · {available_cores()} cores")


def _answer(search: DeviceSearch, runtime: str) -> str:
    if runtime in search.found:
        return ", ".join(search.found[runtime])
    return f"not known ({search.problems[runtime]})" if runtime in search.problems else "looking…"
