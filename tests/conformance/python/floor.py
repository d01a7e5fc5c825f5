"""The simulator as a judge meets it: its ready line, application tokens, and the control API."""

import base64
import json
import pathlib
import re
import sys

import requests

HERE = pathlib.Path(__file__).parent
ROWS = json.loads((HERE.parent / "rows.json").read_text())
SCOPE = "https://graph.microsoft.com/.default"


class Floor:
    """A running simulator. Whoever starts the judges is told the webhook's address on standard output, starts a
    simulator that notifies it of incoming calls, and gives its ready line on standard input."""

    def __init__(self, webhook: str):
        print(webhook, flush=True)
        self.ready = json.loads(sys.stdin.readline())
        self.graph = self.ready["graph"].rstrip("/")
        self.tenant = self.ready["tenant"]
        self.client = self.ready["clientId"]
        self._hands = {"Authorization": f"Bearer {self.ready['controlToken']}"}

    def token(self, tenant: str | None = None) -> str:
        """An application token, as Entra's token endpoint gives it."""
        endpoint = self.ready["token"].replace(self.tenant, tenant or self.tenant)
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client,
            "client_secret": self.ready["clientSecret"],
            "scope": SCOPE,
        }
        answer = requests.post(endpoint, data=form, timeout=10)
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert told["token_type"] == "Bearer" and told["expires_in"] > 0, told
        return told["access_token"]

    def control(self, path: str, body=None):
        """Asks the control API."""
        url = f"{self.ready['control'].rstrip('/')}{path}"
        method = "GET" if body is None else "POST"
        answer = requests.request(method, url, json=body, headers=self._hands, timeout=60)
        assert answer.ok, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def settings(self, **changes):
        self.control("/faults", changes)

    def stands(self):
        """Stops the clock, so that a deadline cannot pass however slow this machine is."""
        self.control("/clock", {"speed": 0})

    def goes(self, speed: float = 10):
        """Lets the clock go on."""
        self.control("/clock", {"speed": speed})

    def rings(self, kind: str = "oneToOne", **more) -> str:
        """Lets somebody call the application, and stops the clock before 15 seconds are over; the call's id."""
        self.stands()
        people = [{"name": "Ada Byrne"}] if kind == "oneToOne" else [{"name": "Ada Byrne"}, {"name": "Bob Okafor"}]
        plan = {"subject": "Help", "kind": kind, "answeredBy": "client", "people": people, **more}
        return self.control("/calls", plan)["id"]

    def delivered(self) -> dict:
        return self.control("")["notifications"]


def roles(token: str) -> list[str]:
    """The permissions that a token carries."""
    middle = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))["roles"]


class Tally:
    """Which documented rows were seen to succeed, with exactly the documented status."""

    def __init__(self):
        pattern = lambda path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path) + "$", re.IGNORECASE)
        self._rows = [(row, pattern(row["path"])) for row in ROWS]
        self.seen: set[int] = set()

    def note(self, method: str, path: str, status: int):
        """Takes one exchange; `path` without the version."""
        literal = [it for it in self._rows if it[0]["method"] == method and it[1].match(path)]
        literal.sort(key=lambda it: it[0]["path"].count("{"))
        if literal and status < 400:
            row = literal[0][0]
            assert status == row["status"], f"{method} {path} answered {status}, documented is {row['status']}"
            self.seen.add(self._rows.index(literal[0]))

    def complete(self):
        missing = [row for at, (row, _) in enumerate(self._rows) if at not in self.seen]
        assert not missing, f"documented rows that were not seen to succeed: {missing}"
