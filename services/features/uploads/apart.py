"""Has a PDF or a picture read by a child process, so that a hostile file costs one child and nothing else.

The child has no environment, a limit on addresses, processor time, open files and what it writes, and is ended after
`WALL_SECONDS`. It is not the sandbox of `evidence`: that one runs generated code over an environment of its own, stands
above features, and needs bubblewrap, which the machine where people upload may lack.
"""

import base64
import json
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.features.request import DOCUMENT_MAX_BYTES, MediaType
from services.features.uploads.contents import MEGAPIXELS_MAX, PAGES_MAX

WALL_SECONDS = 30
CPU_SECONDS = 20
MEMORY_MB = 1024
_INSIDE = Path(__file__).with_name("inside.py")
# Each may take the memory above; whoever comes third waits.
_PLACES = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class Reading:
    """`pages`: the text of each page; `preview`: a small JPEG. `problem`: empty, or "encrypted", "no pages", "pages",
    "text", "no text", "pixels", "memory", "time" or "broken"; `found` is the number that passed its limit."""

    pages: tuple[str, ...] = ()
    preview: bytes = b""
    problem: str = ""
    found: int = 0


def read_apart(media_type: MediaType, data: bytes) -> Reading:
    """Reads a PDF or a picture; whatever the file does, an answer comes within `WALL_SECONDS`."""
    limits = {
        "cpu_seconds": CPU_SECONDS,
        "memory_mb": MEMORY_MB,
        "pages": PAGES_MAX,
        "text_bytes": DOCUMENT_MAX_BYTES,
        "pixels": MEGAPIXELS_MAX * 1_000_000,
    }
    command = [sys.executable, "-I", "-B", str(_INSIDE), media_type.value, json.dumps(limits)]
    # Files, not pipes: the limit on what the child may write holds for files, and nothing is kept in memory.
    with _PLACES, tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(data)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603
                command,
                stdin=given,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Reading(problem="time")
        answer.seek(0)
        return _reading(done.returncode, answer.read())


def _reading(returncode: int, answer: bytes) -> Reading:
    if returncode == -signal.SIGXCPU:
        return Reading(problem="time")
    try:
        said: dict[str, Any] = json.loads(answer) if returncode == 0 else {"problem": "broken"}
    except ValueError:
        said = {"problem": "broken"}
    return Reading(
        pages=tuple(said.get("pages", ())),
        preview=base64.b64decode(said.get("preview", "")),
        problem=said.get("problem", ""),
        found=said.get("found", 0),
    )
