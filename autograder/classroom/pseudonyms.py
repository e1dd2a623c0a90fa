"""Names in the place of students' ids: the same for the same student, and nobody can go back."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

LETTERS = 8  # of base 32: among 10,000 students two of one name are a case in 20,000


class Pseudonyms:
    """Pseudonyms that are a course's own.

    They are drawn from a key beside the ledger, which whoever may read the course can read: without
    the key, a list of ids leads from no name to a student.
    """

    def __init__(self, root: Path, shared: bool = False) -> None:
        self._key = _key(root / "ledger" / ".pseudonyms", 0o660 if shared else 0o600)

    def __call__(self, student: str) -> str:
        """The name of a student.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as root:
        ...     name, again = Pseudonyms(Path(root)), Pseudonyms(Path(root))
        ...     name("ada") == again("ada"), name("ada") == name("ben"), len(name("ada"))
        (True, False, 16)
        """
        data = hmac.digest(self._key, student.encode("utf-8", "surrogatepass"), hashlib.sha256)
        return f"learner-{base64.b32encode(data).decode()[:LETTERS].lower()}"


def _key(path: Path, mode: int) -> bytes:
    """The course's key; it is made by whoever asks first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(secrets.token_bytes(32))
        fresh.chmod(mode)
        try:
            os.link(fresh, path)  # whole, and never over another one
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()
