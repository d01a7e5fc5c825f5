"""Microsoft's Python SDK, unmodified, pointed at the simulator.

Authentication: azure-identity's credentials accept https authorities only, and the simulator's token endpoint speaks
plain HTTP on loopback. So the SDK is given an access token provider, its own extension point, which posts the same
client-credentials form; everything behind it is the SDK's.
"""

import httpx
from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.app_hosted_media_config import AppHostedMediaConfig
from msgraph.generated.models.call import Call
from msgraph.generated.models.chat_info import ChatInfo
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.identity_set import IdentitySet
from msgraph.generated.models.invitation_participant_info import InvitationParticipantInfo
from msgraph.generated.models.join_meeting_id_meeting_info import JoinMeetingIdMeetingInfo
from msgraph.generated.models.media_info import MediaInfo
from msgraph.generated.models.media_prompt import MediaPrompt
from msgraph.generated.models.modality import Modality
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.organizer_meeting_info import OrganizerMeetingInfo
from msgraph.generated.models.service_hosted_media_config import ServiceHostedMediaConfig
from msgraph_core import GraphClientFactory

from floor import Floor, Tally

ADA = "112f7296-5fa4-42ca-bae8-6a692b15d4b8"
BOB = "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96"
CAY = "1f35f2e6-9cab-44ad-8d5a-b74c14720000"
PROMPT = "https://example.com/audio/welcome.wav"


class Tokens(AccessTokenProvider):
    """Application tokens of the simulator's token endpoint."""

    def __init__(self, floor: Floor, tenant: str | None = None):
        self._token = floor.token(tenant)

    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return self._token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator(["127.0.0.1"])


class Graph:
    """The SDK's client, and what went over the wire beneath it."""

    def __init__(self, floor: Floor, tally: Tally, tenant: str | None = None):
        self.last: httpx.Response | None = None

        async def seen(response: httpx.Response):
            self.last = response
            # The SDK's own base address ends in a slash, so that its requests have an empty segment.
            path = "/" + response.request.url.path.removeprefix("/v1.0//")
            assert response.request.url.path.startswith("/v1.0//"), response.request.url
            tally.note(response.request.method, path, response.status_code)
            assert response.headers["request-id"] and response.headers["client-request-id"]
            assert response.headers["cache-control"] == "private"

        http = GraphClientFactory.create_with_default_middleware(
            client=httpx.AsyncClient(event_hooks={"response": [seen]}, timeout=20)
        )
        adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Tokens(floor, tenant)), client=http)
        adapter.base_url = floor.graph.rstrip("/") + "/"
        self.calls = GraphServiceClient(request_adapter=adapter).communications.calls

    def call(self, call: str):
        return self.calls.by_call_id(call)

    def answered(self, status: int, location: str | None = None):
        """Checks the status and the Location of the last answer."""
        assert self.last.status_code == status, f"{self.last.request.url}: {self.last.status_code}"
        told = self.last.headers.get("location")
        if location is None:
            assert told is None, told
        else:
            assert told and told.endswith(f"/v1.0/communications/calls/{location}"), f"{told} is not …/{location}"


async def refused(asked, status: int, code: str):
    """Checks that the SDK raises Graph's error, and gives its main part."""
    try:
        got = await asked
    except ODataError as error:
        assert error.response_status_code == status, f"{error.response_status_code} is not {status}: {error.error}"
        assert error.error.code == code, f"{error.error.code} is not {code}"
        assert error.error.message and error.error.inner_error.request_id, error.error
        assert error.error.inner_error.client_request_id and error.error.inner_error.date, error.error
        return error.error
    raise AssertionError(f"it was not refused with {status} {code}: {got}")


def user(id: str, name: str) -> InvitationParticipantInfo:
    who = Identity(id=id, display_name=name)
    return InvitationParticipantInfo(identity=IdentitySet(user=who))


def telephone(number: str) -> InvitationParticipantInfo:
    return InvitationParticipantInfo(identity=IdentitySet(additional_data={"phone": Identity(id=number)}))


def prompt() -> MediaPrompt:
    return MediaPrompt(media_info=MediaInfo(uri=PROMPT, resource_id="1D6DE2D4-CD51-4309-8DAA-70768651088E"))


def call(floor: Floor, webhook: str, **more) -> Call:
    """The members that every new call has, and more."""
    every = {
        "odata_type": "#microsoft.graph.call",
        "callback_uri": webhook,
        "requested_modalities": [Modality.Audio],
        "media_config": ServiceHostedMediaConfig(),
        "tenant_id": floor.tenant,
    }
    return Call(**{**every, **more})


def meeting(floor: Floor, webhook: str, thread: str, **more) -> Call:
    organizer = Identity(id=BOB, display_name="Bob Okafor", additional_data={"tenantId": floor.tenant})
    return call(
        floor,
        webhook,
        chat_info=ChatInfo(thread_id=f"19:meeting_{thread}@thread.v2", message_id="0"),
        meeting_info=OrganizerMeetingInfo(
            organizer=IdentitySet(user=organizer), additional_data={"allowConversationWithoutHost": True}
        ),
        **more,
    )


def meeting_by_id(floor: Floor, webhook: str) -> Call:
    return call(
        floor,
        webhook,
        meeting_info=JoinMeetingIdMeetingInfo(join_meeting_id="1234567", passcode="psw123"),
        media_config=AppHostedMediaConfig(blob="<Media Session Configuration>"),
    )
