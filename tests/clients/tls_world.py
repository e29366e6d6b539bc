"""A network with certificates and a proxy of its own: what an enterprise puts between a laptop and a service."""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

import trustme

NAME = "service.test"  # nobody resolves it: only the proxy knows where it is


def certified(leaf: trustme.LeafCert) -> ssl.SSLContext:
    """What a server with a certificate needs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def bundle(ca: trustme.CA, folder: Path) -> Path:
    """The file that a company hands out."""
    file = folder / "company.pem"
    ca.cert_pem.write_to_path(str(file))
    return file


class ConnectProxy:
    """A proxy on a loopback socket that takes every host for one port of this machine.

    `refuse` is a status that it answers instead; `seen` is the first lines and the logins that it got.
    """

    def __init__(self, port: int) -> None:
        self.refuse = ""
        self.seen: list[str] = []
        self._port = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def stop(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._connect, args=[self._listening.accept()[0]], daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += client.recv(1)
            lines = head.decode().splitlines()
            self.seen += [lines[0], *(line for line in lines if line.lower().startswith("proxy-authorization"))]
            if self.refuse:
                client.sendall(f"HTTP/1.1 {self.refuse}\r\nContent-Length: 0\r\n\r\n".encode())
                return
            with socket.create_connection(("127.0.0.1", self._port)) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                back = threading.Thread(target=_pump, args=[server, client], daemon=True)
                back.start()
                _pump(client, server)
                back.join(5)


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while some := source.recv(65536):
            target.sendall(some)
        target.shutdown(socket.SHUT_WR)
