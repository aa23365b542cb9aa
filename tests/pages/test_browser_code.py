"""The code side by side in a browser: pointing, keyboard, copying, a phone, light and dark."""

import pytest

from core import frameworks
from core.lessons import one_batch, one_batch_process
from core.lessons.steps import STEPS
from core.training.parity import OneBatchEpochs
from support.axe import AXE, settle, violations
from support.browser import click, wait_in

LIT = """() => Object.fromEntries([...document.querySelectorAll('.code-exhibit')].map((one) => [
    one.dataset.name,
    [...one.querySelectorAll('.code-line.code-lit')].map((line) => line.textContent.trim()).join(' | ')]))"""

SHOWN = "name => document.querySelector('.code-steps').ariaLabel === `Steps of ${name}`"


@pytest.fixture(scope="module")
def measured(app_server):
    """NumPy's step is measured here; the others stand for frameworks that could not be."""
    about = one_batch.subject(app_server.artifacts)
    images, labels = one_batch.first_batch(about.config)
    data = OneBatchEpochs(images, labels, len(labels))
    config = about.config.model_copy(update={"framework": "numpy_scratch"})
    told = one_batch_process.measure("numpy_scratch", config, None, data)
    path = one_batch.record_path(app_server.artifacts, about)
    path.parent.mkdir()
    others = {name: {"error": "left out"} for name in frameworks.names()}
    one_batch._keep(path, others | {"numpy_scratch": told})
    return told


def open_code(app_server, page, **query: str) -> None:
    page.goto(f"{app_server.url}/learn?" + "&".join(f"{key}={value}" for key, value in query.items()))
    page.wait_for_selector(".code-line.code-lit")


def head(page, name: str) -> str:
    return page.locator(f'.code-exhibit[data-name="{name}"] .code-head').inner_text()


def test_step_lights_up_in_all_columns_with_its_values(app_server, measured, page):
    open_code(app_server, page, code="pytorch,keras_fit,numpy_scratch")
    lit = page.evaluate(LIT)
    assert lit["pytorch"] == "logits = model(images)  # forward"
    assert "model.fit(" in lit["keras_fit"]
    assert "last (64, 10)" in head(page, "numpy_scratch")
    assert "The same call also does: loss, backward" in head(page, "keras_fit")
    assert "Not measured: left out" in head(page, "pytorch")

    # Pointing is for a moment, a click stays.
    loss = page.locator('.code-exhibit[data-name="pytorch"] .code-line', has_text="cross_entropy(")
    loss.scroll_into_view_if_needed()
    loss.hover()
    sentence = page.locator(".code-sentence")
    assert sentence.inner_text().startswith("Loss.")
    assert f"{measured['loss']:.4f}" in head(page, "numpy_scratch")
    click(loss)
    page.locator("h1").hover()
    assert sentence.inner_text().startswith("Loss.")

    # The keyboard goes from step to step; one stop of the tab key.
    page.locator('.code-steps [aria-pressed="true"]').focus()
    page.keyboard.press("ArrowRight")
    assert sentence.inner_text().startswith("Backward.")
    assert page.evaluate(LIT)["pytorch"].endswith("loss.backward()  # backward")
    assert f"gradient norm {measured['gradient_norm']:.4f}" in head(page, "numpy_scratch")
    page.keyboard.press("End")
    assert sentence.inner_text().startswith("Metrics.")
    assert page.locator('.code-steps [tabindex="0"]').count() == 1

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy train of PyTorch").click()
    wait_in(page, "() => document.querySelector('.code-said').textContent.includes('is copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("def train(")
    assert copied in frameworks.source("pytorch")

    # The same step lies at the same height, and stays in sight where its lines are read.
    tops = page.evaluate(
        """() => ['pytorch', 'numpy_scratch'].map((name) => [...document.querySelectorAll(
            `.code-exhibit[data-name=${name}] .code-line`)].find((line) =>
            line.dataset.steps === 'loss').getBoundingClientRect().top)"""
    )
    assert tops[0] == tops[1]

    page.evaluate(AXE)
    found = violations(page, "light") + violations(page, "dark")
    assert not found, "\n\n".join(found)

    for function in STEPS:
        click(page.get_by_test_id("stMain").get_by_text(function, exact=True).first)
        wait_in(
            page, "name => document.querySelector('.code-steps').ariaLabel === `Steps of ${name}`", function
        )
        assert all(page.evaluate(LIT)[name] for name in ("pytorch", "keras_fit", "numpy_scratch"))
    assert "function=load" in page.url


def test_phone_shows_all_five_one_below_the_other(app_server, measured, phone):
    open_code(app_server, phone, code="keras_fit,numpy_scratch")
    settle(phone, "light")
    names = phone.evaluate("[...document.querySelectorAll('.code-exhibit')].map((one) => one.dataset.name)")
    assert names[:2] == ["keras_fit", "numpy_scratch"]
    assert phone.locator(".code-exhibit:visible").count() == 5
    assert phone.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") == 390
    line = phone.locator('.code-exhibit[data-name="pytorch"] .code-line', has_text="optimizer.step()")
    line.scroll_into_view_if_needed()
    click(line)
    assert phone.locator(".code-sentence").inner_text().startswith("Optimizer's step.")
    assert phone.locator(".code-sentence").bounding_box()["y"] >= 0  # it goes along
    phone.evaluate(AXE)
    found = violations(phone, "light") + violations(phone, "dark")
    assert not found, "\n\n".join(found)
