"""Schemathesis against the administrators' API of the running program over TLS.

It reads the description that the program serves, makes requests of it that fit and requests that
do not, and holds every answer to it: status, media type, shape, and that nothing is told without
a credential. Few examples with one seed, so that a run is short and the same run is the same.
"""

import json
import ssl
import subprocess
import sys
import urllib.request
from pathlib import Path

import gateway

SCHEMATHESIS = Path(sys.executable).parent / "st"
EXAMPLES = 25
SECONDS = 240
# An instant that fits the description may be one that has not come, which is refused with 400.
NOT_CLAIMED = "positive_data_acceptance"


def main():
    with gateway.Gateway() as server:
        people(server)
        command = [
            SCHEMATHESIS, "run", f"{server.url}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {server.admin_token}",
            "--tls-verify", server.ca_file,
            "--checks", "all", "--exclude-checks", NOT_CLAIMED,
            "--phases", "examples,coverage,fuzzing",
            "--max-examples", str(EXAMPLES), "--seed", "1", "--request-timeout", "30",
        ]
        try:
            # Somewhere else, so that what it keeps between runs is not kept.
            done = subprocess.run(command, cwd=server.data.parent, timeout=SECONDS, check=False)
            code = done.returncode
        except subprocess.TimeoutExpired:
            print(f"schemathesis: no end within {SECONDS} s")
            code = 1
        findings = server.command("check")["findings"]
        log = server.tail()
    if code or findings:
        print(findings, log, file=sys.stderr)
    print(f"\nschemathesis: {'FAILED' if code or findings else 'ok'}")
    return int(bool(code or findings))


def people(server):
    """A few people, so that lists and exports have something to show."""
    trust = ssl.create_default_context(cafile=server.ca_file)
    for number in range(3):
        body = {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": f"person-{number}@hospital.example",
            "name": {"givenName": "Zoë", "familyName": f"Number {number}"},
        }
        request = urllib.request.Request(
            f"{server.base_url}/Users", data=json.dumps(body).encode(), method="POST",
            headers={
                "Authorization": f"Bearer {server.token}",
                "Content-Type": "application/scim+json",
            },
        )
        with urllib.request.urlopen(request, context=trust, timeout=30) as answer:
            assert answer.status == 201


if __name__ == "__main__":
    sys.exit(main())
