"""How well what is no digit is told from digits: `python tests/benchmarks/likeness.py`.

Prints what the project's judge of likeness refuses: true digits (MNIST's test set, the built-in digits',
pens), letters and signs, scribbles, shapes, clothes, Fashion-MNIST where the data folder has it. The judge
has met the hands in DIGIT_DERBY_DATA (or `--data-dir`). `--folds` trains two others, each without half of
the laboratories and of UCI's writers, their digits and their letters, and without half of all kinds of
shapes and scribbles, and prints what those refuse of what they never met.

`--train` does the same, takes the threshold from it, trains the final judge on everything and writes
core/prediction/likeness.npz. A quarter of an hour on an idle machine; equal machines make equal networks.
"""

import argparse
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

import likeness_pictures as pictures  # noqa: E402
from likeness_pictures import Pictures, made, together  # noqa: E402

from core import places  # noqa: E402
from core.data.catalogue import DatasetError, find_dataset  # noqa: E402
from core.data.datasets import load_images  # noqa: E402
from core.drawing.ink import EmptyDrawing  # noqa: E402
from core.drawing.preprocessing import prepare_digit  # noqa: E402
from core.prediction.likeness import FILE, Judge, judge, save_judge  # noqa: E402
from support.not_digits import UNMISTAKABLE  # noqa: E402

SEED = 1000  # of the pictures to measure on; those to learn from have others
LEFT_OUT = (("aga", "ced", "syn"), ("apb", "app", "imp"))  # a fold each, with half of UCI's writers
REFUSED = 0.006  # of the true digits of left-out laboratories; the promise is 0.02
NETWORKS = 1  # that judge together


# ── what is measured ────────────────────────────────────────────────────────────────


def handwriting(data_dir: Path) -> Pictures:
    """Every digit, letter and sign of the data folder once, each with a pen of its own."""
    digits, letters = pictures.characters(data_dir)
    clear = [one for one in letters if one.label in UNMISTAKABLE]
    return together(
        [
            made(partial(pictures.written, characters=characters, free=False), len(characters), SEED + number)
            for number, characters in enumerate((digits, clear))
        ]
    )


def drawn() -> Pictures:
    """Scribbles, shapes, clothes."""
    return together(
        [
            made(pictures.scribbled, 2000, SEED),
            made(pictures.shaped, 3300, SEED),
            made(pictures.dressed, 1000, SEED),
        ]
    )


def kind_groups(measured: Pictures) -> dict[str, np.ndarray]:
    """The rows of a table: what they are called, and which pictures they hold."""
    groups = {}
    laboratories = np.array([source.partition("/")[0] for source in measured.sources])
    for laboratory in dict.fromkeys(laboratories[measured.are_digits]):
        groups[f"digits of {laboratory}"] = measured.are_digits & (laboratories == laboratory)
    for word, title in (("letter", "letters and signs"), ("scribble", "scribbles"), ("shape", "shapes")):
        groups[title] = np.char.startswith(measured.kinds, word)
    groups["clothes, textures"] = np.isin(measured.kinds, ["cloth", "texture"])
    return {title: chosen for title, chosen in groups.items() if chosen.any()}


def show(title: str, unlike: np.ndarray) -> None:
    """One line: how many pictures, and the share called unlike any digit."""
    print(f"{title:<34}{len(unlike):>7}{unlike.mean():>9.2%}", flush=True)


def measure(data_dir: Path) -> None:
    """What the project's judge refuses."""
    judged = judge()
    one = np.zeros((1, 28, 28), np.uint8)
    judged.likeness(one)
    began = time.process_time()
    for _ in range(50):
        judged.likeness(one)
    print(f"{1000 * (time.process_time() - began) / 50:.1f} ms of processor time for one picture")
    print(f"{'called unlike any digit':<34}{'of':>7}{'share':>9}")
    measured = together([handwriting(data_dir), drawn()])
    unlike = judged.unlike(measured.images)
    for title, chosen in kind_groups(measured).items():
        show(title, unlike[chosen])
    for name in ("mnist", "digits", "fashion-mnist"):
        try:
            images = load_images(find_dataset(name), data_dir).x_test
        except DatasetError:
            print(f"{name} is not in {data_dir}")
            continue
        show(f"{name}, test set", judged.unlike(images))
        show(f"{name}, test set, as pictures", judged.unlike(as_pictures(images[:2000])))


