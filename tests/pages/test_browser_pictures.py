"""Pictures on Upload: what was taken for ink is shown, and what cannot be read is refused with a sentence."""

import cv2
import numpy as np

from support.browser import click


def test_found_ink_is_shown_and_other_formats_are_refused_with_a_sentence(app_server, page, tmp_path):
    photo = np.full((600, 800, 3), 225, np.uint8)
    cv2.putText(photo, "3", (250, 450), 0, 9, (120, 50, 40), 16)
    cv2.imwrite(str(tmp_path / "photo.jpg"), photo)
    (tmp_path / "photo.heic").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    page.goto(f"{app_server.url}/draw")
    click(page.get_by_text("Upload", exact=True).first)
    chosen = page.locator("input[type=file]")
    chosen.set_input_files(tmp_path / "photo.jpg")
    page.get_by_text("Orange is what was taken for ink.").wait_for()
    chosen.set_input_files(tmp_path / "photo.heic")
    refusal = page.locator("[data-testid=verdict]").get_by_text("this is a HEIC, not a PNG, JPEG or WebP")
    refusal.wait_for()
    assert "JPEG" in refusal.inner_text()
    assert page.get_by_text("files are not allowed").count() == 0
