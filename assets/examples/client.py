"""Microsoft's Python SDK at the simulator: prints the state of the call CALL, and how many are in it.

`pip install msgraph-sdk`. GRAPH, TOKEN and CALL are those of the guide's page "Connect a relay". The credential
classes of azure-identity accept only https authorities; an access token provider of your own accepts any.
"""

import asyncio
import os

from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient


class Token(AccessTokenProvider):
    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return os.environ["TOKEN"]

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator(["127.0.0.1"])


async def main():
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token()))
    adapter.base_url = os.environ["GRAPH"]
    call = GraphServiceClient(request_adapter=adapter).communications.calls.by_call_id(os.environ["CALL"])
    state, participants = (await call.get()).state.value, (await call.participants.get()).value
    print(f"{state}, {len(participants)} participants")


asyncio.run(main())
