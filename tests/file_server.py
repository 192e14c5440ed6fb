"""A web server of a folder on this machine, for what downloads."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it overrides
        pass

    def do_GET(self) -> None:
        """Beside files: /away goes to a host elsewhere, /short ends before it should, /named gives a name."""
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "http://198.51.100.1/file.csv")
            self.end_headers()
        elif self.path == "/short":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"only this")
        elif self.path == "/named":
            self.send_response(200)
            self.send_header("Content-Disposition", 'attachment; filename="../../etc/payers.csv"')
            self.end_headers()
            self.wfile.write(b"content")
        else:
            super().do_GET()


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server of the folder."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
