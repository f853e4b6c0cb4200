"""Files as people upload them, good and hostile, made on the spot."""

import io
import zlib
from collections.abc import Sequence

from PIL import Image
from pypdf import PdfReader, PdfWriter


def a_pdf(*pages: str, padding: int = 0) -> bytes:
    """One page per text, a line of it per line; an empty text is a page without any, as a scan has. ASCII only."""
    return pdf_of([_drawn(text) for text in pages], padding=padding)


def pdf_of(streams: Sequence[bytes], *, filters: bytes = b"", padding: int = 0) -> bytes:
    """A PDF whose pages have the streams as their content, as they are."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(len(streams)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, len(streams)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, stream in enumerate(streams):
        objects.append(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
            % (5 + 2 * number)
        )
        objects.append(b"<</Length %d%s>>stream\n%s\nendstream" % (len(stream), filters, stream))
    return written(objects, padding=padding)


def written(objects: Sequence[bytes], *, padding: int = 0) -> bytes:
    """A file of the objects 1, 2, ...; the first is its catalog."""
    out, places = bytearray(b"%PDF-1.7\n%" + b"x" * padding + b"\n"), []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    return bytes(out)


def an_encrypted_pdf(password: str, algorithm: str = "RC4-128") -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(a_pdf("Secret plans"))))
    writer.encrypt(user_password=password, owner_password="owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def a_pdf_bomb(megabytes: int) -> bytes:
    """A few kilobytes whose one page unpacks to so much."""
    packed = zlib.compress(zlib.compress(b"\n" * (megabytes << 20), 9), 9)
    return pdf_of([packed], filters=b"/Filter[/FlateDecode/FlateDecode]")


def a_pdf_that_takes_long(times: int = 300_000) -> bytes:
    """A few kilobytes whose one page writes a letter so often: seconds of work, hundreds of megabytes."""
    content = b"BT /F1 11 Tf " + b"(x) Tj " * times + b"ET"
    return pdf_of([zlib.compress(content, 9)], filters=b"/Filter/FlateDecode")


def a_picture(
    kind: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB", color: object = None, **more: object
) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, **({"color": color} if color is not None else {})).save(out, kind, **more)  # type: ignore[arg-type]
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def _drawn(text: str) -> bytes:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    lines = " ".join(f"({line}) Tj T*" for line in escaped.split("\n") if line)
    return f"BT /F1 11 Tf 14 TL 72 720 Td {lines} ET".encode("ascii") if text else b""
