"""The SDK with calls that come in, calls that are handed on, and the device quality log."""

import uuid
from datetime import timedelta

from msgraph.generated.communications.calls.item.answer.answer_post_request_body import AnswerPostRequestBody as Answer
from msgraph.generated.communications.calls.item.redirect.redirect_post_request_body import (
    RedirectPostRequestBody as Redirect,
)
from msgraph.generated.communications.calls.item.reject.reject_post_request_body import RejectPostRequestBody as Reject
from msgraph.generated.communications.calls.item.transfer.transfer_post_request_body import (
    TransferPostRequestBody as Transfer,
)
from msgraph.generated.communications.calls.log_teleconference_device_quality.log_teleconference_device_quality_post_request_body import (
    LogTeleconferenceDeviceQualityPostRequestBody as Log,
)
from msgraph.generated.communications.calls.item.update_recording_status.update_recording_status_post_request_body import (
    UpdateRecordingStatusPostRequestBody as Recording,
)
from msgraph.generated.models.call_direction import CallDirection
from msgraph.generated.models.call_state import CallState
from msgraph.generated.models.incoming_call_options import IncomingCallOptions
from msgraph.generated.models.modality import Modality
from msgraph.generated.models.operation_status import OperationStatus
from msgraph.generated.models.participant_info import ParticipantInfo
from msgraph.generated.models.recording_status import RecordingStatus
from msgraph.generated.models.reject_reason import RejectReason
from msgraph.generated.models.service_hosted_media_config import ServiceHostedMediaConfig
from msgraph.generated.models.teleconference_device_audio_quality import TeleconferenceDeviceAudioQuality
from msgraph.generated.models.teleconference_device_quality import TeleconferenceDeviceQuality
from msgraph.generated.models.update_recording_status_operation import UpdateRecordingStatusOperation

import client
from client import ADA, BOB, refused


def answer(webhook: str, **more) -> Answer:
    return Answer(
        callback_uri=webhook, media_config=ServiceHostedMediaConfig(), accepted_modalities=[Modality.Audio], **more
    )


async def incoming(drive):
    """Calls that are answered, rejected, redirected, and left to ring."""
    graph, webhook = drive.graph, drive.webhook
    id = drive.floor.rings("group")
    told = await drive.heard(webhook.call, id, "incoming", "created")
    assert told["resourceData"]["direction"] == "incoming" and told["resourceData"]["source"], told
    read = await graph.call(id).get()
    assert read.state == CallState.Incoming and read.direction == CallDirection.Incoming, read
    await refused(graph.call(id).answer.post(Answer(callback_uri=webhook.url)), 400, "invalidRequest")
    wanted = answer(webhook.url, call_options=IncomingCallOptions(), participant_capacity=10)
    await graph.call(id).answer.post(wanted)
    graph.answered(202)
    drive.floor.goes()
    await drive.heard(webhook.call, id, "established")
    await drive.heard(webhook.roster, id, "both callers", lambda it: len(it) == 3)
    await refused(graph.call(id).answer.post(answer(webhook.url)), 409, "conflict")
    await graph.call(id).delete()
    await drive.ended(id, 200, 7000)

    await recorder(drive)
    id = drive.floor.rings()
    await graph.call(id).reject.post(Reject(reason=RejectReason.Busy, callback_uri=webhook.url))
    graph.answered(202)
    await gone(drive, id)
    id = drive.floor.rings()
    await refused(graph.call(id).redirect.post(Redirect(targets=[client.user(ADA, "Ada")], timeout=5)), 400, "invalidRequest")
    targets = [client.user(ADA, "Ada Byrne"), client.user(BOB, "Bob Okafor")]
    await graph.call(id).redirect.post(Redirect(targets=targets, timeout=60, callback_uri=webhook.url))
    graph.answered(202)
    await gone(drive, id)
    id = drive.floor.rings()
    drive.floor.control("/clock", {"step": 16_000})
    await gone(drive, id)
    await refused(graph.call(id).answer.post(answer(webhook.url)), 404, "8522")
    drive.floor.goes()


