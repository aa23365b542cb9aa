"""What is known of each dataset before its images are read: those of the project and visitors' own.

data/own/<name>/dataset.json   an imported dataset: classes, files, pixels, where it came from
"""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from core import places
from core.words import missing

Way = Literal["number", "sign", "picture"]  # digits side by side, all ink as one sign, the whole picture


class DatasetError(ValueError):
    """Data that cannot be used; the message names the file, the folder and the ways out."""


@dataclass(frozen=True)
class FileInfo:
    """One file as it has to be: size in bytes and MD5 in hexadecimal.

    `archives` are the names under which a mirror may have it, packed; none means its own with `.gz`.
    """

    name: str
    size: int
    md5: str
    archives: tuple[str, ...] = ()


@dataclass(frozen=True)
class DatasetInfo:
    """One dataset: its files (training images and labels, test images and labels) and its pixels.

    `mean` and `std` are those of the training pixels as fractions of full ink.
    """

    name: str
    title: str
    class_names: tuple[str, ...]
    files: tuple[FileInfo, ...]
    subfolder: str  # below the data folder; empty for the one inside scikit-learn
    mean: float
    std: float
    reader: str = "idx"  # who reads the files: a key of core.data.datasets.READERS
    torchvision_class: str = ""  # knows the mirrors
    mirrors: tuple[str, ...] = ()  # addresses of folders, where torchvision knows none
    parts: tuple[str, ...] = ()  # names of the datasets that it is put together from
    optional: tuple[str, ...] = ()  # below the data folder: what a visitor may add to it
    attribution: str = ""  # who made it, under which licence; shown wherever its images are
    largest_validation_share: float = 1.0  # of the training images
    content: str = ""  # of an imported one: a hash that tells it from any other of its name
    made: str = "mnist"  # how its images became 28 × 28: a `core.data.importing.parts.Preparation`

    @property
    def own(self) -> bool:
        """Whether a visitor imported it."""
        return bool(self.content)

    @property
    def way(self) -> Way:
        """How a picture is read for models that learned it: as its own images were made."""
        if self.class_names == DIGIT_NAMES:
            return "number"
        return "picture" if self.made == "resize" else "sign"

    @property
    def fetchable(self) -> bool:
        """Whether it can be downloaded."""
        return bool(self.torchvision_class or self.mirrors or self.parts)

    def with_files(self) -> "tuple[DatasetInfo, ...]":
        """Whose files it needs: its own, or those of its parts."""
        return tuple(DATASETS[part] for part in self.parts) or (self,)

    def folder(self, data_dir: Path | str | None = None) -> Path:
        """The folder that holds the files."""
        return places.data_dir(data_dir) / self.subfolder if self.subfolder else _inside_sklearn()

    def paths(self, data_dir: Path | str | None = None) -> list[Path]:
        """Where each file that it needs belongs."""
        return [part.folder(data_dir) / file.name for part in self.with_files() for file in part.files]

    def optional_folders(self, data_dir: Path | str | None = None) -> list[Path]:
        """Where further sources are looked for."""
        return [places.data_dir(data_dir) / name for name in self.optional]

    def scaling_constants(self, scaling: str) -> tuple[float, float]:
        """Mean and std that `core.data.batches.normalise` takes: the dataset's own, or 0 and 1 for "unit"."""
        return (self.mean, self.std) if scaling == "standardize" else (0.0, 1.0)

    def ways_out(self, first: str | None = None) -> str:
        """What a visitor can do when the files cannot be used; `first` instead of fetching them."""
        if not self.subfolder:
            return "It is part of scikit-learn: reinstall the requirements."
        if self.own:
            return f"Delete it with `python -m core data delete {self.name}` and import it once more."
        first = first or f"Fetch it with `python -m core data {self.name} --fetch`"
        return (
            f"{first}, or name a folder that holds {self._holds()} with --data-dir "
            "(or DIGIT_DERBY_DATA), or use --dataset digits, which needs no download."
        )

    def _holds(self) -> str:
        return " and ".join(dataset.subfolder for dataset in self.with_files())


