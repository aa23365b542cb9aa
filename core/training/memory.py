"""Does an error say that memory ran out? Every framework says it in its own way."""

OUT_OF_MEMORY = "it ran out of memory; try a smaller batch size, a smaller network or fewer training images"

# PyTorch on a GPU, TensorFlow anywhere. Looked up by name: importing both in one process would crash it.
_NAMES = {"OutOfMemoryError", "ResourceExhaustedError"}
# PyTorch on a processor raises a plain RuntimeError.
_WORDS = "can't allocate memory"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the error is Python's MemoryError (NumPy's is one too) or what a framework raises instead."""
    named = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, MemoryError) or bool(named & _NAMES) or _WORDS in str(error)
