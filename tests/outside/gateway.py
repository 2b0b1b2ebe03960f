"""Starts the real program in a directory of its own, and ends it again."""

import json
import os
import re
import select
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("WARDGATE_BINARY", ROOT / "target" / "release" / "wardgate"))
START_SECONDS = 30
STOP_SECONDS = 40


class Gateway:
    """A running gateway with an organization, a connection and both kinds of token."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="wardgate-")
        self.data = Path(self._directory.name) / "data"
        self.log = Path(self._directory.name) / "log"
        self._process = None

    def __enter__(self):
        made = self.command("init")
        self.token, self.admin_token = made["token"], made["admin_token"]
        self.ca_file, self.connection = made["ca_file"], made["connection"]
        self.start()
        return self

    def __exit__(self, kind, error, trace):
        try:
            code = self.stop()
            if error is None and code != 0:
                raise RuntimeError(f"the gateway ended with {code}:\n{self.tail()}")
        finally:
            self._directory.cleanup()

    def start(self):
        """Starts the program and waits for its ready line."""
        environment = {**os.environ, "WARDGATE_METRICS": "off"}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [BINARY, "serve", "--data", self.data, "--listen", "127.0.0.1:0"],
                stdout=subprocess.PIPE, stderr=log, env=environment,
            )
        ready, _, _ = select.select([self._process.stdout], [], [], START_SECONDS)
        line = self._process.stdout.readline().decode() if ready else ""
        found = re.fullmatch(r"ready (https://\S+)\n", line)
        if not found:
            self.stop()
            raise RuntimeError(f"no ready line within {START_SECONDS} s:\n{self.tail()}")
        self.url = found.group(1)
        self.base_url = f"{self.url}/scim/v2"

    def stop(self):
        """Asks the program to end; the exit code."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RuntimeError(f"no end within {STOP_SECONDS} s of SIGTERM") from None
        finally:
            process.stdout.close()

    def command(self, *words):
        """Runs a command on the data directory; what it answers."""
        done = subprocess.run(
            [BINARY, *words, "--data", self.data, "--json"], capture_output=True, text=True,
            timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError(f"wardgate {words[0]} ended with {done.returncode}: {done.stderr}")
        return json.loads(done.stdout)

    def tail(self):
        """The end of the log."""
        return self.log.read_text(errors="replace")[-4000:] if self.log.exists() else ""


def measure(work):
    """What `work` answers, and the seconds it took."""
    began = time.monotonic()
    return work(), time.monotonic() - began