def _inside_sklearn() -> Path:
    """Where scikit-learn keeps its data; looked up, not imported, because the import takes two seconds."""
    spec = find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise DatasetError("scikit-learn is not installed: reinstall the requirements.")
    return Path(spec.origin).parent / "datasets" / "data"


DIGIT_NAMES = tuple("0123456789")
UNIPEN = "pen-unipen"  # below the data folder: UNIPEN's digits, which join `pen` where a visitor has them
MNIST_ATTRIBUTION = "MNIST: Y. LeCun, C. Cortes, C. Burges (CC BY-SA 3.0)."
PEN_ATTRIBUTION = (
    "Pen strokes: E. Alpaydin, F. Alimoglu, Pen-Based Recognition of Handwritten Digits (UCI dataset 81, "
    "CC BY 4.0) and, where it is there, I. Guyon and others, UNIPEN train_r01_v07, section 1a "
    "(doi.org/10.5281/zenodo.1195803, CC BY 4.0)."
)
# Sizes and MD5 of the uncompressed files as published; mean and std as commonly used with them.
DATASETS: dict[str, DatasetInfo] = {
    "mnist": DatasetInfo(
        name="mnist",
        title="MNIST",
        class_names=DIGIT_NAMES,
        files=(
            FileInfo("train-images-idx3-ubyte", 47_040_016, "6bbc9ace898e44ae57da46a324031adb"),
            FileInfo("train-labels-idx1-ubyte", 60_008, "a25bea736e30d166cdddb491f175f624"),
            FileInfo("t10k-images-idx3-ubyte", 7_840_016, "2646ac647ad5339dbf082846283269ea"),
            FileInfo("t10k-labels-idx1-ubyte", 10_008, "27ae3e4e09519cfbb04c329615203637"),
        ),
        subfolder="MNIST/raw",
        mean=0.1307,
        std=0.3081,
        torchvision_class="MNIST",
        attribution=MNIST_ATTRIBUTION,
    ),
    "fashion-mnist": DatasetInfo(
        name="fashion-mnist",
        title="Fashion-MNIST",
        class_names=(
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
        files=(
            FileInfo("train-images-idx3-ubyte", 47_040_016, "f4a8712d7a061bf5bd6d2ca38dc4d50a"),
            FileInfo("train-labels-idx1-ubyte", 60_008, "9018921c3c673c538a1fc5bad174d6f9"),
            FileInfo("t10k-images-idx3-ubyte", 7_840_016, "8181f5470baa50b63fa0f6fddb340f0a"),
            FileInfo("t10k-labels-idx1-ubyte", 10_008, "15d484375f8d13e6eb1aabb0c3f46965"),
        ),
        subfolder="FashionMNIST/raw",
        mean=0.2860,
        std=0.3530,
        torchvision_class="FashionMNIST",
    ),
    "pen": DatasetInfo(
        name="pen",
        title="Pen strokes",
        class_names=DIGIT_NAMES,
        files=(
            FileInfo(
                "pendigits-orig.tra",
                3_641_673,
                "28e269fb7eaf8cb51af3f561743a0de5",
                archives=("pendigits-orig.tra.Z", "pen+based+recognition+of+handwritten+digits.zip"),
            ),
        ),
        subfolder="pen-digits",
        mean=0.1371,
        std=0.3178,
        reader="pen",
        optional=(UNIPEN,),
        mirrors=(
            "https://archive.ics.uci.edu/ml/machine-learning-databases/pendigits",
            "https://archive.ics.uci.edu/static/public/81",
        ),
        attribution=PEN_ATTRIBUTION,
        largest_validation_share=0.1,
    ),
    "mnist-pen": DatasetInfo(
        name="mnist-pen",
        title="MNIST and pen strokes",
        class_names=DIGIT_NAMES,
        files=(),
        subfolder=".",
        mean=0.1307,
        std=0.3081,
        reader="parts",
        parts=("mnist", "pen"),
        attribution=f"{MNIST_ATTRIBUTION} {PEN_ATTRIBUTION}",
    ),
    "digits": DatasetInfo(
        name="digits",
        title="Digits (scikit-learn)",
        class_names=DIGIT_NAMES,
        files=(FileInfo("digits.csv.gz", 57_523, "9b335364a7bfd63947c7480a5bd51f2d"),),
        subfolder="",
        mean=0.1560,
        std=0.2973,
        reader="sklearn",
        largest_validation_share=0.1,
    ),
}


NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")  # as RunConfig takes it
OWN = "own"  # below the data folder
DESCRIPTION = "dataset.json"  # in an imported dataset's folder, the last file to be written
OWN_VALIDATION_SHARE = 0.1  # an imported dataset may be small


def find_dataset(name: str, data_dir: Path | str | None = None) -> DatasetInfo:
    """The dataset of this name.

    Args:
        name: one of `known_datasets`.
        data_dir: the data folder; None means `core.places.data_dir()`.

    Raises:
        DatasetError: there is none, or its description is damaged; the message says which there are.
    """
    if name in DATASETS:
        return DATASETS[name]
    path = places.data_dir(data_dir) / OWN / name / DESCRIPTION
    if NAME.fullmatch(name) and path.is_file():
        return _described(path, path.stat().st_mtime_ns)
    raise DatasetError(f"dataset {name!r} is unknown; choose from {', '.join(known_datasets(data_dir))}")


def known_datasets(data_dir: Path | str | None = None) -> dict[str, DatasetInfo]:
    """All datasets by name: the project's, then those that were imported; a damaged one is left out."""
    found = dict(DATASETS)
    for name in own_names(data_dir):
        try:
            found[name] = find_dataset(name, data_dir)
        except DatasetError:
            continue  # `find_dataset` and the command say what is wrong with it
    return found


def own_names(data_dir: Path | str | None = None) -> list[str]:
    """Names of the imported datasets, damaged ones too."""
    paths = sorted((places.data_dir(data_dir) / OWN).glob(f"*/{DESCRIPTION}"))
    return [path.parent.name for path in paths if NAME.fullmatch(path.parent.name)]


def dataset_title(name: str | None) -> str | None:
    """What people call a dataset, such as "MNIST"; a name that none has, or none, is given back."""
    try:
        info = find_dataset("" if missing(name) else str(name))
    except DatasetError:
        return name
    return info.title if info.own else info.title.partition(" (")[0]


def names_of_classes(dataset: str | None, content: str | None, count: int) -> list[str]:
    """What the classes of a run's confusion matrix are called; their numbers where nobody can say.

    Args:
        dataset: its name, as far as the run says.
        content: of an imported one, likewise (None or NaN): another dataset of that name has other classes.
        count: how many classes the run tells apart.
    """
    try:
        info = find_dataset(dataset or "")
    except DatasetError:
        info = None
    held = "" if missing(content) else content
    known = info is not None and info.content == held and len(info.class_names) == count
    return list(info.class_names) if info and known else [str(number) for number in range(count)]


@lru_cache(maxsize=256)
def _described(path: Path, modified_ns: int) -> DatasetInfo:
    """An imported dataset from its description, read again when that changed."""
    try:
        plain = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(FileInfo(str(one["name"]), int(one["size"]), str(one["md5"])) for one in plain["files"])
        if [Path(file.name).name for file in files] != [file.name for file in files] or len(files) != 4:
            raise ValueError("four files in its own folder belong there")
        return DatasetInfo(
            name=path.parent.name,
            title=str(plain["title"]),
            class_names=tuple(map(str, plain["class_names"])),
            files=files,
            subfolder=f"{OWN}/{path.parent.name}",
            mean=float(plain["mean"]),
            std=float(plain["std"]),
            largest_validation_share=OWN_VALIDATION_SHARE,
            content=str(plain["content"]),
            made=str(plain.get("made", "mnist")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        name = path.parent.name
        raise DatasetError(
            f"{path} is damaged ({type(error).__name__}: {error}); delete the dataset with "
            f"`python -m core data delete {name}` and import it once more"
        ) from error
