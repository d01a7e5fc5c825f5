"""A bot's webhook: takes notifications whose signature holds, prints them, and answers the calls that come in.

Python 3.11 with `pip install 'pyjwt[crypto]'`. OPENID, CLIENT_ID, TENANT, GRAPH and TOKEN are those of the guide's
page "Test a bot against the simulator"; the only argument is the port to listen on (8900).
"""
import json
import os
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 8900
ISSUERS = ["https://api.botframework.com", "https://graph.microsoft.com"]
with urllib.request.urlopen(os.environ["OPENID"], timeout=10) as document:
    keys = jwt.PyJWKClient(json.load(document)["jwks_uri"])  # kept 5 minutes; read again for an unknown key


def verified(header: str) -> dict:
    token = header.removeprefix("Bearer ")
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],  # never what the token itself says
        audience=os.environ["CLIENT_ID"],
        issuer=ISSUERS,
        leeway=300,
        options={"require": ["aud", "exp", "iss", "nbf", "tid"]},
    )
    if claims["tid"] != os.environ["TENANT"]:
        raise jwt.InvalidTokenError(f"tenant {claims['tid']} is not ours")
    return claims


def answer(call: str):
    body = {
        "callbackUri": f"http://127.0.0.1:{PORT}/",
        "acceptedModalities": ["audio"],
        "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
    }
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}", "Content-Type": "application/json"}
    url = f"{os.environ['GRAPH']}/communications/calls/{call}/answer"
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=10).close()


class Webhook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            verified(self.headers.get("Authorization", ""))
        except jwt.PyJWTError as fault:
            print("refused:", fault, flush=True)
            return self.reply(401)
        calls = []
        for told in json.loads(body)["value"]:
            data = told["resourceData"]
            state = data.get("state", "") if isinstance(data, dict) else f"{len(data)} participants"
            print(told["changeType"], told["resourceUrl"], state, flush=True)
            if state == "incoming":  # it has no member id
                calls.append(told["resourceUrl"].rstrip("/").rsplit("/", 1)[-1])
        self.reply(202)
        for call in calls:
            answer(call)

    def reply(self, status: int):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", PORT), Webhook)
PORT = server.server_port  # port 0 takes a free one
print(f"the webhook is http://127.0.0.1:{PORT}/", flush=True)
server.serve_forever()
