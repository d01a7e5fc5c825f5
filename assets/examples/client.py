"""Microsoft's Python SDK against the simulator: prints the state of the call CALL and its number of participants.

`pip install msgraph-sdk`. The guide's page "Connect a relay" sets GRAPH, TOKEN and CALL. The credential classes of
azure-identity accept only https authorities; a custom access token provider accepts any.
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
