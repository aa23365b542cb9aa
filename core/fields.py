"""The fields of a run, each once: its word, its limits, whether runs must share it, where it shows.

`RunConfig` (types and defaults), a race's set-up and its addresses, the command's options, the form,
the settings that decide what is comparable and the tables all derive from `FIELDS`. No pydantic and
no NumPy in here: neither the command line's help nor a table of results waits for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Optimizer = Literal["sgd", "adam", "rmsprop", "adadelta"]
Schedule = Literal["constant", "exponential", "one-cycle"]
Protocol = Literal["controlled", "as-is"]
Scaling = Literal["standardize", "unit"]  # zero mean and unit spread, or [0, 1]
Device = Literal["auto", "cpu", "cuda", "mps"]

Kind = Literal["text", "number", "numbers", "choice", "switch"]
# Whether runs that are ranked together must share the value. "always": a run that does not say is not
# ranked. "where told": two runs that do not say count as equal. "never": it is what is compared.
Compared = Literal["always", "where told", "never"]
# The part of the form that it stands in; "command only" has no place in form and address, "follows"
# nowhere at all: nobody chooses what the dataset decides.
Place = Literal["main", "optimizer", "network", "data", "machine", "command only", "follows"]


@dataclass(frozen=True, kw_only=True)
class RunField:
    """What everybody who shows, reads or compares a field has to know of it."""

    name: str  # in RunConfig and config.json
    word: str  # in tables and sentences
    kind: Kind
    compared: Compared
    place: Place
    limits: tuple[float, float] = (0, 0)  # of a number: least and largest, whole for a whole number
    choices: tuple[str, ...] = ()
    used_with: tuple[str, str] | None = None  # another field and its value; beside others it has no effect
    label: str = ""  # in the form, where the word would not do
    hint: str | None = None  # help in the form
    option: str = ""  # help of the command's option, where the choices do not say it all
    default: str | None = None  # shown by the command's help; RunConfig has the value that counts
    of_preset: bool = False  # another architecture brings another value
    top_level: bool = False  # a metrics file says it outside its `config`
    in_front: bool = False  # one of the few settings that every table shows
    several: bool = False  # a race takes a list of them

    @property
    def key(self) -> str:
        """The name in an address and, behind two dashes, on the command line."""
        return self.name.replace("_", "-") + ("s" if self.several else "")

    @property
    def in_form(self) -> bool:
        """Whether form and address have it."""
        return self.place not in ("command only", "follows")

    @property
    def title(self) -> str:
        """What the form and the head of a column call it."""
        return self.label or self.word.capitalize()

    @property
    def whole(self) -> bool:
        """Whether it is a whole number."""
        return self.kind == "number" and isinstance(self.limits[0], int)


_ALL = (
    RunField(
        name="framework", word="framework", kind="text", compared="never", place="main",
        several=True, top_level=True, option="all, or names with commas between them", default="all",
    ),
    RunField(
        name="dataset", word="dataset", kind="text", compared="always", place="main", top_level=True,
        in_front=True, default="mnist",
        option="mnist, fashion-mnist, pen, mnist-pen, digits or one of your own",
    ),
    RunField(
        name="dataset_content", word="dataset content", kind="text", compared="where told", place="follows",
    ),
    RunField(
        name="classes", word="classes", kind="number", compared="never", place="follows", limits=(2, 26),
    ),
    RunField(
        name="architecture", word="architecture", kind="text", compared="always", place="main",
        top_level=True, in_front=True, default="small-cnn", of_preset=True, label="Network",
        hint="A preset brings the recipe of its source; every value can then be changed.",
        option="small-cnn, sprint, wide-cnn, wide-cnn-dropout or tiny-mlp; fills in its recipe",
    ),
    RunField(
        name="filters", word="filters", kind="numbers", compared="where told", place="network",
        limits=(1, 256), of_preset=True, label="Filters of each convolution",
        hint="Numbers with commas between them; how many there are is the depth.",
        option="Filters of each convolution, such as 16,32; none for no convolution",
    ),
    RunField(
        name="dense_units", word="dense units", kind="number", compared="where told", place="network",
        limits=(1, 2048), of_preset=True,
        hint="Neurons of the layer before the answer.", option="Units of the hidden layer",
    ),
    RunField(
        name="dropout", word="dropout", kind="number", compared="where told", place="network",
        limits=(0.0, 0.9), of_preset=True, label="Dropout before the last layer",
        hint="The share of neurons that is switched off at random in every step, against learning by heart.",
        option="Dropout before the last layer",
    ),
    RunField(
        name="protocol", word="protocol", kind="choice", compared="always", place="main",
        choices=get_args(Protocol), top_level=True, in_front=True, default="controlled",
        hint="Same rules for all (the controlled protocol): all frameworks start from the same weights, see "
        "the same batches and use the same optimizer constants. Each its own way (as is): each brings its "
        "own initialisers and defaults, as its users meet them.",
        option="controlled: same start and constants; as-is: own defaults",
    ),
    RunField(
        name="epochs", word="epochs", kind="number", compared="always", place="main", limits=(1, 200),
        of_preset=True, top_level=True, hint="One epoch is once through all training images.",
    ),
    RunField(
        name="batch_size", word="batch size", kind="number", compared="always", place="main",
        limits=(1, 4096), of_preset=True, hint="How many images are looked at together in a training step.",
    ),
    RunField(
        name="device", word="device", kind="choice", compared="always", place="machine",
        choices=get_args(Device), top_level=True, in_front=True, default="auto",
    ),
    RunField(
        name="threads", word="threads", kind="number", compared="always", place="machine",
        limits=(1, 256), option="CPU threads (default: all cores)",
    ),
    RunField(
        name="optimizer", word="optimizer", kind="choice", compared="always", place="optimizer",
        choices=get_args(Optimizer), of_preset=True,
        hint="The rule by which a step changes the network's weights, to make its error smaller.",
    ),
    RunField(
        name="learning_rate", word="learning rate", kind="number", compared="always", place="optimizer",
        limits=(1e-9, 10.0), of_preset=True,
        hint="How far a step goes: too short learns slowly, too long misses its aim.",
    ),
    RunField(
        name="momentum", word="momentum", kind="number", compared="where told", place="optimizer",
        limits=(0.0, 0.999), of_preset=True, label="Momentum (sgd)", option="For sgd",
        used_with=("optimizer", "sgd"),
    ),
    RunField(
        name="schedule", word="schedule", kind="choice", compared="always", place="optimizer",
        choices=get_args(Schedule), of_preset=True, hint="How the learning rate changes while training.",
    ),
    RunField(
        name="decay", word="decay", kind="number", compared="where told", place="optimizer",
        limits=(0.01, 1.0), of_preset=True, label="Decay an epoch (exponential)",
        option="For exponential: factor after each epoch", used_with=("schedule", "exponential"),
    ),
    RunField(
        name="augment", word="augmentation", kind="switch", compared="where told", place="data",
        label="Augment the images",
        hint="Turns, shifts and warps the training images, differently in every epoch.",
        option="Turn, shift and warp the training images",
    ),
    RunField(
        name="scaling", word="scaling", kind="choice", compared="where told", place="data",
        choices=get_args(Scaling), of_preset=True, label="Pixels", option="Pixels: standardize or unit",
    ),
    RunField(
        name="validation_size", word="validation images", kind="number", compared="where told",
        place="data", limits=(0, 50_000),
        hint="Held back from training and tried after every epoch, to see how it goes. The test set is kept "
        "for the end.", option="Training images held out (default: 5000)",
    ),
    RunField(
        name="train_size", word="training images", kind="number", compared="where told", place="data",
        limits=(1, 60_000), option="Use only so many training images",
    ),
    RunField(
        name="folds", word="folds", kind="number", compared="where told", place="follows", limits=(2, 20),
    ),
    RunField(
        name="fold", word="fold", kind="number", compared="never", place="follows", limits=(0, 19),
    ),
    RunField(
        name="start_from", word="start", kind="text", compared="where told", place="command only",
        option="Go on from this run's weights",
    ),
    RunField(
        name="own_digits", word="own digits", kind="switch", compared="where told", place="command only",
        option="Add the digits saved on the Draw page",
    ),
    RunField(
        name="seed", word="seed", kind="number", compared="never", place="network",
        limits=(0, 2**31 - 1), several=True, top_level=True, default="0",
        label="Seeds",
        hint="A seed decides what is left to chance, such as the weights at the start. One run of each "
        "framework per seed.",
        option="One run of each framework per seed, such as 0,1,2",
    ),
)  # fmt: skip
FIELDS = {field.name: field for field in _ALL}
USED_WITH = {field.name: field.used_with for field in _ALL if field.used_with}


def as_text(value: Any) -> str:
    """A value as addresses, the command line and tables write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(map(str, value)) or "none"
    return str(value)


def has_effect(name: str, values: Mapping[str, Any]) -> bool:
    """Whether a field changes a run of these values, of which one may decide that it is not used."""
    if name not in USED_WITH:
        return True
    other, needed = USED_WITH[name]
    return values.get(other) == needed


def in_place(place: Place) -> list[RunField]:
    """The fields of one part of the form."""
    return [field for field in FIELDS.values() if field.place == place]
