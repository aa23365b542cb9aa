"""From trouble back to a race, in a real browser: the mended set-up, the clock raced again in turns."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.config import RunConfig
from core.races.race import enter_runs, train_in_turn
from core.races.race_list import RaceList
from core.races.turns import take_place
from core.runs import records
from support.axe import AXE, settle, violations
from support.browser import click, wait_for
from support.drawn_digits import keep_drawn_digits
from support.made_runs import make_finished_run

TINY = dict(
    framework="numpy_scratch", dataset="digits", architecture="tiny-mlp", learning_rate=0.01, epochs=2,
    threads=1, device="cpu",
)  # fmt: skip
ILL = TINY | {"epochs": 30, "batch_size": 10, "scaling": "unit"}  # it never met a pen


@pytest.fixture
def server(app_server, monkeypatch):
    monkeypatch.setenv("DIGIT_DERBY_LINE", app_server.env["DIGIT_DERBY_LINE"])
    yield app_server
    app_server.clear()


def raced(configs: list[RunConfig], artifacts: Path, name: str) -> list[str]:
    """The runs of a race that is over."""
    with take_place(name, artifacts) as place:
        return train_in_turn(enter_runs(configs, artifacts, name), artifacts, place)


def test_the_mended_set_up_fills_the_form(server, page):
    config = RunConfig(**TINY | {"optimizer": "sgd", "learning_rate": 10.0})
    (run,) = raced([config], server.artifacts, "20260102-030405-lost")
    path = records.metrics_path(server.artifacts, run)
    lost = {"learned": False, "diagnosis": "Too high. Try 0.01.", "remedy": {"learning_rate": 0.01}}
    records.write_json(path, {**records.read_object(path), **lost})
    make_finished_run(server.artifacts, "other")  # so that Compare offers to filter by dataset and network
    for shown in ("train", "compare"):
        page.goto(f"{server.url}/{shown}?race=20260102-030405-lost")
        click(page.get_by_role("link", name="Race with learning rate 0.01"))
        page.wait_for_url("**learning-rate=0.01**")
        page.get_by_role("button", name="Start race").wait_for()
        expect(page.get_by_role("combobox", name="Network")).to_have_value("tiny-mlp")
        for part in ("frameworks=numpy_scratch", "dataset=digits", "architecture=tiny-mlp"):
            assert part in page.url
        assert "race=" not in page.url


def test_the_clock_raced_again_is_a_race_in_turns(server, page):
    configs = [RunConfig(**TINY | {"epochs": epochs}) for epochs in (2, 3)]
    raced(configs, server.artifacts, "20260102-030405-once")
    page.goto(f"{server.url}/compare?race=20260102-030405-once")
    click(page.get_by_role("button", name="Race the clock again"))
    page.get_by_role("dialog").get_by_role("button", name="Start race").click()
    page.wait_for_url("**/train?race=*")
    race = page.url.partition("race=")[2]
    found = wait_for(lambda: (one := RaceList(server.artifacts).find(race)) and not one.active and one)
    epochs = [records.read_config(server.artifacts, run)[0].epochs for run in found.runs]
    assert sorted(epochs[:2]) == [2, 3]
    assert epochs == epochs[:2] * 3


def test_cards_say_what_is_seen_and_lead_to_the_mended_set_up(server, page):
    race = "20260102-030405-ill"
    raced(
        [RunConfig(**ILL, train_size=50), RunConfig(**ILL)],
        server.artifacts,
        race,
    )
    keep_drawn_digits(server.artifacts)
    found = []
    for address in (f"compare?race={race}", f"train?race={race}"):
        page.goto(f"{server.url}/{address}")
        page.get_by_text("NumPy misread your drawings.").wait_for()
        page.get_by_text("NumPy learned too much by heart.").wait_for()
        page.get_by_text("of its 50 training images were right, but only").wait_for()
        page.evaluate(AXE)
        found += violations(page, "light") + violations(page, "dark")
        page.set_viewport_size({"width": 390, "height": 844})
        found += violations(page, "dark")
        links = page.locator(".st-key-trouble a")
        assert all(link.bounding_box()["height"] >= 44 for link in links.all())
        page.set_viewport_size({"width": 1440, "height": 900})
        settle(page, "light")  # the run for another scheme would take the page back to the address of before
    assert not found, "\n\n".join(found)
    page.get_by_role("link", name="Race on MNIST and pen strokes, with augmentation").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**dataset=mnist-pen**")
    page.get_by_role("button", name="Start race").wait_for()
    assert "augment=true" in page.url
    assert "frameworks=numpy_scratch" in page.url
