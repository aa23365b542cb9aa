"""Files that are written whole or not at all, and by one process at a time: nobody sees half of one."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_file(path: Path, content: bytes) -> None:
    """Replaces a file as a whole: a reader sees the old one or the new one, never half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """Gives a place to write a file to, of the same name, that becomes `path` once it is on the disk.

    However the block ends, `path` is the whole new file or what it was before. Raises OSError when the
    disk took only a part, also when a library told that in its own way.
    """
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".", suffix=".tmp") as folder:
        temporary = Path(folder, path.name)
        try:
            yield temporary
            with open(temporary, "rb+") as file:
                os.fsync(file.fileno())
        except Exception as error:
            if not isinstance(error, OSError) and shutil.disk_usage(folder).free < 2**16:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from error
            raise
        os.replace(temporary, path)


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Holds a lock that the system frees when its process ends."""
    try:
        import fcntl
    except ImportError:  # Windows; elsewhere this library would be half of what a waiting race weighs
        from filelock import FileLock

        with FileLock(path):
            yield
        return
    with open(path, "wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
