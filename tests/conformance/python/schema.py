"""Judge: schemathesis holds every answer of the simulator against Graph's OpenAPI description.

First each documented row once, so that its success is judged, not only refusals; then requests that schemathesis
makes up, from the description and against it. Where Graph itself departs from its description, `departures.json`
changes the description beforehand, and each entry must have been needed.
"""

import copy
import faulthandler
import json
import os
import re
import time
from collections import Counter

import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi import checks as rules

import planned
import spoiled
from floor import HERE, Floor
from webhook import Webhook

EXAMPLES = int(os.environ.get("CALLBOARD_EXAMPLES", "12"))
CHECKS = [
    not_a_server_error,
    rules.status_code_conformance,
    rules.content_type_conformance,
    rules.response_schema_conformance,
]
NULLABLE = {"type": "object", "nullable": True}


def description() -> dict:
    """Graph's description, with the generator's loose spelling of "or null" made strict: as it is written there, any
    object at all would pass."""
    with open(os.environ["CALLBOARD_OPENAPI"]) as file:
        whole = yaml.safe_load(file)

    def strict(node):
        if isinstance(node, list):
            return [strict(it) for it in node]
        if not isinstance(node, dict):
            return node
        node = {name: strict(it) for name, it in node.items()}
        if NULLABLE in node.get("anyOf", []):
            node["anyOf"] = [it if it != NULLABLE else {"nullable": True, "enum": [None]} for it in node["anyOf"]]
        return node

    return strict(whole)


def departed(whole: dict, departures: list[dict]) -> dict:
    """The description as changed by departures: each merges into what its pointers name."""
    whole = copy.deepcopy(whole)
    for departure in departures:
        for pointer in departure["at"]:
            place = whole
            for step in pointer.strip("/").split("/"):
                step = step.replace("~1", "/").replace("~0", "~")
                place = place[int(step) if isinstance(place, list) else step]
            merge(place, departure["merge"])
    return whole


def merge(place: dict, change: dict):
    """A JSON merge patch, in place."""
    for name, value in change.items():
        if value is None:
            del place[name]
        elif isinstance(value, dict) and isinstance(place.get(name), dict):
            merge(place[name], value)
        else:
            place[name] = copy.deepcopy(value)


def load(whole: dict):
    return schemathesis.openapi.from_dict(whole)


