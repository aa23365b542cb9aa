"""Asking the runtimes for their devices through real child processes."""

import pytest

from core import frameworks
from core.machine import devices
from core.machine.devices import DeviceSearch


def test_runtime_that_cannot_be_asked_says_why_and_the_others_answer(monkeypatch):
    monkeypatch.setattr(frameworks, "names", lambda: ["absent", "numpy_scratch"])
    runtimes = {"absent": "broken", "numpy_scratch": "numpy"}
    monkeypatch.setattr(frameworks, "constants", lambda name: {"RUNTIME": runtimes[name]})
    search = DeviceSearch()
    search.begin()
    assert not search.done  # nobody waits for the answers
    assert search.wait(60)
    assert search.found == {"numpy": ["cpu"]}
    assert "'absent' is unknown" in search.problems["broken"]


def test_asking_an_unknown_framework_fails():
    with pytest.raises(ValueError, match="'absent' is unknown"):
        devices.ask("absent")
