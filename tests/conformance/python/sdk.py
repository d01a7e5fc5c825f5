"""Judge: Microsoft's Python SDK drives every documented row, and a webhook of its own verifies every signature."""

import asyncio
import faulthandler
import io
import wave

import httpx
from msgraph.generated.communications.calls.item.add_large_gallery_view.add_large_gallery_view_post_request_body import (
    AddLargeGalleryViewPostRequestBody as Gallery,
)
from msgraph.generated.communications.calls.item.cancel_media_processing.cancel_media_processing_post_request_body import (
    CancelMediaProcessingPostRequestBody as Cancel,
)
from msgraph.generated.communications.calls.item.change_screen_sharing_role.change_screen_sharing_role_post_request_body import (
    ChangeScreenSharingRolePostRequestBody as Role,
)
from msgraph.generated.communications.calls.item.mute.mute_post_request_body import MutePostRequestBody as MuteSelf
from msgraph.generated.communications.calls.item.participants.invite.invite_post_request_body import (
    InvitePostRequestBody as Invite,
)
from msgraph.generated.communications.calls.item.participants.item.mute.mute_post_request_body import (
    MutePostRequestBody as Mute,
)
from msgraph.generated.communications.calls.item.participants.item.start_hold_music.start_hold_music_post_request_body import (
    StartHoldMusicPostRequestBody as Hold,
)
from msgraph.generated.communications.calls.item.participants.item.stop_hold_music.stop_hold_music_post_request_body import (
    StopHoldMusicPostRequestBody as Release,
)
from msgraph.generated.communications.calls.item.play_prompt.play_prompt_post_request_body import (
    PlayPromptPostRequestBody as Play,
)
from msgraph.generated.communications.calls.item.record_response.record_response_post_request_body import (
    RecordResponsePostRequestBody as Record,
)
from msgraph.generated.communications.calls.item.send_dtmf_tones.send_dtmf_tones_post_request_body import (
    SendDtmfTonesPostRequestBody as Tones,
)
from msgraph.generated.communications.calls.item.subscribe_to_tone.subscribe_to_tone_post_request_body import (
    SubscribeToTonePostRequestBody as Subscribe,
)
from msgraph.generated.communications.calls.item.unmute.unmute_post_request_body import (
    UnmutePostRequestBody as UnmuteSelf,
)
from msgraph.generated.models import audio_routing_group, modality, operation_status
from msgraph.generated.models.add_large_gallery_view_operation import AddLargeGalleryViewOperation
from msgraph.generated.models.call import Call
from msgraph.generated.models.call_direction import CallDirection
from msgraph.generated.models.call_state import CallState
from msgraph.generated.models.cancel_media_processing_operation import CancelMediaProcessingOperation
from msgraph.generated.models.content_sharing_session import ContentSharingSession
from msgraph.generated.models.chat_info import ChatInfo
from msgraph.generated.models.invite_participants_operation import InviteParticipantsOperation
from msgraph.generated.models.media_direction import MediaDirection
from msgraph.generated.models.media_state import MediaState
from msgraph.generated.models.mute_participant_operation import MuteParticipantOperation
from msgraph.generated.models.organizer_meeting_info import OrganizerMeetingInfo
from msgraph.generated.models.outgoing_call_options import OutgoingCallOptions
from msgraph.generated.models.participant import Participant
from msgraph.generated.models.play_prompt_operation import PlayPromptOperation
from msgraph.generated.models.record_operation import RecordOperation
from msgraph.generated.models.routing_mode import RoutingMode
from msgraph.generated.models.screen_sharing_role import ScreenSharingRole
from msgraph.generated.models.send_dtmf_tones_operation import SendDtmfTonesOperation
from msgraph.generated.models.service_hosted_media_config import ServiceHostedMediaConfig
from msgraph.generated.models.start_hold_music_operation import StartHoldMusicOperation
from msgraph.generated.models.stop_hold_music_operation import StopHoldMusicOperation
from msgraph.generated.models.subscribe_to_tone_operation import SubscribeToToneOperation
from msgraph.generated.models.tone import Tone
from msgraph.generated.models.unmute_participant_operation import UnmuteParticipantOperation

