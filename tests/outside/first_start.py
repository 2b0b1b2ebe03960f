"""The first start as a stranger meets it: serve on nothing, then paste the three lines."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import gateway

WANTED = ["totalResults", "userName", "totalResults"]


def main():
    if shutil.which("curl") is None:
        print("first start: could not run: there is no curl")
        return 3
    with tempfile.TemporaryDirectory(prefix="wardgate-") as directory:
        # A name with a space and a quote: the lines must be good for any shell word.
        data = Path(directory) / "the gate's data"
        log = open(Path(directory) / "log", "wb")
        process = subprocess.Popen(
            [gateway.BINARY, "serve", "--data", data, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, "WARDGATE_METRICS": "off"},
        )
        try:
            lines = curl_lines(process)
            answers = [paste(line) for line in lines]
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(gateway.STOP_SECONDS)
            process.stdout.close()
            log.close()
    right = [name in answer for name, answer in zip(WANTED, answers, strict=True)]
    found = answers[2].get("totalResults") == 1
    for line, good in zip(["list", "create", "filter"], right):
        print(f"{line:7} {'ok' if good else 'FAILED'}")
    red = not (all(right) and found and code == 0)
    print(f"first start: {'FAILED' if red else 'ok'}: three lines pasted, ended with {code}")
    return int(red)


def curl_lines(process):
    """The printed lines, until all three are there."""
    lines = []
    while len(lines) < 3:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the program ended before it had printed three curl lines")
        if line.startswith("curl "):
            lines.append(line.rstrip("\n"))
    return lines


def paste(line):
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"curl ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


if __name__ == "__main__":
    sys.exit(main())
