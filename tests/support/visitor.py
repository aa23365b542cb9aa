"""A visitor without a browser: speaks the app's websocket as Streamlit's frontend does."""

import asyncio
import json
import re
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import TypeVar

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from core.drawing.strokes import SIDE

T = TypeVar("T")


def run_apart(visit: Coroutine[None, None, T]) -> T:
    """Runs what visitors do in a thread of its own: Playwright keeps a loop in the one of the tests."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, visit).result()


@dataclass
class Visitor:
    """One open page: `async with Visitor(url, "draw") as visitor`, then `draw`, `click`, `look`.

    `html` has every piece of HTML that the page shows, by its place; `buttons` the buttons by label;
    `texts` what else it says. `canvas` is the drawing canvas's widget.
    """

    url: str
    page: str
    query: str = ""
    timeout: float = 90.0
    html: dict[tuple[int, ...], str] = field(default_factory=dict)
    texts: dict[tuple[int, ...], str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str, bool]] = field(default_factory=dict)  # id, fragment, disabled
    canvas: tuple[str, str] = ("", "")  # id, fragment
    states: dict[str, WidgetState] = field(default_factory=dict)
    session: str = ""
    script: str = ""  # the page that the server shows
    ticking: tuple[str, float] = ("", 0.0)  # the fragment that runs by itself, and how often

    async def __aenter__(self) -> "Visitor":
        address = self.url.replace("http", "ws", 1) + "/_stcore/stream"
        self.socket: ClientConnection = await connect(address, subprotocols=["streamlit"], max_size=None)
        await self.run()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.socket.close()

    async def send(self, fragment: str = "", *triggers: WidgetState) -> None:
        """Asks for a run of the page, or of one fragment of it."""
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id = self.query, fragment
        if self.script:
            asked.page_script_hash = self.script
        else:
            asked.page_name = self.page
        asked.widget_states.widgets.extend([*self.states.values(), *triggers])
        await self.socket.send(message.SerializeToString())

    async def run(self, fragment: str = "", *triggers: WidgetState) -> None:
        """Asks for a run and reads until it has ended."""
        await self.send(fragment, *triggers)
        while await self.read() != "script_finished":
            pass

    async def read(self) -> str:
        """Takes in the next message and returns its kind."""
        data = await asyncio.wait_for(self.socket.recv(), self.timeout)
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        if kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._take(tuple(message.metadata.delta_path), message.delta)
        elif kind == "navigation":
            self.script = message.navigation.page_script_hash
        elif kind == "new_session":
            self.session = message.new_session.initialize.session_id
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "auto_rerun":
            self.ticking = message.auto_rerun.fragment_id, message.auto_rerun.interval
        elif kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            return "again"
        return kind

    def _take(self, place: tuple[int, ...], delta) -> None:
        element = delta.new_element
        kind = element.WhichOneof("type")
        self.html.pop(place, None)
        self.texts.pop(place, None)
        if kind == "html":
            self.html[place] = element.html.body
        elif kind in ("markdown", "alert"):
            self.texts[place] = getattr(element, kind).body
        elif kind == "button":
            button = element.button
            self.buttons[button.label] = (button.id, delta.fragment_id, button.disabled)
        elif kind == "bidi_component" and element.bidi_component.component_name == "ink_pad":
            self.canvas = element.bidi_component.id, delta.fragment_id

    async def click(self, label: str) -> None:
        """Clicks a button and does not wait for what comes."""
        name, fragment, _ = self.buttons[label]
        await self.send(fragment, WidgetState(id=name, trigger_value=True))

    async def draw(self, value: str, models: int) -> float:
        """Sends a drawing as the canvas does; returns the seconds until so many models have answered."""
        name, fragment = self.canvas
        self.states[name] = WidgetState(id=name, json_value=value)
        self.html.clear()
        began = time.perf_counter()
        await self.send(fragment)
        seconds = 0.0
        while True:
            kind = await self.read()
            if not seconds and self.answered() >= models:
                seconds = time.perf_counter() - began
            if kind == "script_finished":
                if seconds:
                    return seconds
                assert time.perf_counter() - began < self.timeout, f"no answer: {self.html} {self.texts}"
                await asyncio.sleep(self.ticking[1])  # a model still loads: the page asks again
                await self.send(self.ticking[0])

    def answered(self) -> int:
        """How many models' cards show what they read (the mean of all is none)."""
        return sum(
            len(re.findall(r'data-run="(?!average)[^"]*" data-reading="\d', text))
            for text in self.html.values()
        )


def scribble(rng: np.random.Generator, strokes: int = 1, points: int = 60) -> str:
    """A drawing as the canvas sends it: its strokes."""
    drawn = []
    for _ in range(strokes):
        line = np.clip(160 + np.cumsum(rng.normal(0, 9, (points, 2)), axis=0), 30, SIDE - 30)
        drawn.append({"width": 22, "points": line.round(1).ravel().tolist()})
    return json.dumps({"strokes": drawn})