import arrivals
import refusals
from client import ADA, BOB, CAY, Graph, call, meeting, meeting_by_id, prompt, user
from floor import Floor, Tally
from webhook import Webhook

Running, Completed = operation_status.OperationStatus.Running, operation_status.OperationStatus.Completed
Group = audio_routing_group.AudioRoutingGroup


class Drive:
    """What every part of the judgement shares."""

    def __init__(self):
        self.webhook = Webhook()
        self.floor = Floor(self.webhook.url)
        self.webhook.trust(self.floor.ready["openid"], self.floor.client, self.floor.tenant)
        self.tally = Tally()
        self.graph = Graph(self.floor, self.tally)

    async def created(self, wanted: Call) -> str:
        """Creates a call and waits until its notifications say that it is established; its id."""
        made = await self.graph.calls.post(wanted)
        assert isinstance(made, Call) and made.odata_type == "#microsoft.graph.call", made
        self.graph.answered(201, made.id)
        assert made.state == CallState.Establishing and made.direction == CallDirection.Outgoing, made
        assert made.my_participant_id and made.call_chain_id and made.tenant_id == self.floor.tenant, made
        assert made.callback_uri == self.webhook.url, made
        await self.heard(self.webhook.call, made.id, "establishing")
        await self.heard(self.webhook.call, made.id, "established")
        return made.id

    async def heard(self, wait, *what, **how):
        """Waits for a notification without keeping the SDK's own loop waiting."""
        return await asyncio.to_thread(wait, *what, **how)

    async def counted(self, taken: int):
        """Waits until the simulator has counted as many as were taken; how it counts them."""
        for _ in range(400):
            if (counts := self.floor.delivered())["delivered"] >= taken:
                break
            await asyncio.sleep(0.05)
        return counts

    async def operation(self, asked, call: str, kind, first, status: int, mark: str | None):
        """Checks an operation's answer: type, status, Location and the caller's mark."""
        got = await asked
        assert type(got) is kind, f"{type(got)} is not {kind}"
        assert got.status == first, f"{kind.__name__}: {got.status}"
        assert got.client_context == mark and got.id, got
        self.graph.answered(status, f"{call}/operations/{got.id}")
        return got

    async def ended(self, call: str, code: int, subcode: int):
        """Waits for the end of a call and checks its result."""
        result = (await self.heard(self.webhook.call, call, "terminated", "deleted"))["resourceData"]["resultInfo"]
        assert (result["code"], result["subcode"]) == (code, subcode), result


async def one_to_one(drive: Drive):
    """A call to one person: prompts, recordings and tones, and its end."""
    graph, webhook = drive.graph, drive.webhook
    id = await drive.created(call(drive.floor, webhook.url, targets=[user(ADA, "Ada Byrne")], subject="A question"))
    one = graph.call(id)
    read = await one.get()
    assert read.state == CallState.Established and read.media_state.audio == MediaState.Active, read
    assert read.subject == "A question" and read.targets[0].identity.user.display_name == "Ada Byrne", read
    assert type(read.media_config) is ServiceHostedMediaConfig, read.media_config
    assert read.requested_modalities == [modality.Modality.Audio] and read.result_info is None, read
    await one.keep_alive.post()
    graph.answered(200)
    assert graph.last.headers["content-length"] == "0"

    played = await drive.operation(
        one.play_prompt.post(Play(client_context="play", prompts=[prompt()])), id, PlayPromptOperation, Running, 200, "play"
    )
    told = await drive.heard(webhook.operation, id, played.id, "playPromptOperation")
    assert told["clientContext"] == "play" and told["resultInfo"]["code"] == 200, told
    finished = await one.operations.by_comms_operation_id(played.id).get()
    assert type(finished) is PlayPromptOperation and finished.status == Completed, finished
    assert finished.result_info.code == 200 and finished.result_info.subcode == 0, finished

    await drive.operation(
        one.subscribe_to_tone.post(Subscribe(client_context="tones")), id, SubscribeToToneOperation, Completed, 200, "tones"
    )
    await recorded(drive, id)
    await drive.operation(
        one.play_prompt.post(Play(client_context="long", prompts=[prompt()] * 20)), id, PlayPromptOperation, Running, 200, "long"
    )
    long = webhook_id(graph)
    await drive.operation(
        one.cancel_media_processing.post(Cancel(client_context="stop")), id, CancelMediaProcessingOperation, Completed, 200, "stop"
    )
    told = await drive.heard(webhook.operation, id, long, "playPromptOperation", "failed")
    assert (told["resultInfo"]["code"], told["resultInfo"]["subcode"]) == (400, 8508), told
    sent = await drive.operation(
        one.send_dtmf_tones.post(Tones(client_context="dial", tones=[Tone.Tone1, Tone.Pound], delay_between_tones_ms=100)),
        id, SendDtmfTonesOperation, Running, 200, "dial",
    )
    told = await drive.heard(webhook.operation, id, sent.id, "sendDtmfTonesOperation")
    assert told["completionReason"] == "completedSuccessfully", told
    await refusals.of_one_to_one(drive, id)
    await one.delete()
    graph.answered(204)
    await drive.ended(id, 200, 7000)
    await refusals.of_ended(drive, id)


