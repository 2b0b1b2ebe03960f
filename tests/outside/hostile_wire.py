"""Hostile bytes against the running program: framing, sizes, slow clients, TLS, HTTP/2 floods.

Ids are those of the security rules. Only the standard library; loopback only; every loop is
bounded in count and time. Prints a table and ends with 1 when a row failed.
"""

import re
import select
import socket
import ssl
import struct
import sys
import time
from urllib.parse import urlsplit

import gateway

PATIENCE = 4
FLOOD = 20_000
MEMORY_KIB = 64 * 1024
ROWS = []


class Peer:
    """Opens sockets to the program."""

    def __init__(self, server):
        split = urlsplit(server.url)
        self.host, self.port = split.hostname, split.port
        self.server, self.token = server, server.token
        self.trust = server.ca_file

    def plain(self):
        return socket.create_connection((self.host, self.port), timeout=PATIENCE)

    def tls(self, protocol="http/1.1", change=lambda context: None):
        context = ssl.create_default_context(cafile=self.trust)
        context.set_alpn_protocols([protocol])
        change(context)
        return context.wrap_socket(self.plain(), server_hostname=self.host)

    def exchange(self, data, patience=PATIENCE):
        """What comes back for these bytes, and whether the peer closed."""
        with self.tls() as sock:
            send(sock, data)
            return drain(sock, patience)

    def head(self, method="POST", path="/scim/v2/Users", *lines, token=True):
        """A request head that only lacks what `lines` add."""
        fixed = [f"{method} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        if token:
            fixed.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join([*fixed, *lines, "", ""]).encode()

    def alive(self):
        """A good request is answered."""
        answer, _ = self.exchange(self.head("GET", "/scim/v2/Users?count=1", "Connection: close"))
        return statuses(answer) == [200]

    def memory(self):
        text = open(f"/proc/{self.server._process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1))


def send(sock, data):
    try:
        sock.sendall(data)
    except OSError:
        pass  # The peer may refuse before it has read everything.


def drain(sock, patience):
    """Reads until the peer closes or nothing comes for `patience` seconds."""
    sock.settimeout(patience)
    answer = b""
    try:
        while data := sock.recv(65536):
            answer += data
    except TimeoutError:
        return answer, False
    except OSError:
        pass
    return answer, True


def statuses(answer):
    """The status codes of the answers, in order; there is no such text inside our bodies."""
    return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]


def row(name, what, good, seen):
    ROWS.append((name, what, "ok" if good else "FAILED", seen))


def smuggling(peer):
    """HTP-01: ambiguous framing is 400 and a close, and no second request is seen."""
    second = peer.head("GET", "/scim/v2/ServiceProviderConfig", "X-Smuggled: 1")
    kind = "Content-Type: application/scim+json"
    chunks = b"0\r\n\r\n"
    cases = [
        ("CL and TE", peer.head("POST", "/scim/v2/Users", kind, "Content-Length: 5",
                                "Transfer-Encoding: chunked") + chunks),
        ("TE and CL", peer.head("POST", "/scim/v2/Users", kind, "Transfer-Encoding: chunked",
                                "Content-Length: 5") + chunks),
        ("two CL", peer.head("POST", "/scim/v2/Users", kind, "Content-Length: 0",
                             "Content-Length: 5")),
        ("CL list", peer.head("POST", "/scim/v2/Users", kind, "Content-Length: 0, 5")),
        ("CL +5", peer.head("POST", "/scim/v2/Users", kind, "Content-Length: +5") + b"hello"),
        ("CL -1", peer.head("POST", "/scim/v2/Users", kind, "Content-Length: -1")),
        ("CL 2^64", peer.head("POST", "/scim/v2/Users", kind, f"Content-Length: {2**64}")),
        ("chunk 2^64", peer.head("POST", "/scim/v2/Users", kind, "Transfer-Encoding: chunked")
         + b"10000000000000000\r\n"),
        ("chunk size of no number", peer.head("POST", "/scim/v2/Users", kind,
                                              "Transfer-Encoding: chunked") + b"zz\r\n"),
        ("chunk size ends in LF", peer.head("POST", "/scim/v2/Users", kind,
                                            "Transfer-Encoding: chunked") + b"5\nhello\r\n0\r\n\r\n"),
        ("two TE", peer.head("POST", "/scim/v2/Users", kind, "Transfer-Encoding: chunked",
                             "Transfer-Encoding: identity") + chunks),
        ("TE of another name", peer.head("POST", "/scim/v2/Users", kind,
                                         "Transfer-Encoding: xchunked") + chunks),
        ("space before colon", peer.head("POST", "/scim/v2/Users", kind, "Content-Length : 5")
         + b"hello"),
        ("obs-fold", peer.head("POST", "/scim/v2/Users", kind, "X-Fold: a\r\n b",
                               "Content-Length: 0")),
        ("NUL in a field", peer.head("GET", "/scim/v2/Users", "X-Nul: a\0b")),
        ("bare CR", peer.head("GET", "/scim/v2/Users", "X-Cr: a\rContent-Length: 5")),
        ("bare LF", peer.head("GET", "/scim/v2/Users", "Content-Length: 0").replace(b"\r\n", b"\n")),
        ("bare LF, one line", peer.head("GET", "/scim/v2/Users", "X-Lf: a\nContent-Length: 5")),
        ("two CL, equal", peer.head("POST", "/scim/v2/Users", kind, "Content-Length: 5",
                                    "Content-Length: 5") + b"hello"),
        ("TE chunked twice", peer.head("POST", "/scim/v2/Users", kind,
                                       "Transfer-Encoding: chunked, chunked") + chunks),
        ("TE gzip, chunked", peer.head("POST", "/scim/v2/Users", kind,
                                       "Transfer-Encoding: gzip, chunked") + chunks),
        ("TE in HTTP/1.0", peer.head("POST", "/scim/v2/Users", kind, "Transfer-Encoding: chunked")
         .replace(b"HTTP/1.1", b"HTTP/1.0") + chunks),
        ("no Host", b"GET /scim/v2/ServiceProviderConfig HTTP/1.1\r\n\r\n"),
        ("two Hosts", peer.head("GET", "/scim/v2/Users", "Host: wardgate.example")),
        ("trailer ends in LF", peer.head("POST", "/scim/v2/Users", kind,
                                         "Transfer-Encoding: chunked") + b"0\r\nX: 1\n\r\n"),
    ]
    for what, data in cases:
        answer, closed = peer.exchange(data + second)
        codes = statuses(answer)
        row("HTP-01", what, closed and codes == [400],
            f"{codes or 'no answer'}, {'closed' if closed else 'open'}")
    inside = peer.head("GET", "/scim/v2/Users", f"Content-Length: {len(second)}") + second
    answer, closed = peer.exchange(inside)
    codes = statuses(answer)
    row("HTP-01", "GET with a body", len(codes) == 1 and b"authenticationSchemes" not in answer,
        f"{codes}, {'closed' if closed else 'open'}")


def sizes(peer):
    """HTP-05 and PRS-04: limits of the head and of the body."""
    close = "Connection: close"
    many = [f"X-{turn}: 1" for turn in range(101)]
    few = [f"X-{turn}: 1" for turn in range(90)]
    for what, data, good in [
        ("101 fields", peer.head("GET", "/scim/v2/Users", *many), [431]),
        ("93 fields", peer.head("GET", "/scim/v2/Users", close, *few), [200]),
        ("block of 33 KiB", peer.head("GET", "/scim/v2/Users", "X: " + "a" * 33 * 1024), [431]),
        ("block of 31 KiB", peer.head("GET", "/scim/v2/Users", close, "X: " + "a" * 31 * 1024),
         [200]),
        ("target of 8 KiB + 1",
         peer.head("GET", "/scim/v2/Users?x=" + "a" * (8193 - len("/scim/v2/Users?x=")), close),
         [414]),
        ("target of 8 KiB",
         peer.head("GET", "/scim/v2/Users?x=" + "a" * (8192 - len("/scim/v2/Users?x=")), close),
         [200]),
    ]:
        answer, _ = peer.exchange(data)
        row("HTP-05", what, statuses(answer) == good, str(statuses(answer)))
    kind = "Content-Type: application/scim+json"
    users = "/scim/v2/Users"
    answer, closed = peer.exchange(peer.head("POST", users, kind, f"Content-Length: {10 * 2**30}"))
    row("PRS-04", "10 GiB announced", statuses(answer) == [413] and closed,
        f"{statuses(answer)}, {'closed' if closed else 'open'}")
    answer, _ = peer.exchange(peer.head("POST", users, kind, "Content-Length: 100",
                                        "Expect: 100-continue", token=False))
    row("PRS-04", "Expect without token", statuses(answer) == [401], str(statuses(answer)))
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    endless = peer.head("POST", users, kind, "Transfer-Encoding: chunked") + chunk * 70
    answer, closed = peer.exchange(endless)
    codes = statuses(answer)
    row("PRS-04", "chunks without end", codes in ([413], []) and closed,
        f"{codes}, {'closed' if closed else 'open'}")


def slow(peer):
    """HTP-02, small: a few slow clients are closed while others are served."""
    began = time.monotonic()
    socks = {}
    kind = "Content-Type: application/scim+json"
    for turn in range(3):
        sock = peer.tls()
        sock.send(b"GET ")
        socks[sock] = (f"head, client {turn + 1}", 13)
        sock = peer.tls()
        sock.sendall(peer.head("POST", "/scim/v2/Users", kind, "Content-Length: 1000"))
        socks[sock] = (f"body, client {turn + 1}", 14)
        socks[peer.plain()] = (f"handshake, client {turn + 1}", 8)
    served = True
    while socks and time.monotonic() - began < 16:
        for sock in list(socks):
            what, limit = socks[sock]
            if not trickle(sock):
                took = time.monotonic() - began
                row("HTP-02", what, took <= limit, f"closed after {took:.0f} s")
                sock.close()
                del socks[sock]
        served = served and peer.alive()
        time.sleep(1)
    for sock, (what, _) in socks.items():
        row("HTP-02", what, False, "still open")
        sock.close()
    row("HTP-02", "others meanwhile", served, "served" if served else "not served")


def trickle(sock):
    """Sends one byte; whether the socket is still open."""
    try:
        if isinstance(sock, ssl.SSLSocket):
            sock.send(b"a")
        sock.settimeout(0.05)
        while sock.recv(65536):
            pass
        return False
    except (TimeoutError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False


def tls(peer):
    """TLS-01: only 1.2 and 1.3, with forward secrecy; no redirect for plain HTTP."""
    versions = ssl.TLSVersion
    for version, wanted in [(versions.TLSv1, False), (versions.TLSv1_1, False),
                            (versions.TLSv1_2, True), (versions.TLSv1_3, True)]:
        def only(context, version=version):
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        row("TLS-01", version.name, shakes(peer, only) == wanted,
            "accepted" if shakes(peer, only) else "refused")

    def static_keys(context):
        context.maximum_version = versions.TLSv1_2
        context.set_ciphers("AES128-GCM-SHA256:AES256-SHA:@SECLEVEL=0")
    row("TLS-01", "no forward secrecy", not shakes(peer, static_keys), "refused")
    with peer.plain() as sock:
        send(sock, b"GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\n\r\n")
        answer, closed = drain(sock, PATIENCE)
    row("TLS-01", "plain HTTP", closed and b"HTTP/1.1 3" not in answer and b"ocation" not in answer,
        f"{len(answer)} bytes, {'closed' if closed else 'open'}")


def shakes(peer, change):
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            with peer.tls(change=change) as sock:
                sock.sendall(peer.head("GET", "/scim/v2/ServiceProviderConfig", "Connection: close"))
                return statuses(drain(sock, PATIENCE)[0]) == [200]
        except OSError:
            return False


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def packed(name, value):
    """A header field, literal and never indexed (RFC 7541 section 6.2.3); short texts only."""
    name, value = name.encode(), value.encode()
    return b"\x10" + bytes([len(name)]) + name + bytes([len(value)]) + value


DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9


def floods(peer):
    """HTP-03: floods end the connection or cost nothing; others are served, memory stays."""
    fields = [(":method", "POST"), (":scheme", "https"), (":path", "/scim/v2/Users"),
              (":authority", f"{peer.host}:{peer.port}"),
              ("authorization", f"Bearer {peer.token}"), ("content-type", "application/scim+json")]
    block = b"".join(packed(name, value) for name, value in fields)
    opened = frame(HEADERS, 4, 1, block)

    def resets():
        for turn in range(FLOOD):
            stream = 2 * turn + 1
            yield frame(HEADERS, 5, stream, block) + frame(RESET, 0, stream, b"\0\0\0\x08")

    def repeated(first, flood):
        yield first
        for _ in range(FLOOD // 10):
            yield flood * 10

    bomb = b"".join(packed(f"x-{turn}", "a" * 100) for turn in range(150))
    for what, data, must_end in [
        ("rapid reset", resets(), True),
        ("endless CONTINUATION",
         repeated(frame(HEADERS, 0, 1, block), frame(CONTINUATION, 0, 1, bomb)), True),
        ("empty DATA", repeated(opened, frame(DATA, 0, 1)), False),
        ("settings", repeated(b"", frame(SETTINGS, 0, 0)), False),
        ("ping", repeated(b"", frame(PING, 0, 0, b"12345678")), False),
    ]:
        before = peer.memory()
        seen, ended, sent = flood(peer, data)
        grown = peer.memory() - before
        good = peer.alive() and grown < MEMORY_KIB and (ended or not must_end)
        row("HTP-03", what, good,
            f"{sent} bytes sent, {seen}, {'ended' if ended else 'went on'}, +{max(grown, 0)} KiB")


def flood(peer, pieces):
    """Sends the pieces and reads along; what came, whether the peer ended it, bytes sent."""
    sock = peer.tls("h2")
    sock.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))
    sock.setblocking(False)
    came, waiting, sent, ended = b"", b"", 0, False
    pieces, began, quiet = iter(pieces), time.monotonic(), None
    while time.monotonic() - began < 20 and not ended:
        if not waiting and quiet is None:
            waiting = b"".join(piece for _, piece in zip(range(50), pieces))
            quiet = None if waiting else time.monotonic()
        if quiet is not None and time.monotonic() - quiet > 2:
            break
        try:
            if waiting:
                done = sock.send(waiting[:16384])
                sent, waiting = sent + done, waiting[done:]
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError):
            select.select([sock], [sock], [], 0.1)
        except OSError:
            ended = True
        try:
            data = sock.recv(65536)
            came, ended = came + data, not data
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if not waiting:
                select.select([sock], [], [], 0.1)
        except OSError:
            ended = True
    sock.close()
    goaway = went_away(came)
    return ("GOAWAY" if goaway else "no GOAWAY"), ended or goaway, sent


def went_away(came):
    while len(came) >= 9:
        size = int.from_bytes(came[:3], "big")
        if came[3] == GOAWAY:
            return True
        came = came[9 + size:]
    return False


def main():
    with gateway.Gateway() as server:
        peer = Peer(server)
        for part in (tls, smuggling, sizes, floods, slow):
            part(peer)
        row("-", "the program afterwards", peer.alive(), "serves")
    for name, what, outcome, seen in ROWS:
        print(f"{name:7} {what:24} {outcome:7} {seen}")
    failed = sum(outcome != "ok" for _, _, outcome, _ in ROWS)
    print(f"\nhostile wire: {'FAILED' if failed else 'ok'}: {len(ROWS) - failed} passed, {failed} failed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
