"""A bot's webhook on loopback: takes each notification only with a signature that holds, and keeps it.

The signatures are checked by PyJWT, with keys found as a bot finds them: OpenID document, then its key set.
"""

import json
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt
import requests

ISSUER = "https://api.botframework.com"
PATIENCE = 20.0


class Webhook:
    """Listens until closed; `refused` says what was wrong with notifications that did not hold."""

    def __init__(self):
        self._news = threading.Condition()
        self._messages: set[uuid.UUID] = set()
        self.taken: list[dict] = []
        self.refused: list[str] = []
        webhook = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(webhook._take(self.headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._server.server_port}/notifications"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def trust(self, openid: str, audience: str, tenant: str):
        """From now on notifications are taken: for this application and tenant, signed by the document's keys."""
        document = requests.get(openid, timeout=10).json()
        assert document["issuer"] == ISSUER, document
        assert "RS256" in document["id_token_signing_alg_values_supported"], document
        self._keys = jwt.PyJWKClient(document["jwks_uri"])
        self._audience, self._tenant = audience, tenant

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def verify(self, token: str) -> dict:
        """What a token says, when everything about it holds."""
        claims = jwt.decode(
            token,
            self._keys.get_signing_key_from_jwt(token).key,
            algorithms=["RS256"],
            audience=self._audience,
            issuer=ISSUER,
            options={"require": ["aud", "iss", "exp", "nbf", "tid"]},
        )
        assert claims["tid"] == self._tenant, f"tid is {claims['tid']}"
        assert claims["nbf"] < time.time() < claims["exp"], claims
        return claims

    def _signs(self, headers):
        """The ids that Graph sends along: of the call's chain, and of each message, never given twice."""
        uuid.UUID(headers["X-Microsoft-Skype-Chain-ID"]), uuid.UUID(headers["Scenario-ID"])
        message = uuid.UUID(headers["X-Microsoft-Skype-Message-ID"])
        assert message not in self._messages, f"message id {message} came twice"
        self._messages.add(message)

    def _take(self, headers, body: bytes) -> int:
        try:
            assert headers["Content-Type"].startswith("application/json"), headers["Content-Type"]
            scheme, token = headers["Authorization"].split(" ", 1)
            assert scheme == "Bearer", scheme
            self.verify(token)
            self._signs(headers)
            envelope = json.loads(body)
            assert envelope["@odata.type"] == "#microsoft.graph.commsNotifications", envelope
            for one in envelope["value"]:
                assert one["changeType"] in ("created", "updated", "deleted"), one
                assert one["resourceUrl"].strip("/").startswith("communications/calls/"), one
                assert one["resourceData"], one
        except Exception as fault:  # whatever is wrong, the judge must hear of it
            with self._news:
                self.refused.append(f"{fault!r}: {body[:400]!r}")
                self._news.notify_all()
            return 401
        with self._news:
            self.taken.extend(envelope["value"])
            self._news.notify_all()
        return 202

    def until(self, what: str, wanted, after: int = 0):
        """The first notification that is wanted, of those after so many; waits for it."""
        with self._news:
            found = []

            def there():
                assert not self.refused, self.refused
                found[:] = [one for one in self.taken[after:] if wanted(one)][:1]
                return bool(found)

            if not self._news.wait_for(there, PATIENCE):
                heard = "\n".join(json.dumps(one) for one in self.taken[-20:])
                raise AssertionError(f"no notification: {what}; the last ones were\n{heard}")
            return found[0]

    def call(self, call: str, state: str, change: str = "updated"):
        """The notification of a call's state."""
        return self.until(
            f"{change} call {call} {state}",
            lambda it: it["changeType"] == change
            and it["resourceUrl"].strip("/") == f"communications/calls/{call}"
            and it["resourceData"].get("state") == state,
        )

    def operation(self, call: str, operation: str, kind: str, status: str = "completed"):
        """The notification of an operation's end."""
        found = self.until(
            f"the end of {kind} {operation}",
            lambda it: it["resourceUrl"].strip("/") == f"communications/calls/{call}/operations/{operation}",
        )
        data = found["resourceData"]
        assert found["changeType"] == "deleted", found
        assert data["@odata.type"] == f"#microsoft.graph.{kind}", found
        assert data["status"] == status, found
        return data

    def roster(self, call: str, what: str, wanted, after: int = 0):
        """The first roster that is as wanted, after so many notifications, as a list of participants."""
        return self.until(
            f"a roster of {call}: {what}",
            lambda it: it["changeType"] == "updated"
            and it["resourceUrl"].strip("/") == f"communications/calls/{call}/participants"
            and wanted(it["resourceData"]),
            after,
        )["resourceData"]