def webhook_id(graph: Graph) -> str:
    """The operation that the last Location names."""
    return graph.last.headers["location"].rsplit("/", 1)[1]


async def recorded(drive: Drive, id: str):
    """A recording that a pressed key ends, told as a tone too, and its file."""
    one, webhook = drive.graph.call(id), drive.webhook
    record = Record(client_context="say", prompts=[prompt()], stop_tones=["#"], play_beep=True, max_record_duration_in_seconds=60)
    asked = await drive.operation(one.record_response.post(record), id, RecordOperation, Running, 200, "say")
    peer = next(it for it in drive.floor.control("/calls")["value"] if it["id"] == id)["participants"][0]["id"]
    drive.floor.control(f"/calls/{id}/participants/{peer}/press/pound", {})
    tone = await drive.heard(
        webhook.until, "a pressed key", lambda it: "toneInfo" in it["resourceData"] and id in it["resourceUrl"]
    )
    assert tone["resourceData"]["toneInfo"]["tone"] == "pound", tone
    assert tone["resourceData"]["toneInfo"]["sequenceId"] == 1, tone
    told = await drive.heard(webhook.operation, id, asked.id, "recordOperation")
    assert told["completionReason"] == "stopToneDetected", told
    read = await one.operations.by_comms_operation_id(asked.id).get()
    assert type(read) is RecordOperation and read.recording_location == told["recordingLocation"], read
    bearer = {"Authorization": f"Bearer {read.recording_access_token}"}
    async with httpx.AsyncClient() as http:
        assert (await http.get(read.recording_location)).status_code == 401, "a file is for whoever has its token"
        file = await http.get(read.recording_location, headers=bearer)
    with wave.open(io.BytesIO(file.content)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)


