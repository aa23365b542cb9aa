"""Many visitors at a real server, without browsers: memory, clicks, the line, uploads."""

import asyncio
import http.client
import os
import subprocess
import sys
from contextlib import suppress

import numpy as np
import psutil
import pytest

from core.machine.processes import NICE
from core.places import PROJECT
from core.prediction.models import default_runs, model_files
from core.races import turns
from core.runs import records
from support.browser import AppServer, wait_for
from support.made_runs import copy_reference_runs
from support.visitor import Visitor, run_apart, scribble

pytestmark = pytest.mark.frameworks

MB = 2**20
SET_UP = "frameworks=numpy_scratch&dataset=digits&architecture=tiny-mlp&epochs=1"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = AppServer(copy_reference_runs(tmp_path_factory.mktemp("visitors") / "artifacts"))
    yield server
    server.close()


@pytest.fixture
def line(server, monkeypatch):
    """The server's line of races, whose first place somebody holds until the test ends."""
    monkeypatch.setenv("DIGIT_DERBY_LINE", server.env["DIGIT_DERBY_LINE"])
    with turns.take_place("first", server.artifacts):
        yield
        for ticket in turns.waiting():
            if ticket["pid"] != os.getpid():
                with suppress(psutil.NoSuchProcess):
                    psutil.Process(ticket["pid"]).kill()


def own_races(server: AppServer) -> set[str]:
    """The races that have made runs here."""
    runs = [run for run in records.run_names(server.artifacts) if not records.is_reference(run)]
    return {records.read_config(server.artifacts, run)[1] for run in runs}


async def visit(url: str, drawings: list[str], models: int) -> list[float]:
    async with Visitor(url, "draw") as visitor:
        return [await visitor.draw(drawing, models) for drawing in drawings]


def test_drawings_do_not_stay_in_memory_when_their_visitors_have_left(server):
    models = len(default_runs(model_files(server.artifacts)))
    rng = np.random.default_rng(0)

    async def crowd(visitors: int, drawings: int) -> None:
        await asyncio.gather(
            *(visit(server.url, [scribble(rng) for _ in range(drawings)], models) for _ in range(visitors))
        )

    process = psutil.Process(server.process.pid)
    run_apart(crowd(8, 16))  # loads every model, and what the server gets ready in the background
    before = process.memory_info().rss
    run_apart(crowd(8, 16))  # 128 drawings, each with some 0.4 MB of pictures, if they stayed
    assert process.memory_info().rss - before < 35 * MB


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no niceness of their own")
def test_models_answer_with_what_a_race_leaves_them(server):
    run_apart(
        visit(
            server.url, [scribble(np.random.default_rng(1))], len(default_runs(model_files(server.artifacts)))
        )
    )
    workers = [process for process in server.processes() if "core.prediction.worker" in process.cmdline()]
    assert len(workers) >= 2
    assert {process.nice() for process in workers} == {NICE}
    threads = psutil.Process(server.process.pid).threads()
    niceness = [os.getpriority(os.PRIO_PROCESS, thread.id) for thread in threads]
    assert niceness.count(0) > 0  # the pages, and the races that they start
    assert psutil.Process(server.process.pid).nice() == 0


def test_twenty_five_quick_clicks_queue_one_race(server, line):
    async def click() -> str:
        async with Visitor(server.url, "train", SET_UP) as visitor:
            label = next(label for label in visitor.buttons if label in ("Start race", "Queue race"))
            for _ in range(25):
                await visitor.click(label)
            with suppress(TimeoutError):  # until the page has nothing more to say
                while True:
                    await asyncio.wait_for(visitor.read(), 3)
            return visitor.query

    assert "race=" in run_apart(click())
    wait_for(lambda: len(turns.waiting()) == 2)
    wait_for(lambda: own_races(server))
    assert len(own_races(server)) == 1
    assert len(turns.waiting()) == 2


def test_full_line_is_said_on_the_page_and_its_button_rests(server, line):
    code = (
        "import sys; from pathlib import Path; from core.races.turns import place_in_line\n"
        "with place_in_line('x', Path(), lambda ahead: print('waits', flush=True)): pass"
    )
    waiting = [
        subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE)
        for _ in range(turns.MOST_WAITING - len(turns.waiting()) + 1)
    ]
    for process in waiting:
        process.stdout.readline()

    async def look() -> str:
        async with Visitor(server.url, "train", SET_UP + "&new=1") as visitor, asyncio.timeout(30):
            resting = False
            while not resting:  # an older look at the line is shared for a moment
                await visitor.run()
                *_, resting = visitor.buttons.get("Queue race", (False,))
            return " ".join(visitor.texts.values())

    try:
        said = run_apart(look())
    finally:
        for process in waiting:
            process.kill()
            process.communicate()
    assert "20 races wait in line already" in said


def test_uploads_that_nobody_reads_are_forgotten(server):
    def rss() -> int:
        return psutil.Process(server.process.pid).memory_info().rss

    async def upload() -> list[int]:
        seen = []
        async with Visitor(server.url, "draw") as visitor:
            for number in range(24):
                await asyncio.to_thread(put, server.port, visitor.session, f"file-{number}", b"0" * 9 * MB)
                seen.append(rss())
        return seen

    seen = run_apart(upload())
    assert seen[-1] - seen[5] < 30 * MB  # 162 MB came after the sixth


def put(port: int, session: str, name: str, content: bytes) -> None:
    """Uploads a file as the frontend does."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    token = answer.headers.get("Set-Cookie", "").partition("_streamlit_xsrf=")[2].partition(";")[0]
    start = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    headers = {
        "Content-Type": "multipart/form-data; boundary=x",
        "X-Xsrftoken": token,
        "Cookie": f"_streamlit_xsrf={token}",
    }
    path = f"/_stcore/upload_file/{session}/{name}"
    connection.request("PUT", path, start + content + b"\r\n--x--\r\n", headers)
    assert connection.getresponse().status == 204
    connection.close()
