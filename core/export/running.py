"""The lines of a file that run the rest: read, split, train, score, compare with the record."""

from core.export.recorded import Recorded


def running_cells(recorded: Recorded, notebook: bool) -> list[str]:
    """The lines in short cells; a notebook has one more, with a plot."""
    scaled = ", MEAN, STD" if recorded.config.scaling == "standardize" else ""
    plot = ["Plot(progress.losses)\n"] if notebook else []
    return [_reading(recorded, scaled), _training(recorded, scaled), *plot, _comparing(scaled)]


def _reading(recorded: Recorded, scaled: str) -> str:
    config, dataset = recorded.config, recorded.dataset
    load = "load_digits" if dataset.reader == "sklearn" else "load_dataset"
    part = "[:TRAIN_SIZE]" if config.train_size is not None else ""
    lines = [f"x_train, y_train, x_test, y_test = {load}()", "order = stratified_order(y_train, SPLIT_SEED)"]
    if not config.validation_size:
        return "\n".join([*lines, f"chosen = order{part}\n"])
    share = dataset.largest_validation_share
    held = "VALIDATION_SIZE" if share == 1 else f"min(VALIDATION_SIZE, int({share} * len(order)))"
    lines += [
        "# Held out of the training images, to see after every epoch how it goes.",
        f"training_size = len(order) - {held}",
        f"chosen, held_out = order[:training_size]{part}, order[training_size:]",
        f"x_val, y_val = normalise(x_train[held_out]{scaled}), y_train[held_out]\n",
    ]
    return "\n".join(lines)


def _training(recorded: Recorded, scaled: str) -> str:
    start = "initial_weights(SEED), SEED" if recorded.config.protocol == "controlled" else "SEED"
    score = "lambda model: accuracy(predict(model, x_val), y_val)" if recorded.config.validation_size else ""
    return (
        f"data = TrainingData(normalise(x_train[chosen]{scaled}), y_train[chosen], BATCH_SIZE, SEED)\n"
        f"model = build({start})\n"
        f"progress = Progress({score})\n"
        "train(model, data, progress)\n"
    )


def _comparing(scaled: str) -> str:
    return (
        f"reached = accuracy(predict(model, normalise(x_test{scaled})), y_test)\n"
        "say_why_it_may_differ()\n"
        'print(f"recorded {100 * RECORDED_ACCURACY:.2f} %, this file {100 * reached:.2f} %")\n'
    )