async def group(drive: Drive):
    """A group call: its roster, mutes, holds, invitations, removal, gallery and routing."""
    graph, webhook = drive.graph, drive.webhook
    targets = [user(ADA, "Ada Byrne"), user(BOB, "Bob Okafor")]
    chat = ChatInfo(thread_id="19:meeting_group@thread.v2", message_id="0")  # without it nobody can be invited
    id = await drive.created(call(drive.floor, webhook.url, targets=targets, chat_info=chat))
    await drive.heard(webhook.roster, id, "three people", lambda it: len(it) == 3)
    people = graph.call(id).participants
    listed = (await people.get()).value
    assert len(listed) == 3 and all(type(it) is Participant for it in listed), listed
    me = (await graph.call(id).get()).my_participant_id
    names = {it.info.identity.user.display_name: it.id for it in listed if it.info.identity.user}
    ada, bob = names["Ada Byrne"], names["Bob Okafor"]
    assert me in {it.id for it in listed} - {ada, bob}, "the application is in the roster"
    read = await people.by_participant_id(ada).get()
    assert read.id == ada and read.is_muted is False and read.is_in_lobby is False, read
    assert read.media_streams[0].direction == MediaDirection.SendReceive and read.media_streams[0].source_id, read
    assert read.info.participant_id == ada and read.info.identity.user.id == ADA, read.info

    asked = people.by_participant_id(ada).mute.post(Mute(client_context="mute"))
    await drive.operation(asked, id, MuteParticipantOperation, Completed, 200, "mute")
    await drive.heard(webhook.roster, id, "Ada is muted", lambda it: any(one["id"] == ada and one["isMuted"] for one in it))
    read = await people.by_participant_id(ada).get()
    assert read.is_muted is True and read.media_streams[0].server_muted is True, read
    for verb, body, kind, muted in [
        (graph.call(id).mute, MuteSelf(client_context="me"), MuteParticipantOperation, True),
        (graph.call(id).unmute, UnmuteSelf(client_context="me"), UnmuteParticipantOperation, False),
    ]:
        await drive.operation(verb.post(body), id, kind, Completed, 200, "me")
        assert (await people.by_participant_id(me).get()).is_muted is muted
    await held(drive, id, (ada, bob))

    asked = people.invite.post(Invite(client_context="more", participants=[user(CAY, "Cay Dunn")]))
    invited = await drive.operation(asked, id, InviteParticipantsOperation, Running, 200, "more")
    assert invited.participants[0].identity.user.id == CAY, invited
    roster = await drive.heard(webhook.roster, id, "Cay has come", lambda it: CAY in str(it))
    told = await drive.heard(webhook.operation, id, invited.id, "inviteParticipantsOperation")
    assert told["participants"][0]["identity"]["user"]["id"] == CAY, told
    cay = next(it["id"] for it in roster if CAY in str(it))
    four = len(webhook.taken)
    await people.by_participant_id(cay).delete()
    graph.answered(204)
    await drive.heard(webhook.roster, id, "three again", lambda it: len(it) == 3 and cay not in str(it), four)

    asked = graph.call(id).add_large_gallery_view.post(Gallery(client_context="all"))
    gallery = await drive.operation(asked, id, AddLargeGalleryViewOperation, Running, 202, "all")
    await drive.heard(webhook.operation, id, gallery.id, "addLargeGalleryViewOperation")
    await drive.heard(webhook.roster, id, "the gallery", lambda it: "LargeGallery" in str(it))
    read = await graph.call(id).operations.by_comms_operation_id(gallery.id).get()
    assert type(read) is AddLargeGalleryViewOperation and read.status == Completed, read
    await routed(drive, id, (ada, bob))
    await refusals.of_group(drive, id, (ada, bob))
    await graph.call(id).delete()
    await drive.ended(id, 200, 7000)


async def held(drive: Drive, id: str, people: tuple[str, str]):
    """Puts one participant on hold, fails to hold a second, and brings the first one back."""
    webhook, one = drive.webhook, drive.graph.call(id).participants
    ada, bob = (one.by_participant_id(it) for it in people)
    asked = ada.start_hold_music.post(Hold(client_context="hold", custom_prompt=prompt()))
    first = await drive.operation(asked, id, StartHoldMusicOperation, Running, 202, "hold")
    told = await drive.heard(webhook.operation, id, first.id, "startHoldMusicOperation")
    assert told["clientContext"] == "hold", told
    asked = bob.start_hold_music.post(Hold(client_context="second"))
    second = await drive.operation(asked, id, StartHoldMusicOperation, Running, 202, "second")
    await drive.heard(webhook.operation, id, second.id, "startHoldMusicOperation", "failed")
    asked = ada.stop_hold_music.post(Release(client_context="back"))
    back = await drive.operation(asked, id, StopHoldMusicOperation, Running, 202, "back")
    await drive.heard(webhook.operation, id, back.id, "stopHoldMusicOperation")


