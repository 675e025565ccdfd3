"""Flags as `export VITE_…=…` lines of one file, for a build or a shell that reads it.

It touches only the lines of the flag that is set, replaces the file as a whole or not at all, and never runs anything:
what makes the file take effect is shown to the operator and left to them.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shlex
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pags_tui.core.errors import BadAnswer, EdgeError, Unreachable, said
from pags_tui.core.ports import WriteAnswer
from pags_tui.core.runbook import Flag
from pags_tui.core.runbook.services import FlagService
from pags_tui.core.series import FlagValue, Seconds
from pags_tui.edge import NoReply, clock, within
from pags_tui.edge.flags.answers import no_answer, shell

LARGEST = 1_000_000
"""Bytes of a file of settings; a larger one is another file."""
LOCK_AGAIN: Seconds = 0.02
FOR_GOOD = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR, errno.EISDIR)
"""What trying again does not mend."""
NO_LOCKS = (errno.ENOLCK, errno.EBADF, errno.EINVAL, errno.ENOTSUP)
"""A file system without locks: replacing the file is atomic all the same."""

LINE = re.compile(
    r"""(?P<before>[ \t]*(?:export[ \t]+)?)(?P<name>[A-Za-z_][A-Za-z0-9_]*)=
        (?P<value>(?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\;&|<>()`])*)
        (?P<after>[ \t]*(?:[ \t]\#.*)?)""",
    re.VERBOSE,
)
"""One assignment and nothing else but a comment; a value in quotes stays within its line."""
PIECE = re.compile(r"""'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^'"\\]+""")
"""Of a value: quoted, or not."""


class EnvFile:
    """The file of one service."""

    reads_back = True

    def __init__(self, settings: FlagService, file: Path, flags: Mapping[str, Flag]) -> None:
        """`file` is the real one; `settings` keeps it with its `${NAME}`, for `curl`."""
        self._settings, self._file, self._flags = settings, file, flags

    def __repr__(self) -> str:
        return f"<EnvFile: {self.describe()}>"

    def describe(self) -> str:
        """`env-file, NAME`."""
        return f"env-file, {self._file.name}"

    def read(self, key: str, deadline: Seconds) -> FlagValue:
        """The value that a shell would see after reading the file. Raises Unreachable and BadAnswer."""
        flag = self._flag(key)
        with self._explained():
            text = within(deadline, lambda: _text(self._file))
        name = name_of(flag)
        found = _lines(text, name)
        plain = [match for match in found if match is not None]
        if len(plain) < len(found):
            raise BadAnswer(f"{self._file} sets {name} in a way that only a shell can read: write it plainly")
        if not plain:
            raise BadAnswer(f"{self._file} does not set {name}")
        return _value(flag, _unquoted(plain[-1]["value"]), self._file)

    def write(self, key: str, value: FlagValue, idempotency_key: str, deadline: Seconds) -> WriteAnswer:
        """One attempt to set the flag. Raises nothing, repeats nothing; only a read back proves it."""
        ends = clock() + deadline
        try:
            flag = self._flag(key)
            with self._explained():
                within(deadline, lambda: self._replace(name_of(flag), written(value), ends))
        except NotThere as failure:
            return WriteAnswer(False, "refused", str(failure))
        except EdgeError as failure:
            return no_answer(failure)
        return WriteAnswer(True, "written", f"{self._file} was replaced")

    def curl(self, key: str, value: FlagValue) -> str:
        """The same write by hand, for a POSIX shell with sed; then what makes it take effect."""
        name = name_of(self._flag(key))
        line = f"export {name}={written(value)}"
        pattern = f"^[ \\t]*\\(export[ \\t]\\{{1,\\}}\\)\\{{0,1\\}}{name}="
        change = re.sub(r"[\\&|]", lambda match: "\\" + match.group(), line)
        file = shell(self._settings.file or "")
        by_hand = (
            f"if grep -q {shlex.quote(pattern)} {file}; "
            f"then sed -i {shlex.quote(f's|{pattern}.*|{change}|')} {file}; "
            f"else printf '%s\\n' {shlex.quote(line)} >> {file}; fi"
        )
        apply = self._settings.apply_command
        return f"{by_hand}  # then: {apply}" if apply else by_hand

    # ------------------------------------------------------------ the file

    def _flag(self, key: str) -> Flag:
        if key not in self._flags:
            raise NotThere(f"the runbook has no flag {said(key)} in {self._file}")
        return self._flags[key]

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns what the system says into a sentence."""
        try:
            yield
        except NoReply as failure:
            raise NoReply(f"{self._file}: {failure}", failure.status) from None
        except OSError as error:
            kind = NotThere if error.errno in FOR_GOOD else Unreachable
            raise kind(f"{self._file} cannot be used: {error.strerror or type(error).__name__}") from None
        except UnicodeDecodeError:
            raise NotThere(f"{self._file} is no UTF-8 text") from None

    def _replace(self, name: str, value: str, ends: Seconds) -> None:
        """Puts a new file in the old one's place, with all its other lines, mode and owner."""
        file = self._file.resolve(strict=True)
        with _alone(file.parent, ends):
            while True:
                seen = file.stat()
                text = changed(_text(file), name, value, self._file)
                if _put(file, text, seen, lambda: clock() > ends):
                    return


class NotThere(BadAnswer):
    """Nothing was written, and trying again would write nothing."""


def name_of(flag: Flag) -> str:
    """Its variable: `env` of the runbook, else its key in capitals (`canary-percentage`: CANARY_PERCENTAGE)."""
    return flag.env or re.sub(r"\W", "_", flag.key).upper()


def written(value: FlagValue) -> str:
    """A value as a shell reads it: `true`, `10`, `'two words'`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return shlex.quote(value) if isinstance(value, str) else f"{value:g}" if value != int(value) else f"{int(value)}"


def changed(text: str, name: str, value: str, file: Path) -> str:
    """The file's text with that variable set: in each line that sets it already, else in a new last one.

    Raises NotThere for a line that cannot be changed without changing more than the value, and for a text of several
    lines.
    """
    if re.search(r"[\n\r\0]", value):
        raise NotThere(f"{file} holds one line a flag: the value of {name} has several")
    found = _lines(text, name)
    if None in found:
        raise NotThere(f"{file} sets {name} in a way that only a shell can read: change it by hand")
    if not found:
        return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}export {name}={value}\n"
    return "\n".join(_set(line, name, value) for line in text.split("\n"))


def _set(line: str, name: str, value: str) -> str:
    """The line with the new value, when it sets that variable; its indentation, comment and end stay."""
    match = LINE.fullmatch(line.removesuffix("\r"))
    if match is None or match["name"] != name:
        return line
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    return f"{indent}export {name}={value}{match['after']}{line[match.end() :]}"


def _lines(text: str, name: str) -> list[re.Match[str] | None]:
    """The lines that set that variable, in order; None for one that is more than a plain assignment."""
    sets = re.compile(rf"[^#]*\b{name}=")
    found = []
    for line in text.split("\n"):
        match = LINE.fullmatch(line.removesuffix("\r"))
        if match and match["name"] == name:
            found.append(None if _computed(match["value"]) else match)
        elif not match and sets.match(line):
            found.append(None)
    return found


def _computed(value: str) -> bool:
    """A shell would fill something in: `$NAME`, a command, a home folder."""
    pieces = PIECE.findall(value)
    return value.startswith("~") or any(re.search(r"[`$]|:~", piece) for piece in pieces if piece[0] != "'")


def _unquoted(value: str) -> str:
    return "".join(shlex.split(value))


def _value(flag: Flag, text: str, file: Path) -> FlagValue:
    if flag.type == "string":
        return text
    if flag.type == "boolean" and text in ("true", "false"):
        return text == "true"
    if flag.type == "integer" and re.fullmatch(r"-?\d{1,15}", text):
        return int(text)
    raise BadAnswer(f"{file} sets {name_of(flag)} to {said(text)}, which is no {flag.type}")


def _text(file: Path) -> str:
    if file.stat().st_size > LARGEST:
        raise BadAnswer(f"{file} is larger than {LARGEST // 1_000_000} MB")
    # Bytes, so that line ends stay as they are.
    return file.read_bytes().decode()


@contextlib.contextmanager
def _alone(folder: Path, ends: Seconds) -> Iterator[None]:
    """Holds the folder's lock: one of us writes at a time. Nothing is left behind in the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, folder, ends)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, folder: Path, ends: Seconds) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if clock() > ends:
                raise Unreachable(f"{folder} is locked by another writer") from None
            threading.Event().wait(LOCK_AGAIN)
        except OSError as error:
            if error.errno not in NO_LOCKS:
                raise
            return
        else:
            return


def _put(file: Path, text: str, seen: os.stat_result, late: Callable[[], bool]) -> bool:
    """Replaces the file durably; False when an editor has saved it since `seen`, and nothing was done."""
    descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as out:
            os.fchmod(out.fileno(), stat.S_IMODE(seen.st_mode))
            if os.geteuid() == 0:
                os.fchown(out.fileno(), seen.st_uid, seen.st_gid)
            out.write(text.encode())
            out.flush()
            os.fsync(out.fileno())
        now = file.stat()
        if (now.st_ino, now.st_mtime_ns, now.st_size) != (seen.st_ino, seen.st_mtime_ns, seen.st_size):
            return False
        if late():
            raise NoReply("the time was over", "timeout")
        new.replace(file)
    finally:
        new.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
