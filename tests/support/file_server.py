"""A real server on localhost that serves good, cut, wrong and stuck files."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FileServer(ThreadingHTTPServer):
    """Answers each path with what the test put there; everything else is not found."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[str] = []
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, folder: str = "") -> str:
        return f"http://127.0.0.1:{self.server_port}/{folder}"

    def put(self, files: dict[str, bytes], folder: str = "") -> None:
        self.answers |= {f"/{folder}{name}": whole(data) for name, data in files.items()}

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        answer = self.server.answers.get(self.path)
        try:
            self.send_error(404) if answer is None else answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # torchvision asks for the address first and hangs up

    def log_message(self, *arguments: object) -> None:
        pass


def send_head(handler: BaseHTTPRequestHandler, length: int | None) -> None:
    handler.send_response(200)
    if length is not None:
        handler.send_header("Content-Length", str(length))
    handler.end_headers()


def whole(data: bytes):
    def answer(handler):
        send_head(handler, len(data))
        handler.wfile.write(data)

    return answer


def cut(data: bytes, after: int):
    """Promises all and hangs up in the middle."""

    def answer(handler):
        send_head(handler, len(data))
        handler.wfile.write(data[:after])

    return answer


def stuck(data: bytes, after: int):
    """Promises all, sends a part and then nothing more."""

    def answer(handler):
        send_head(handler, len(data))
        handler.wfile.write(data[:after])
        handler.wfile.flush()
        handler.server.closing.wait(60)

    return answer


def endless(handler: BaseHTTPRequestHandler) -> None:
    send_head(handler, None)
    while not handler.server.closing.is_set():
        handler.wfile.write(bytes(65536))


def moved_to(path: str):
    def answer(handler):
        handler.send_response(302)
        handler.send_header("Location", path)
        handler.end_headers()

    return answer