async def routed(drive: Drive, id: str, people: tuple[str, str]):
    """Every verb of audio routing groups."""
    graph, groups = drive.graph, drive.graph.call(id).audio_routing_groups
    ada, bob = people
    made = await groups.post(Group(routing_mode=RoutingMode.OneToOne, sources=[ada], receivers=[bob]))
    graph.answered(200)
    assert type(made) is Group and made.id and made.routing_mode == RoutingMode.OneToOne, made
    assert [it.id for it in (await groups.get()).value] == [made.id]
    one = groups.by_audio_routing_group_id(made.id)
    assert (await one.get()).sources == [ada]
    changed = await one.patch(Group(sources=[bob], receivers=[ada]))
    assert changed.sources == [bob] and changed.receivers == [ada] and changed.id == made.id, changed
    await one.delete()
    graph.answered(204)
    assert (await groups.get()).value == []


async def meetings(drive: Drive):
    """A meeting joined by its thread, with delta rosters; one by its id, where a screen is shared."""
    graph, webhook = drive.graph, drive.webhook
    options = OutgoingCallOptions(additional_data={"isDeltaRosterEnabled": True})
    id = await drive.created(meeting(drive.floor, webhook.url, "delta", call_options=options))
    read = await graph.call(id).get()
    assert type(read.meeting_info) is OrganizerMeetingInfo, read.meeting_info
    assert read.meeting_info.organizer.user.id == BOB and read.chat_info.thread_id.startswith("19:meeting_"), read
    delta = await drive.heard(
        webhook.until, "a delta roster",
        lambda it: id in it["resourceUrl"] and "deltaParticipants" in str(it["resourceData"]),
    )
    assert delta["resourceData"]["sequenceNumber"] >= 1, delta
    drive.floor.control("/clock", {"step": 44 * 60_000})
    await graph.call(id).keep_alive.post()
    drive.floor.control("/clock", {"step": 44 * 60_000})
    assert (await graph.call(id).get()).state == CallState.Established, "it was kept alive"
    drive.floor.control("/clock", {"step": 2 * 60_000})
    await drive.ended(id, 408, 8537)
    await refusals.of_ended(drive, id)

    options = OutgoingCallOptions(is_content_sharing_notification_enabled=True)
    wanted = meeting_by_id(drive.floor, webhook.url)
    wanted.call_options = options
    id = await drive.created(wanted)
    share = graph.call(id).change_screen_sharing_role
    await share.post(Role(role=ScreenSharingRole.Sharer))
    graph.answered(202)
    await drive.heard(webhook.roster, id, "a shared screen", lambda it: "videoBasedScreenSharing" in str(it))
    sessions = graph.call(id).content_sharing_sessions
    [session] = (await sessions.get()).value
    assert type(session) is ContentSharingSession, session
    assert (await sessions.by_content_sharing_session_id(session.id).get()).id == session.id
    await share.post(Role(role=ScreenSharingRole.Viewer))
    assert (await sessions.get()).value == []
    for change in ("created", "deleted"):
        await drive.heard(
            webhook.until, f"content sharing, {change}",
            lambda it: it["changeType"] == change and it["resourceUrl"].lower().endswith("contentsharingsessions"),
        )
    await graph.call(id).delete()


async def judge():
    drive = Drive()
    for part in (one_to_one, group, meetings, arrivals.incoming, arrivals.transfers, arrivals.device_quality, refusals.at_creation):
        await part(drive)
        assert not drive.webhook.refused, drive.webhook.refused
    await refusals.of_signatures(drive)
    drive.tally.complete()
    # A notification is taken before its answer is back with who counts it.
    taken = len(drive.webhook.taken)
    counts = await drive.counted(taken)
    assert counts["failed"] == 0 and counts["dropped"] == 0, counts
    assert counts["delivered"] >= taken > 40, (counts, taken)
    drive.webhook.close()
    print(f"judged: {len(drive.tally.seen)} documented rows, {len(drive.webhook.taken)} notifications verified")


faulthandler.dump_traceback_later(300, exit=True)
asyncio.run(judge())
