"""Runs in a child process: one file on standard input, one JSON object on standard output.

It sets its own limits before it reads a byte, and imports nothing of the product. Arguments: media type, limits as JSON.
"""

import base64
import io
import json
import resource
import sys
from collections.abc import Mapping
from typing import Any

WRITES_MAX = 16 << 20
OPEN_FILES_MAX = 64
# Wide enough to be judged by, and narrow enough to be shown without being scaled again.
PREVIEW_SIZE = (1400, 4000)

Answer = dict[str, Any]


def limit(limits: Mapping[str, int]) -> None:
    wanted = {
        resource.RLIMIT_CPU: limits["cpu_seconds"],
        resource.RLIMIT_FSIZE: WRITES_MAX,
        resource.RLIMIT_NOFILE: OPEN_FILES_MAX,
        resource.RLIMIT_CORE: 0,
    }
    if sys.platform == "linux":  # other systems refuse it
        wanted[resource.RLIMIT_AS] = limits["memory_mb"] << 20
    for what, most in wanted.items():
        # At the hard limit of processor time a process is killed without the signal that tells why.
        resource.setrlimit(what, (most, most + 1 if what == resource.RLIMIT_CPU else most))


def read_pdf(data: bytes, limits: Mapping[str, int]) -> Answer:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        return {"problem": "encrypted"}
    count = len(reader.pages)
    if not 0 < count <= limits["pages"]:
        return {"problem": "pages" if count else "no pages", "found": count}
    pages: list[str] = []
    size = 0
    for page in reader.pages:
        pages.append(page.extract_text())
        size += len(pages[-1].encode("utf-8", "replace"))
        if size > limits["text_bytes"]:
            return {"problem": "text"}
    if not any(c.isalnum() for text in pages for c in text):
        return {"problem": "no text"}
    return {"pages": pages}


def read_picture(data: bytes, kind: str, limits: Mapping[str, int]) -> Answer:
    """The size stands in the header: what is too large is never decoded."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # ours is checked instead
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        if image.width * image.height > limits["pixels"]:
            return {"problem": "pixels", "found": image.width * image.height}
        image.verify()
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        if kind == "JPEG":
            image.draft("RGB", PREVIEW_SIZE)
        image.load()
        small: Image.Image = image
        if image.mode.startswith("I"):  # 16 bits of grey
            small = image.convert("I").point(lambda value: value / 256).convert("L")
        elif image.mode in ("P", "1", "LA", "PA"):
            small = image.convert("RGBA")
        small.thumbnail(PREVIEW_SIZE)
        small = ImageOps.exif_transpose(small)
        small.thumbnail(PREVIEW_SIZE)
        return {"preview": base64.b64encode(jpeg(small)).decode()}


def jpeg(image: Any) -> bytes:
    """On white where it is transparent; without anything that is not a pixel."""
    from PIL import Image

    seen = image.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen.getchannel("A"))
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=88)
    return out.getvalue()


def read(media_type: str, data: bytes, limits: Mapping[str, int]) -> Answer:
    try:
        if media_type == "application/pdf":
            return read_pdf(data, limits)
        return read_picture(data, media_type.removeprefix("image/").upper(), limits)
    except MemoryError:
        return {"problem": "memory"}
    except Exception as error:  # noqa: BLE001  (a broken file may break in any way)
        # pypdf's own limit on what a stream may unpack to; the name, because pictures need no pypdf.
        return {"problem": "memory" if type(error).__name__ == "LimitReachedError" else "broken"}


def main() -> None:
    media_type, limits = sys.argv[1], json.loads(sys.argv[2])
    limit(limits)
    sys.stdout.write(json.dumps(read(media_type, sys.stdin.buffer.read(), limits)))


if __name__ == "__main__":
    main()
