"""scim2-tester against the running program over TLS.

Red on any error, and on any skipped check: everything that the tester can check is something
that the gateway says it supports.
"""

import collections
import ssl
import sys

import gateway
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

BAD = {Status.ERROR, Status.CRITICAL}
# Skips that the gateway does not claim: (check, resource type) -> why.
NOT_CLAIMED = {}
# What the tester can make by itself. The types of the network (sites, delegations and their kin)
# hold references to records that must be there, periods and permissions, which it fills with
# chance; they have stories of their own in tests/suite/places.
TYPES = ["User", "Group"]
# The tester fills our extensions with chance: a kind of group that only administrators make, an
# instant that is none. What it hears then is ours to say, and proved in tests/suite.
OURS = (
    "urn:ietf:params:scim:schemas:extension:wardgate:2.0:", "access groups", "Access groups",
    "expected_return", "`kind` cannot be changed",
)


def main():
    with gateway.Gateway() as server:
        results, seconds = gateway.measure(lambda: run(server))
        log = server.tail()
    table(results)
    bad = [result for result in results if result.status in BAD and not by_rule(result)]
    print(f"{sum(map(by_rule, results))} checks met a rule of our extensions")
    skipped = [
        result for result in results
        if result.status is Status.SKIPPED
        and (result.title, result.resource_type) not in NOT_CLAIMED
    ]
    for result in bad + skipped:
        print(f"\n{result.status.name}: {result.resource_type or '-'}: {result.title}")
        print(f"  {result.reason}")
        print(f"  {str(result.data)[:1500]}")
    count = collections.Counter(result.status.name.lower() for result in results)
    words = ", ".join(f"{number} {name}" for name, number in sorted(count.items()))
    red = bool(bad or skipped or len(results) < 20)
    print(f"\nscim2-tester: {'FAILED' if red else 'ok'}: {words} in {seconds:.1f} s")
    if red:
        print(log, file=sys.stderr)
    return int(red)


def by_rule(result):
    if result.status not in BAD:
        return False
    said = f"{result.reason} {result.data}"
    return any(word in said for word in OURS)


def run(server):
    trust = ssl.create_default_context(cafile=server.ca_file)
    headers = {"Authorization": f"Bearer {server.token}"}
    with Client(base_url=server.base_url, headers=headers, verify=trust, timeout=30) as client:
        scim = SyncSCIMClient(client)
        return check_server(scim, resource_types=TYPES)


def table(results):
    rows = collections.OrderedDict()
    for result in results:
        key = (result.resource_type or "-", result.title or "-")
        rows.setdefault(key, collections.Counter())[result.status.name.lower()] += 1
    wide = max((len(kind) for kind, _ in rows), default=0)
    long = max((len(title) for _, title in rows), default=0)
    for (kind, title), count in rows.items():
        words = ", ".join(f"{number} {name}" for name, number in count.items())
        print(f"{kind:{wide}}  {title:{long}}  {words}")


if __name__ == "__main__":
    sys.exit(main())
