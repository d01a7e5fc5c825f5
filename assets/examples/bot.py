"""A bot's webhook: accepts notifications with a valid signature, prints them, and answers incoming calls.

Needs Python 3.11 and `pip install 'pyjwt[crypto]'`. The guide's page "Test a bot against the simulator" sets OPENID,
CLIENT_ID, TENANT, GRAPH and TOKEN. The only argument is the port to listen on (default 8900).
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
    keys = jwt.PyJWKClient(json.load(document)["jwks_uri"])  # cached for 5 minutes; fetched again for an unknown key


def verified(header: str) -> dict:
    token = header.removeprefix("Bearer ")
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["RS256"],  # never trust the algorithm that the token names
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
        for item in json.loads(body)["value"]:
            data = item["resourceData"]
            state = data.get("state", "") if isinstance(data, dict) else f"{len(data)} participants"
            print(item["changeType"], item["resourceUrl"], state, flush=True)
            if state == "incoming":  # it has no member id
                calls.append(item["resourceUrl"].rstrip("/").rsplit("/", 1)[-1])
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
