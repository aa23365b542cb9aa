"""The visitor's own digits: drawings with the label that the visitor gave them.

artifacts/my-digits/<id>.png    the drawing as it was made, longer side at most 400 pixels
artifacts/my-digits/labels.csv  file, label, saved (ISO time), source

The table decides: a picture without a line in it does not count, and neither does a line without a
picture. Both are replaced as a whole, so a reader never meets half of one.
"""

import csv
import hashlib
import io
import zipfile
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image

from core.runs.records import OWN_DIGITS, RecordError
from core.runs.writing import write_file

FOLDER = OWN_DIGITS
LABELS = "labels.csv"
LARGEST_SIDE = 400  # pixels; the canvas fits, and MNIST's 28 come from less
MOST_DIGITS = 5000  # about 15 MB, and a minute to prepare
OWN_SHARE = 0.1  # of the training images, once they are repeated
MOST_REPEATS = 50  # more would only learn single drawings by heart


@dataclass(frozen=True)
class OwnDigit:
    """One line of the table."""

    file: str
    label: int
    saved: str
    source: str

    @property
    def id(self) -> str:
        """The same for the same picture."""
        return Path(self.file).stem


def folder(artifacts: Path) -> Path:
    """Where the digits are kept (it need not exist)."""
    return artifacts / FOLDER


def save_digit(
    artifacts: Path, picture: Image.Image | np.ndarray, label: int, source: str = "drawing"
) -> OwnDigit:
    """Saves a picture of one digit; the same picture again only changes its label.

    Args:
        artifacts: the artifacts folder.
        picture: as `core.drawing.preprocessing.prepare_digit` takes it.
        label: the digit that it shows, 0 to 9.
        source: where it came from, such as "drawing" or "photo".

    Raises:
        RecordError: no such label, as many digits as there may be, or the folder cannot be written to.
    """
    if label not in range(10):
        raise RecordError(f"a label is a digit from 0 to 9, not {label!r}")
    picture = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    picture = picture.copy() if picture.mode in ("L", "LA", "RGB", "RGBA") else picture.convert("RGBA")
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
    png = io.BytesIO()
    picture.save(png, format="PNG")
    name = hashlib.sha256(f"{picture.mode} {picture.size}".encode() + picture.tobytes()).hexdigest()[:16]
    digit = OwnDigit(f"{name}.png", int(label), datetime.now(UTC).isoformat(timespec="seconds"), source)
    try:
        folder(artifacts).mkdir(parents=True, exist_ok=True)
        with _lock(artifacts):
            others = [other for other in _read(artifacts) if other.id != digit.id]
            if len(others) >= MOST_DIGITS:
                raise RecordError(f"{MOST_DIGITS:,} digits are saved; delete some first")
            write_file(folder(artifacts) / digit.file, png.getvalue())
            _write(artifacts, [*others, digit])
    except OSError as error:
        raise RecordError(f"cannot save to {folder(artifacts)}: {error.strerror or error}") from error
    return digit


def list_digits(artifacts: Path) -> list[OwnDigit]:
    """The saved digits, oldest first.

    Raises:
        RecordError: the table cannot be read.
    """
    return [digit for digit in _read(artifacts) if (folder(artifacts) / digit.file).is_file()]


def delete_digits(artifacts: Path, ids: list[str] | None = None) -> int:
    """Deletes these digits, or all of them, and returns how many there were."""
    if not folder(artifacts).is_dir():
        return 0
    with _lock(artifacts):
        digits = _read(artifacts)
        gone = [digit for digit in digits if ids is None or digit.id in ids]
        _write(artifacts, [digit for digit in digits if digit not in gone])
        for digit in gone:
            (folder(artifacts) / digit.file).unlink(missing_ok=True)
    return len(gone)


def zip_digits(artifacts: Path) -> bytes:
    """All saved digits and their table as a ZIP file."""
    archive = io.BytesIO()
    digits = list_digits(artifacts)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
        file.writestr(f"{FOLDER}/{LABELS}", _table(digits))
        for digit in digits:
            file.write(folder(artifacts) / digit.file, f"{FOLDER}/{digit.file}")
    return archive.getvalue()


def prepared_digits(artifacts: Path) -> tuple[list[OwnDigit], np.ndarray]:
    """The saved digits beside their images (N, 28, 28) uint8 as models see them; N may be 0.

    A picture that cannot be read, or in which no digit is found any more, is left out.

    Raises:
        RecordError: the table cannot be read.
    """
    from core.drawing.ink import EmptyDrawing  # brings OpenCV
    from core.drawing.preprocessing import prepare_digit

    found, images = [], []
    for digit in list_digits(artifacts):
        try:
            images.append(prepare_digit(open_picture(artifacts, digit)))
            found.append(digit)
        except (EmptyDrawing, RecordError):
            continue  # stays in the table, where it can be seen and deleted
    return found, np.array(images, np.uint8).reshape(len(images), 28, 28)


def training_images(artifacts: Path) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, 28, 28) uint8 and labels (N,) int64 of the saved digits (raises as `prepared_digits`)."""
    digits, images = prepared_digits(artifacts)
    return images, np.array([digit.label for digit in digits], np.int64)


def fingerprint(images: np.ndarray, labels: np.ndarray) -> str:
    """Tells one set of own digits from another, such as "23 digits, 5b1f90c2"."""
    digest = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    return f"{len(labels)} digit{'s' * (len(labels) != 1)}, {digest[:8]}"


def repeats(own: int, others: int) -> int:
    """How often each of `own` digits is added to `others` training images.

    A few digits among thousands would change nothing, so they come to about a tenth of the images, each at
    most 50 times.
    """
    return max(1, min(MOST_REPEATS, round(OWN_SHARE * others / max(own, 1))))


def open_picture(artifacts: Path, digit: OwnDigit) -> Image.Image:
    """The saved picture.

    Raises:
        RecordError: it is gone or damaged.
    """
    try:
        with Image.open(folder(artifacts) / digit.file, formats=["PNG"]) as picture:
            picture.load()
            return picture
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise RecordError(f"{FOLDER}/{digit.file} cannot be read: {error}") from error


# ── the table ───────────────────────────────────────────────────────────────────────


def _lock(artifacts: Path) -> FileLock:
    return FileLock(folder(artifacts) / ".lock")


def _read(artifacts: Path) -> list[OwnDigit]:
    try:
        text = (folder(artifacts) / LABELS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{FOLDER}/{LABELS} cannot be read: {error}") from error
    digits = []
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise RecordError(f"{FOLDER}/{LABELS} cannot be read: {error}") from error
    for number, row in enumerate(rows, start=2):
        file, label = row.get("file") or "", row.get("label") or ""
        if Path(file).name != file or not file.endswith(".png") or label not in set("0123456789"):
            raise RecordError(f"{FOLDER}/{LABELS}, line {number}: needs a picture's name and a digit")
        digits.append(OwnDigit(file, int(label), row.get("saved") or "", row.get("source") or ""))
    return digits


def _table(digits: list[OwnDigit]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [field.name for field in fields(OwnDigit)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(digit) for digit in digits)
    return text.getvalue()


def _write(artifacts: Path, digits: list[OwnDigit]) -> None:
    write_file(folder(artifacts) / LABELS, _table(digits).encode())
