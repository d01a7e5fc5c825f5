"""What Graph refuses, as the SDK raises it: codes, statuses, and signatures that do not hold."""

import uuid

import jwt
from kiota_abstractions.base_request_configuration import RequestConfiguration
from kiota_http.middleware.options import RetryHandlerOption
from msgraph.generated.communications.calls.item.mute.mute_post_request_body import MutePostRequestBody as MuteSelf
from msgraph.generated.communications.calls.item.participants.invite.invite_post_request_body import (
    InvitePostRequestBody as Invite,
)
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody as Mute,
)
from msgraph.generated.communications.calls.item.play_prompt.play_prompt_post_request_body import (
    PlayPromptPostRequestBody as Play,
)
from msgraph.generated.communications.calls.item.update_recording_status.update_recording_status_post_request_body import (
    UpdateRecordingStatusPostRequestBody as Recording,
)
from msgraph.generated.models.identity import Identity
from msgraph.generated.models.identity_set import IdentitySet
from msgraph.generated.models.participant_info import ParticipantInfo
from msgraph.generated.models.recording_status import RecordingStatus

import client
from client import ADA, Graph, refused, user
from floor import roles

NOT_OURS = str(uuid.uuid4())


async def of_one_to_one(drive, id: str):
    """A call without a roster has nobody to mute; bodies have limits."""
    one = drive.graph.call(id)
    await refused(one.participants.get(), 400, "invalidRequest")
    await refused(one.mute.post(MuteSelf()), 400, "invalidRequest")
    await refused(one.play_prompt.post(Play(prompts=[])), 400, "invalidRequest")
    await refused(one.play_prompt.post(Play(prompts=[client.prompt()] * 21)), 400, "invalidRequest")
    await refused(one.play_prompt.post(Play(prompts=[client.prompt()], client_context="x" * 257)), 400, "invalidRequest")
    await refused(one.update_recording_status.post(Recording()), 400, "invalidRequest")
    await refused(one.update_recording_status.post(Recording(status=RecordingStatus.Recording)), 403, "8506")
    await refused(one.operations.by_comms_operation_id(NOT_OURS).get(), 404, "itemNotFound")


async def of_ended(drive, id: str):
    """A call that has ended is not found, whatever is asked of it."""
    one = drive.graph.call(id)
    for asked in (one.get(), one.keep_alive.post(), one.delete(), one.mute.post(MuteSelf()), one.participants.get()):
        error = await refused(asked, 404, "8522")
        assert error.message == "Call not found.", error


async def of_group(drive, id: str, people: tuple[str, str]):
    """Permissions, tenants, people who are not there, and too many at once."""
    floor, group = drive.floor, drive.graph.call(id)
    await refused(group.participants.by_participant_id(NOT_OURS).get(), 404, "itemNotFound")
    await refused(group.participants.by_participant_id(NOT_OURS).mute.post(Mute()), 404, "itemNotFound")
    many = [user(str(uuid.uuid4()), f"Guest {at}") for at in range(6)]
    await refused(group.participants.invite.post(Invite(participants=many)), 400, "invalidRequest")
    await refused(group.participants.invite.post(Invite(participants=[user(ADA, "Ada")])), 400, "invalidRequest")
    alien = Graph(floor, drive.tally, tenant=str(uuid.uuid4()))
    error = await refused(alien.call(id).get(), 403, "7505")
    assert error.message == "Request authorization tenant mismatch.", error

    before = floor.control("/faults")["roles"]
    floor.settings(roles=["Calls.Initiate.All"])
    assert roles(floor.token()) == ["Calls.Initiate.All"]
    poor = Graph(floor, drive.tally)
    floor.settings(roles=before)
    error = await refused(poor.call(id).participants.by_participant_id(people[0]).mute.post(Mute()), 403, "7504")
    assert error.message == "Insufficient enterprise tenant permissions, cannot access this API.", error
    both = [user(ADA, "Ada"), user(client.BOB, "Bob")]
    await refused(poor.calls.post(client.call(floor, drive.webhook.url, targets=both)), 403, "7504")
    assert (await poor.call(id).get()).id == id, "the permission for reading is checked when a call is created"
    await throttled(drive, id)


async def throttled(drive, id: str):
    """429 with a fractional Retry-After, and a client that comes again."""
    before = drive.floor.control("/faults")["requestsPer15s"]
    drive.floor.settings(requestsPer15s=1)
    drive.floor.stands()
    once = RequestConfiguration(options=[RetryHandlerOption(max_retries=0, should_retry=False)])
    try:
        for _ in range(2):
            await drive.graph.call(id).get(once)
        raise AssertionError("two requests were taken where one is")
    except client.ODataError as error:
        assert (error.response_status_code, error.error.code) == (429, "TooManyRequests"), error
        again = error.response_headers["retry-after"]
        assert "." in again and float(again) > 0, again
        drive.floor.goes()
        # With the SDK's own defaults the request is repeated until it is taken.
        assert (await drive.graph.call(id).get()).id == id
        assert int(drive.graph.last.request.headers["retry-attempt"]) >= 1
    finally:
        drive.floor.goes()
        drive.floor.settings(requestsPer15s=before)


async def at_creation(drive):
    """What a new call needs, and whom it is for; a call that nobody made is not found."""
    floor, calls, url = drive.floor, drive.graph.calls, drive.webhook.url
    ada = [user(ADA, "Ada Byrne")]
    for wrong in (
        client.call(floor, "http://bot.example.com/notifications", targets=ada),
        client.call(floor, url, targets=[]),
        client.call(floor, url, targets=[user(str(uuid.uuid4()), "One") for _ in range(6)]),
        client.call(floor, url, targets=ada, requested_modalities=None),
        client.call(floor, url, targets=ada, media_config=None),
        client.call(floor, url, targets=[client.telephone("+12345678901")]),
    ):
        await refused(calls.post(wrong), 400, "invalidRequest")
    other = client.call(floor, url, targets=ada, tenant_id=str(uuid.uuid4()))
    await refused(calls.post(other), 403, "7505")
    await refused(drive.graph.call(NOT_OURS).get(), 404, "8522")
    await refused(calls.get(), 404, "itemNotFound")

    instance = IdentitySet(additional_data={"applicationInstance": Identity(id=str(uuid.uuid4()))})
    source = ParticipantInfo(identity=instance)
    id = await drive.created(client.call(floor, url, targets=[client.telephone("+12345678901")], source=source))
    await drive.graph.call(id).delete()


async def of_signatures(drive):
    """The judge's own eyes: an application's token is no webhook's, whatever it says of its key."""
    token = drive.floor.token()
    head, claims, signature = token.split(".")
    for wrong in (token, f"{head}.{claims}.{signature[:-8]}AAAAAAAA", f"{head}.{claims}."):
        try:
            drive.webhook.verify(wrong)
        except jwt.exceptions.PyJWTError:
            continue
        raise AssertionError("a token was taken for a webhook's that is none")
