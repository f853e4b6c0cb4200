"""Files are read apart: what a hostile one does costs a child process, and an answer comes anyway."""

import os
import time
from pathlib import Path

import psutil
import pytest
from PIL import Image

from services.features.request import MediaType
from services.features.uploads import apart
from services.features.uploads.apart import Reading, read_apart
from services.features.uploads.contents import media_type_of
from services.features.uploads.pages import join_pages
from tests.test_imports import imported
from tests.uploads import a_pdf, a_pdf_bomb, a_pdf_that_takes_long, a_picture, opened, written

CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"
SERVICES = Path(apart.__file__).parents[2]


def readers_at_work() -> list[psutil.Process]:
    mine = psutil.Process(os.getpid()).children(recursive=True)
    return [process for process in mine if any(word.endswith("inside.py") for word in process.cmdline())]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (a_pdf("x"), MediaType.PDF),
        (a_picture(), MediaType.PNG),
        (a_picture("JPEG"), MediaType.JPEG),
        (a_picture("GIF"), MediaType.TEXT),
        (b"about %PDF-1.7", MediaType.TEXT),
        (b"", MediaType.TEXT),
    ],
    ids=["PDF", "PNG", "JPEG", "GIF", "talks of PDF", "empty"],
)
def test_the_first_bytes_tell_what_it_is(data: bytes, kind: MediaType) -> None:
    assert media_type_of(data) is kind


def test_a_bomb_in_a_pdf_is_refused() -> None:
    assert read_apart(MediaType.PDF, a_pdf_bomb(400)) == Reading(problem="memory")


def test_a_bomb_in_a_picture_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MEMORY_MB", 200)
    bomb = a_picture(size=(30_000, 30_000), mode="1")
    assert read_apart(MediaType.PNG, bomb) == Reading(problem="pixels", found=900_000_000)


def test_whoever_takes_more_memory_than_allowed_ends_without_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "MEMORY_MB", 100)
    assert read_apart(MediaType.PDF, a_pdf_that_takes_long()).problem == "memory"
    assert read_apart(MediaType.PNG, a_picture(size=(6000, 6000), mode="RGBA")).problem == "memory"


@pytest.mark.parametrize(("limit", "most"), [("CPU_SECONDS", 1), ("WALL_SECONDS", 0.5)])
def test_whoever_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, limit: str, most: float) -> None:
    monkeypatch.setattr(apart, limit, most)
    began = time.monotonic()
    assert read_apart(MediaType.PDF, a_pdf_that_takes_long(2_000_000)) == Reading(problem="time")
    assert time.monotonic() - began < 20
    assert readers_at_work() == []


@pytest.mark.parametrize(
    "data",
    [
        written([CATALOG, b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]),
        written([CATALOG, *(b"<</Type/Pages/Count 1/Kids[%s]>>" % (b"%d 0 R " % (n + 3) * 10) for n in range(12))]),
        written([CATALOG, b"[" * 200_000]),
        b"%PDF-1.7\n" + bytes(range(256)) * 1000,
    ],
    ids=["pages in a circle", "pages of pages of pages", "deep", "noise"],
)
def test_a_pdf_that_is_made_to_hang_is_refused(data: bytes) -> None:
    assert read_apart(MediaType.PDF, data).problem in ("broken", "memory")


def test_a_pdf_without_pages_says_so() -> None:
    empty = written([CATALOG, b"<</Type/Pages/Kids[]/Count 0>>"])
    assert read_apart(MediaType.PDF, empty) == Reading(problem="no pages")


@pytest.mark.parametrize("answer", [b"", b"no JSON", b'{"pages": ["x"'], ids=["empty", "words", "half"])
def test_an_answer_that_is_none_counts_as_broken(answer: bytes) -> None:
    assert apart._reading(0, answer) == Reading(problem="broken")


def test_the_child_has_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inside = tmp_path / "inside.py"
    inside.write_text("import json, os; print(json.dumps({'pages': sorted(os.environ) + [os.getcwd()]}))")
    monkeypatch.setattr(apart, "_INSIDE", inside)
    monkeypatch.setenv("GREENLIGHT_LEDGER_KEY", "secret")
    assert set(read_apart(MediaType.PDF, b"").pages) <= {"LC_CTYPE", "/"}


def test_a_child_that_writes_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inside = tmp_path / "inside.py"
    source = Path(apart.__file__).with_name("inside.py").read_text(encoding="utf-8")
    flood = "limit({'cpu_seconds': 9, 'memory_mb': 500})\nwhile True:\n    sys.stdout.write('x' * 65536)\n"
    inside.write_text(source.split("if __name__")[0] + flood)
    monkeypatch.setattr(apart, "_INSIDE", inside)
    assert read_apart(MediaType.PDF, b"") == Reading(problem="broken")


def test_pdf_and_pictures_are_read_nowhere_else() -> None:
    files = [p for p in SERVICES.rglob("*.py") if "templates" not in p.parts]
    readers = {p.relative_to(SERVICES).as_posix() for p in files if imported(p) & {"pypdf", "PIL"}}
    assert readers == {"features/uploads/inside.py"}


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_every_kind_of_png_has_a_preview(mode: str) -> None:
    preview = opened(read_apart(MediaType.PNG, a_picture(mode=mode)).preview)
    assert (preview.format, preview.mode, preview.size) == ("JPEG", "RGB", (64, 48))


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_every_kind_of_jpeg_has_a_preview(mode: str) -> None:
    assert opened(read_apart(MediaType.JPEG, a_picture("JPEG", mode=mode)).preview).size == (64, 48)


def test_what_is_transparent_is_shown_on_white() -> None:
    preview = opened(read_apart(MediaType.PNG, a_picture(mode="RGBA", color=(255, 0, 0, 0))).preview)
    assert preview.getpixel((5, 5)) == (255, 255, 255)


def test_a_preview_stands_upright_and_tells_nothing_of_the_camera() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera of Ada"  # turned by 90 degrees; its maker
    preview = read_apart(MediaType.JPEG, a_picture("JPEG", (640, 480), exif=exif)).preview
    assert opened(preview).size == (480, 640)
    assert b"Camera of Ada" not in preview


@pytest.mark.parametrize(
    ("pages", "text"),
    [
        (["one"], "one"),
        (["one\n", "", "three"], "one\n\n---\n\nthree"),
        (["a\x00b\x1bc\x85d\te"], "ab c d\te"),
        (["a\r\nb\rc"], "a\nb\nc"),
        (["half \ud800"], "half \ufffd"),
        (["\uf0b7 item"], "• item"),
        (["co\u00adoperate"], "cooperate"),
    ],
    ids=ascii,
)
def test_pages_become_one_clean_text(pages: list[str], text: str) -> None:
    assert join_pages(pages) == text
