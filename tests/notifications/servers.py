"""A mail server and a receiver of webhooks on loopback, real ones, that do what a test tells them."""

import base64
import hmac
import http.server
import socketserver
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers`: statuses in the order in which they are given, the last one for ever. `pause_seconds`: before each.
    `holds`: no answer before it is set."""

    answers: list[int] = field(default_factory=lambda: [200])
    pause_seconds: float = 0
    drips: bool = False
    holds: threading.Event | None = None
    received: list[Received] = field(default_factory=list)
    address: str = ""

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiver(**told: Any) -> Iterator[Receiver]:
    """An HTTP server for the length of a block; several requests at once."""
    state = Receiver(**told)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            state.received.append(Received(self.path, dict(self.headers.items()), body))
            time.sleep(state.pause_seconds)
            if state.holds:
                state.holds.wait(60)
            if state.drips:
                self._drip()
                return
            status = state.answer()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{state.address}/elsewhere")
            self.end_headers()

        def _drip(self) -> None:
            """A byte of the status line now and then, so that no single wait is long."""
            for _ in range(600):
                try:
                    self.wfile.write(b"H")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)

        def log_message(self, *_: object) -> None:
            """Not into the output of the tests."""

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Whoever hangs up in the middle is part of the test."""

    with Server(("127.0.0.1", 0), Handler) as server:
        state.address = f"http://127.0.0.1:{server.server_address[1]}"
        with serving(server):
            yield state


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=lambda: server.serve_forever(poll_interval=0.02))
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


@dataclass
class MailServer:
    """`refuses`: word of SMTP -> the line that answers it. `user`, `password`: who may send; nobody needs to when empty."""

    refuses: dict[str, str] = field(default_factory=dict)
    user: str = ""
    password: str = ""
    certificate: Path | None = None
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    was_secure: list[bool] = field(default_factory=list)
    port: int = 0


class _MailHandler(socketserver.StreamRequestHandler):
    """One conversation. Source: RFC 5321, 3207, 4954."""

    @property
    def state(self) -> MailServer:
        return self.server.state  # type: ignore[attr-defined, no-any-return]

    def handle(self) -> None:
        self.is_secure, self.is_known = False, not self.state.user
        self.say("220 test")
        while line := self.rfile.readline():
            text = line.decode().strip()
            word = text.split(":")[0].split(" ")[0].upper()
            self.state.words.append(word)
            if word in self.state.refuses:
                self.say(self.state.refuses[word])
            else:
                getattr(self, f"on_{word.lower()}", self.on_other)(text)
            if word == "QUIT":
                break
        self.connection.close()

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())

    def on_other(self, _line: str) -> None:
        self.say("250 ok")

    def on_quit(self, _line: str) -> None:
        self.say("221 bye")

    def on_ehlo(self, _line: str) -> None:
        offers = ["AUTH PLAIN"] + ([] if self.is_secure or not self.state.certificate else ["STARTTLS"])
        self.say("\r\n".join(["250-test", *(f"250-{offer}" for offer in offers), "250 HELP"]))

    def on_starttls(self, _line: str) -> None:
        self.say("220 go")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.state.certificate))
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
        self.is_secure = True

    def on_auth(self, line: str) -> None:
        wanted = base64.b64encode(f"\0{self.state.user}\0{self.state.password}".encode()).decode()
        self.is_known = hmac.compare_digest(line.split()[-1], wanted)
        self.say("235 welcome" if self.is_known else "535 wrong")

    def on_rcpt(self, line: str) -> None:
        self.state.recipients.append(line.split("<")[1].split(">")[0])
        self.say("250 ok" if self.is_known else "530 sign in first")

    def on_data(self, _line: str) -> None:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        self.state.messages.append(message_from_bytes(b"".join(lines), policy=default))
        self.state.was_secure.append(self.is_secure)
        self.say("250 taken")


class _MailListener(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, state: MailServer) -> None:
        self.state = state
        super().__init__(("127.0.0.1", 0), _MailHandler)

    def handle_error(self, *_: object) -> None:
        """Whoever hangs up in the middle is part of the test."""


@contextmanager
def mail_server(**told: Any) -> Iterator[MailServer]:
    """An SMTP server for the length of a block, with STARTTLS where it has a certificate."""
    state = MailServer(**told)
    with _MailListener(state) as server:
        state.port = server.server_address[1]
        with serving(server):
            yield state


def a_certificate(folder: Path) -> Path:
    """A certificate of its own for 127.0.0.1 and localhost, with its key, in one file."""
    path = folder / "certificate.pem"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    made = subprocess.run([*command, "-addext", names, "-keyout", "-", "-out", "-"], check=True, capture_output=True)
    path.write_bytes(made.stdout)
    return path