class Judge:
    def __init__(self):
        self.webhook = Webhook()
        self.floor = Floor(self.webhook.url)
        self.webhook.trust(self.floor.ready["openid"], self.floor.client, self.floor.tenant)
        self.whole = description()
        self.departures = json.loads((HERE.parent / "departures.json").read_text())
        self.schema = load(departed(self.whole, self.departures))
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {self.floor.token()}"
        self.answers: list[tuple[str, str, dict, object]] = []
        self.faults: dict[str, str] = {}
        self.good: list[tuple[str, str, dict, dict]] = []
        self.sent = 0
        self.met: dict[str, Counter] = {}

    def ask(self, case, expected: int | None = None):
        """Sends a case and judges the answer."""
        response = case.call(base_url=self.floor.graph, session=self.session, timeout=20)
        self.sent += 1
        label = f"{case.method} {case.operation.path}"
        if expected is not None:
            assert response.status_code == expected, f"{label}: {response.status_code}, not {expected}: {response.text}"
        self.met.setdefault(label, Counter())[response.status_code] += 1
        self.judge(case, response, label)
        if expected is not None or response.status_code >= 400:
            self.answers.append((case.operation.path, case.method, case.path_parameters, response))
        return response

    def judge(self, case, response, label: str):
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as fault:
            for one in fault.exceptions:
                self.faults.setdefault(f"{label} {response.status_code}: {one.message[:120]}", str(fault))

    def plan(self, method: str, path: str, expected: int, **parts):
        """Asks for a documented row that must succeed; what it says."""
        operation = self.schema[path][method]
        if "body" in parts:
            parts["media_type"] = "application/json"
            self.good.append((method, path, parts.get("path_parameters", {}), parts["body"]))
        response = self.ask(operation.Case(**parts), expected)
        return response.json() if response.content else None

    def spoil(self, method: str, path: str, parameters: dict, body: dict):
        """Sends every spoiled form of a body that was good, and bodies that are no object."""
        operation = self.schema[path][method]
        for wrong in spoiled.spoiled(body):
            self.ask(operation.Case(path_parameters=parameters, body=self.tame(wrong), media_type="application/json"))
        place = path
        for name, id in parameters.items():
            place = place.replace(f"{{{name}}}", id)
        headers = {"Content-Type": "application/json"}
        for rubbish in spoiled.RUBBISH:
            answer = self.session.request(method, self.floor.graph + place, data=rubbish, headers=headers, timeout=20)
            self.judge(operation.Case(path_parameters=parameters), answer, f"{method} {path}")

    def fuzz(self, operation, mode, places: dict[str, list[str]]):
        """Sends what schemathesis makes up for one operation, to calls that are there and to calls that are not."""
        fixed = {name: st.sampled_from(places[name]) for name in re.findall(r"\{(.+?)\}", operation.path)}

        @seed(1)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), path=st.fixed_dictionaries(fixed))
        def ask(case, path):
            case.path_parameters = path
            case.body = self.tame(case.body)
            self.ask(case)

        ask()

    def tame(self, body):
        """A body whose addresses all lead back here, whatever was made up."""
        if isinstance(body, dict) and isinstance(body.get("callbackUri"), str) and ":" in body["callbackUri"]:
            body["callbackUri"] = self.webhook.url
        return body

    def unneeded(self) -> list[str]:
        """Departures without which every answer would have passed too."""
        found = []
        for one in self.departures:
            schema = load(departed(self.whole, [it for it in self.departures if it is not one]))
            if not any(self.departs(schema, *answer) for answer in self.answers):
                found.append(one["departs"])
        return found

    def departs(self, schema, path: str, method: str, parameters: dict, response) -> bool:
        try:
            schema[path][method].Case(path_parameters=parameters).validate_response(response, checks=CHECKS)
        except FailureGroup:
            return True
        return False


def ends(operation) -> int:
    """How much an operation takes away from those that come after it."""
    if operation.path.endswith("/transfer"):
        return 1
    if operation.method != "delete":
        return 0
    return 3 if operation.path == planned.CALL else 2


def judge():
    load_all_checks()
    started, one = time.monotonic(), Judge()
    places = planned.rows(one)
    print(f"{one.sent} planned requests, {time.monotonic() - started:.0f} s")
    for good in list(one.good):
        one.spoil(*good)
    print(f"{one.sent} requests with spoiled ones, {time.monotonic() - started:.0f} s")
    one.floor.goes(1)  # calls live 45 minutes without a keepAlive
    modes = {"positive": GenerationMode.POSITIVE, "negative": GenerationMode.NEGATIVE}
    operations = [it.ok() for it in one.schema.get_all_operations()]
    # What ends a call or takes somebody out of it comes last.
    for operation in sorted(operations, key=ends):
        for name, mode in modes.items():
            began = time.monotonic()
            try:
                one.fuzz(operation, mode, places)
            except Exception as fault:
                if "Unsatisfiable" not in type(fault).__name__ or name == "positive":
                    raise
            if (took := time.monotonic() - began) > 5:
                print(f"{operation.label}, {name}: {took:.0f} s")
    for label, fault in one.faults.items():
        print(f"\n{label}\n{fault}")
    assert not one.faults, f"{len(one.faults)} answers are outside the description: {list(one.faults)}"
    print(f"answers: {dict(sum(one.met.values(), Counter()))}")
    unneeded = one.unneeded()
    assert not unneeded, f"departures that no answer needed: {unneeded}"
    assert not one.webhook.refused, one.webhook.refused[:3]
    print(f"judged: {one.sent} requests, {len(one.departures)} departures, {time.monotonic() - started:.0f} s")


faulthandler.dump_traceback_later(600, exit=True)
judge()