async def recorder(drive):
    """A call to a policy recorder, the only one that may say whether it records."""
    graph, webhook = drive.graph, drive.webhook
    id = drive.floor.rings("group", people=[{"name": "Ada Byrne", "recorded": True}])
    told = await drive.heard(webhook.call, id, "incoming", "created")
    assert told["resourceData"]["applicationMetadata"]["botData"]["inviteReasons"], told
    await graph.call(id).answer.post(answer(webhook.url, participant_capacity=1))
    drive.floor.goes()
    await drive.heard(webhook.call, id, "established")
    await drive.operation(
        graph.call(id).update_recording_status.post(Recording(client_context="rec", status=RecordingStatus.Recording)),
        id, UpdateRecordingStatusOperation, OperationStatus.Completed, 200, "rec",
    )
    await graph.call(id).delete()
    await drive.ended(id, 200, 7000)


async def gone(drive, id: str):
    """Waits for the end that a rejected or redirected call has."""
    await drive.heard(
        drive.webhook.until, f"the end of {id}",
        lambda it: it["changeType"] == "deleted" and it["resourceUrl"].strip("/") == f"communications/calls/{id}",
    )
    await refused(drive.graph.call(id).get(), 404, "8522")


async def transfers(drive):
    """A transfer that succeeds, one that consults a call which is not there, and one in a group."""
    graph, webhook = drive.graph, drive.webhook

    async def placed():
        return await drive.created(client.call(drive.floor, webhook.url, targets=[client.user(ADA, "Ada Byrne")]))

    id = await placed()
    await graph.call(id).transfer.post(Transfer(transfer_target=client.user(BOB, "Bob Okafor")))
    graph.answered(202)
    await drive.heard(webhook.call, id, "transferring")
    await drive.heard(webhook.call, id, "transferAccepted")
    await drive.ended(id, 200, 7015)

    id = await placed()
    target = client.user(BOB, "Bob Okafor")
    target.replaces_call_id = str(uuid.uuid4())
    await graph.call(id).transfer.post(Transfer(transfer_target=target))
    failed = await drive.heard(
        webhook.until, "a transfer that failed",
        lambda it: id in it["resourceUrl"] and "resultInfo" in it["resourceData"],
    )
    assert failed["resourceData"]["state"] == "established", failed
    assert failed["resourceData"]["resultInfo"]["code"] == 500, failed
    assert failed["resourceData"]["resultInfo"]["subCode"] == 7700, failed
    await refused(graph.call(id).transfer.post(Transfer()), 400, "invalidRequest")
    await graph.call(id).delete()

    both = [client.user(ADA, "Ada Byrne"), client.user(BOB, "Bob Okafor")]
    id = await drive.created(client.call(drive.floor, webhook.url, targets=both))
    roster = await drive.heard(webhook.roster, id, "all three", lambda it: len(it) == 3)
    await refused(graph.call(id).transfer.post(Transfer(transfer_target=both[1])), 400, "invalidRequest")
    ada = next(it["id"] for it in roster if ADA in str(it))
    await graph.call(id).transfer.post(
        Transfer(transfer_target=both[1], transferee=ParticipantInfo(identity=both[0].identity, participant_id=ada))
    )
    graph.answered(202)
    await drive.heard(webhook.call, id, "transferring")


async def device_quality(drive):
    """The one row that is about no call."""
    media = TeleconferenceDeviceAudioQuality(
        channel_index=1,
        media_duration=timedelta(minutes=20),
        network_link_speed_in_bytes=13_000,
        local_i_p_address="127.0.0.1",
        local_port=6300,
        remote_i_p_address="102.3.4.5",
        remote_port=5060,
        average_outbound_packet_loss_rate_in_percentage=0.5,
    )
    quality = TeleconferenceDeviceQuality(
        call_chain_id=uuid.UUID("0622673d-9f69-49b3-9d4f-5ec64f42ecce"),
        participant_id=uuid.UUID("ea078406-b5d4-4d3c-b85e-90103dcec7f6"),
        media_leg_id=uuid.UUID("bd9ee398-4b9d-42c7-8b8d-4e8efad9435f"),
        device_name="TestAgent",
        device_description="TestDescription",
        media_quality_list=[media],
    )
    await drive.graph.calls.log_teleconference_device_quality.post(Log(quality=quality))
    drive.graph.answered(200)
    await refused(drive.graph.calls.log_teleconference_device_quality.post(Log()), 400, "invalidRequest")
