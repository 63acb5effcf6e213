# SPDX-License-Identifier: Apache-2.0
"""A made-up company for the benchmarks of joiners: people, of whom each has
an account with two group memberships, by department and by site."""
import csv
import os

from house import SOURCE, put


class Company:
    """Group: how many people a department has, and a site."""

    def __init__(self, people, group=250):
        self.people = people
        self.groups = max(1, -(-people // group))

    def person(self, n):
        """All that HR knows of the nth; departments and sites cross."""
        return {"id": f"e{n:05}", "first": f"Given{n:05}",
                "last": f"Family{n // 7:05}",
                "department": f"dept{n % self.groups:03}",
                "site": f"site{n // self.groups % self.groups:03}",
                "start": "2020-01-01"}

    def write(self, path, first, last):
        """A CSV of the people from first to last, without the last."""
        with open(path, "w", newline="") as f:
            out = csv.DictWriter(f, self.person(0).keys())
            out.writeheader()
            out.writerows(self.person(n) for n in range(first, last))

    def group_names(self):
        return [f"{kind}{n:03}" for kind in ("dept", "site")
                for n in range(self.groups)]

    def groups_ldif(self, base):
        return "\n".join(
            f"dn: cn={g},ou=groups,{base}\nobjectClass: groupOfNames\n"
            f"cn: {g}\nmember: cn=empty,ou=groups,{base}\n"
            for g in self.group_names())

    def dn(self, n, base):
        p = self.person(n)
        return f"uid={login(p)},ou=people,{base}"

    def entry_ldif(self, n, base):
        """What muster writes of the nth, as a person would by hand."""
        p = self.person(n)
        return (f"dn: {self.dn(n, base)}\nobjectClass: inetOrgPerson\n"
                f"uid: {login(p)}\ncn: {p['first']} {p['last']}\n"
                f"sn: {p['last']}\ngivenName: {p['first']}\n"
                f"mail: {login(p)}@example.test\n"
                f"departmentNumber: {p['department']}\nl: {p['site']}\n"
                f"employeeNumber: {p['id']}\n")

    def memberships_ldif(self, n, base):
        p = self.person(n)
        return "\n".join(
            f"dn: cn={g},ou=groups,{base}\nchangetype: modify\n"
            f"add: member\nmember: {self.dn(n, base)}\n"
            for g in (p["department"], p["site"]))

    def configure(self, top, directory, concurrency):
        """A configuration set that gives just this, read back; so many
        calls may be in the directory at one time."""
        for folder in ("systems", "roles", "feeds", "workflows"):
            os.makedirs(f"{top}/{folder}")
        for name in ("joiner", "mover", "leaver", "rehire"):
            with open(f"{SOURCE}/contrib/defaults/workflows/{name}.json") as f:
                text = f.read()
            with open(f"{top}/workflows/{name}.json", "w") as f:
                f.write(text)
        with open(f"{top}/ldap.pw", "w") as f:
            os.chmod(f"{top}/ldap.pw", 0o600)
            f.write(directory.bind_pw)
        put(f"{top}/muster.json", {
            "instance": "bench", "state": f"{top}/state",
            "socket": f"{top}/muster.sock", "sandbox": "best-effort",
            "guards": [{"effect": "disable", "max": 1000},
                       {"effect": "remove", "max": 1000}],
            "names": {"pattern": "[.given, .family]"
                      " | map(ascii_downcase) | [\"\\(.[0]).\\(.[1])\"]"}})
        put(f"{top}/systems/corp.json", {
            "system": "corp", "provider": "ldap", "mode": "enforce",
            "url": directory.url, "ca": directory.ca,
            "base": directory.base,
            "people": f"ou=people,{directory.base}",
            "groups": f"ou=groups,{directory.base}",
            "bind": {"dn": directory.bind_dn,
                     "password": {"file": "ldap.pw"}},
            "group": {"placeholder": f"cn=empty,ou=groups,{directory.base}"},
            "concurrency": concurrency})
        put(f"{top}/roles/all.json", self.roles())
        put(f"{top}/feeds/hr.json", {
            "feed": "hr", "format": "csv", "as": "snapshot",
            "leavers_a_day": 1000,
            "columns": ["id", "first", "last", "department", "site"],
            "map": "{key: .id, kind: \"person\", affiliation: \"employee\","
            " start: .start, display: (.first + \" \" + .last), attributes:"
            " {given: .first, family: .last, department: .department,"
            " site: .site}}"})

    def roles(self):
        return [{
            "role": "employee", "when": ".kind == \"person\"",
            "accounts": {"corp/primary": {"attributes": {
                "cn": ".display", "sn": ".family", "givenName": ".given",
                "mail": ".username + \"@example.test\"",
                "departmentNumber": ".department", "l": ".site",
                "employeeNumber": ".uid"}}}}] + [{
                    "role": g, "when":
                    f".{'department' if g[0] == 'd' else 'site'} == \"{g}\"",
                    "entitlements": {"corp/primary": [f"cn={g}"]}}
                    for g in self.group_names()]


def login(person):
    return f"{person['first']}.{person['last']}".lower()