def as_pictures(images: np.ndarray) -> np.ndarray:
    """The images as `python -m core predict` would read them from files; the empty ones are left out."""
    found = []
    for image in images:
        try:
            found.append(prepare_digit(image))
        except EmptyDrawing:
            continue
    return np.stack(found)


# ── laboratories left out ───────────────────────────────────────────────────────────


def fold_of(sources: np.ndarray) -> np.ndarray:
    """In which fold each picture is left out: (N,) numbers, -1 where in none."""
    made = sorted({source for source in sources if source.startswith(("shape ", "scribble "))})
    folds = {kind: number % len(LEFT_OUT) for number, kind in enumerate(made)}
    for source in set(sources):
        laboratory, _, writer = source.partition("/")
        if laboratory == "pen-digits":
            folds[source] = int(writer) % len(LEFT_OUT)
        for number, group in enumerate(LEFT_OUT):
            if laboratory in group:
                folds[source] = number
    return np.array([folds.get(source, -1) for source in sources])


def cross_validated(data_dir: Path, learned: Pictures) -> float:
    """Trains a judge a fold, prints what it refuses of what it never met, returns the threshold."""
    measured = together([handwriting(data_dir), drawn()])
    left_out, fold = fold_of(learned.sources), fold_of(measured.sources)
    likeness = np.full(len(fold), np.nan)
    for number, group in enumerate(LEFT_OUT):
        print(f"without {', '.join(group)}", flush=True)
        fitted = trained(learned.where(left_out != number))
        own = fold == number
        likeness[own] = fitted.likeness(measured.images[own])
    unmet = ~np.isnan(likeness)
    threshold = calibrated(likeness, measured.are_digits & unmet, measured.sources)
    print(f"threshold {threshold:.4f}; called unlike any digit by judges that had never met them:")
    for title, chosen in kind_groups(measured).items():
        if (chosen & unmet).any():
            show(title, likeness[chosen & unmet] < threshold)
    return threshold


def calibrated(likeness: np.ndarray, digits: np.ndarray, sources: np.ndarray) -> float:
    """The likeness that `REFUSED` of the digits do not reach.

    UCI's pens and UNIPEN's count alike, however many pictures there are of each.
    """
    uci = np.char.startswith(sources, "pen-digits")
    pens = digits & uci, digits & ~uci
    weights = np.sum([group / max(group.sum(), 1) for group in pens], axis=0)[digits]
    order = np.argsort(likeness[digits])
    share = np.cumsum(weights[order]) / weights.sum()
    return float(likeness[digits][order][np.searchsorted(share, REFUSED)])


def trained(learned: Pictures, threshold: float = 0.5) -> Judge:
    """A judge of as many networks as the project's, from these pictures."""
    from likeness_training import train  # brings PyTorch

    plans, weights = zip(*(train(learned, seed) for seed in range(NETWORKS)), strict=True)
    return Judge.from_weights(plans[0], weights, threshold)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data-dir", type=Path, default=places.data_dir())
    parser.add_argument("--folds", action="store_true", help="judges that leave laboratories out")
    parser.add_argument("--train", action="store_true", help=f"the same, then write {FILE.name} anew")
    options = parser.parse_args()
    if not (options.data_dir / "pen-unipen" / "digits.txt").exists():
        raise SystemExit(f"pen-unipen is not in {options.data_dir}: set DIGIT_DERBY_DATA or give --data-dir")
    if options.folds or options.train:
        learned = pictures.learned(options.data_dir)
        threshold = cross_validated(options.data_dir, learned)
        if options.train:
            save_judge(trained(learned, threshold))
    if not options.folds:
        measure(options.data_dir)


if __name__ == "__main__":
    main()
