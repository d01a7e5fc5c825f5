"""Each documented row once, as the schema judge asks for it, and the ids that made-up requests then try."""

import uuid

ADA = {"identity": {"user": {"id": "112f7296-5fa4-42ca-bae8-6a692b15d4b8", "displayName": "Ada Byrne"}}}
BOB = {"identity": {"user": {"id": "5810cede-f3cc-42eb-b2c1-e9bd5d53ec96", "displayName": "Bob Okafor"}}}
CAY = {"identity": {"user": {"id": "1f35f2e6-9cab-44ad-8d5a-b74c14720000", "displayName": "Cay Dunn"}}}
PROMPT = {
    "@odata.type": "#microsoft.graph.mediaPrompt",
    "mediaInfo": {"uri": "https://example.com/audio/welcome.wav", "resourceId": "1D6DE2D4-CD51-4309-8DAA-70768651088E"},
}
QUALITY = {
    "callChainId": "0622673d-9f69-49b3-9d4f-5ec64f42ecce",
    "participantId": "ea078406-b5d4-4d3c-b85e-90103dcec7f6",
    "mediaLegId": "bd9ee398-4b9d-42c7-8b8d-4e8efad9435f",
    "deviceName": "TestAgent",
    "deviceDescription": "TestDescription",
    "mediaQualityList": [{"@odata.type": "#microsoft.graph.teleconferenceDeviceAudioQuality", "channelIndex": 1}],
}
# Everything that a call may be made with, and members that are Graph's to say: those are not taken from a body.
WHOLE = {
    "@odata.type": "#microsoft.graph.call",
    "subject": "Everything",
    "callChainId": "cd3da1f7-0353-4c97-bdfa-b4afb0a3e0c6",
    "source": {
        "@odata.type": "#microsoft.graph.participantInfo",
        "identity": {"@odata.type": "#microsoft.graph.identitySet", "application": {"id": "bot", "displayName": "Bot"}},
        "countryCode": "GB",
        "endpointType": "default",
        "region": "westus",
        "languageId": "en-US",
    },
    "targets": [
        {
            "@odata.type": "#microsoft.graph.invitationParticipantInfo",
            "endpointType": "default",
            "hidden": False,
            "participantId": "f540f1b6-994b-4866-be95-8aad34c4f4dc",
            "removeFromDefaultAudioRoutingGroup": False,
            "replacesCallId": "72a5c95f-8d3e-4f5a-9a3f-8d2b0f3b7b1e",
            "identity": {"user": {"id": "550fae72-d251-43ec-868c-373732c2704f", "displayName": "Dee Eng", "tenantId": "x"}},
        }
    ],
    "mediaConfig": {
        "@odata.type": "#microsoft.graph.serviceHostedMediaConfig",
        "preFetchMedia": [PROMPT["mediaInfo"]],
    },
    "callOptions": {
        "@odata.type": "#microsoft.graph.outgoingCallOptions",
        "isDeltaRosterEnabled": False,
        "isContentSharingNotificationEnabled": True,
        "hideBotAfterEscalation": False,
    },
    "chatInfo": {"threadId": "19:x@thread.v2", "messageId": "0", "replyChainMessageId": "1"},
}
GRAPHS_OWN = {
    "state": "established",
    "direction": "incoming",
    "id": "00000000-0000-0000-0000-000000000001",
    "myParticipantId": "00000000-0000-0000-0000-000000000002",
    "mediaState": {"audio": "active"},
    "resultInfo": {"code": 200, "subcode": 0, "message": "made up"},
    "toneInfo": {"sequenceId": 1, "tone": "tone1"},
    "transcription": {"state": "active"},
    "incomingContext": {"sourceParticipantId": "made up"},
    "callRoutes": [{"routingType": "forwarded", "original": ADA["identity"], "final": ADA["identity"]}],
    "answeredBy": {"identity": ADA["identity"]},
    "activeModalities": ["audio"],
}
CALLS = "/communications/calls"
CALL = f"{CALLS}/{{call-id}}"
PERSON = f"{CALL}/participants/{{participant-id}}"


def rows(judge) -> dict[str, list[str]]:
    """Asks for every row; the ids of each path parameter."""
    stranger = str(uuid.UUID(int=7))
    one = created(judge, targets=[ADA], subject="A question")
    media(judge, one)
    group = created(judge, targets=[ADA, BOB], chatInfo={"threadId": "19:meeting_group@thread.v2", "messageId": "0"})
    people, operation = together(judge, group)
    routed = routing(judge, group, people)
    shown, session = sharing(judge)
    arriving(judge)
    judge.plan("POST", f"{CALLS}/logTeleconferenceDeviceQuality", 200, body={"quality": QUALITY}, headers={"User-Agent": "judge"})
    judge.plan("GET", CALL, 404, path_parameters={"call-id": stranger})
    leaves = created(judge, targets=[ADA])
    created(judge, **WHOLE, **GRAPHS_OWN)
    judge.plan("DELETE", CALL, 204, path_parameters={"call-id": leaves})
    return {
        "call-id": [group, shown, one, stranger, "0"],
        "participant-id": [*people, stranger],
        "commsOperation-id": [operation, stranger],
        "audioRoutingGroup-id": [routed, stranger],
        "contentSharingSession-id": [session, stranger],
    }


def created(judge, **more) -> str:
    """A call that is established."""
    body = {
        "callbackUri": judge.webhook.url,
        "requestedModalities": ["audio"],
        "mediaConfig": {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"},
        "tenantId": judge.floor.tenant,
        **more,
    }
    made = judge.plan("POST", CALLS, 201, body=body)
    taken = [name for name, value in GRAPHS_OWN.items() if name in more and within(value, made.get(name))]
    assert not taken, f"the caller's word was taken for {taken}"
    id = made["id"]
    judge.webhook.call(id, "established")
    judge.plan("GET", CALL, 200, path_parameters={"call-id": id})
    return id


def within(given, found) -> bool:
    """Whether everything that was given is found again, type names apart."""
    if isinstance(given, dict):
        return isinstance(found, dict) and all(within(it, found.get(name)) for name, it in given.items())
    if isinstance(given, list):
        return isinstance(found, list) and len(given) == len(found) and all(map(within, given, found))
    return given == found


def media(judge, id: str):
    """The rows of media that the service handles."""
    def act(action, **body):
        return judge.plan("POST", f"{CALL}/{action}", 200, path_parameters={"call-id": id}, body=body)

    judge.plan("POST", f"{CALL}/keepAlive", 200, path_parameters={"call-id": id})
    act("playPrompt", clientContext="play", prompts=[PROMPT])
    record = act("recordResponse", clientContext="record", prompts=[PROMPT], stopTones=["#"], maxRecordDurationInSeconds=120)
    read(judge, id, record["id"])
    act("subscribeToTone", clientContext="tones")
    act("cancelMediaProcessing", clientContext="cancel")
    judge.webhook.operation(id, record["id"], "recordOperation", "failed")
    read(judge, id, record["id"])
    sent = act("sendDtmfTones", clientContext="dial", tones=["tone1", "pound"], delayBetweenTonesMs=10)
    judge.webhook.operation(id, sent["id"], "sendDtmfTonesOperation")
    read(judge, id, sent["id"])


def read(judge, call: str, operation: str):
    parameters = {"call-id": call, "commsOperation-id": operation}
    judge.plan("GET", f"{CALL}/operations/{{commsOperation-id}}", 200, path_parameters=parameters)


def together(judge, id: str) -> tuple[list[str], str]:
    """The rows of people in a group call; who is there, and an operation."""
    call = {"call-id": id}
    judge.webhook.roster(id, "three people", lambda it: len(it) == 3)
    listed = judge.plan("GET", f"{CALL}/participants", 200, path_parameters=call)["value"]
    people = [it["id"] for it in listed]
    person = {**call, "participant-id": people[1]}
    judge.plan("GET", PERSON, 200, path_parameters=person)
    judge.plan("POST", f"{PERSON}/mute", 200, path_parameters=person, body={"clientContext": "mute"})
    judge.plan("POST", f"{CALL}/mute", 200, path_parameters=call, body={"clientContext": "me"})
    judge.plan("POST", f"{CALL}/unmute", 200, path_parameters=call, body={"clientContext": "me"})
    for action in ("startHoldMusic", "stopHoldMusic"):
        body = {"clientContext": action, **({"customPrompt": PROMPT} if action == "startHoldMusic" else {})}
        held = judge.plan("POST", f"{PERSON}/{action}", 202, path_parameters=person, body=body)
        judge.webhook.operation(id, held["id"], f"{action}Operation")
        read(judge, id, held["id"])
    body = {"clientContext": "more", "participants": [CAY]}
    invited = judge.plan("POST", f"{CALL}/participants/invite", 200, path_parameters=call, body=body)
    read(judge, id, invited["id"])
    judge.webhook.operation(id, invited["id"], "inviteParticipantsOperation")
    read(judge, id, invited["id"])
    listed = judge.plan("GET", f"{CALL}/participants", 200, path_parameters=call)["value"]
    last = {**call, "participant-id": listed[-1]["id"]}
    judge.plan("DELETE", PERSON, 204, path_parameters=last)
    gallery = judge.plan("POST", f"{CALL}/addLargeGalleryView", 202, path_parameters=call, body={"clientContext": "all"})
    judge.webhook.operation(id, gallery["id"], "addLargeGalleryViewOperation")
    read(judge, id, gallery["id"])
    judge.plan("GET", f"{CALL}/participants", 200, path_parameters=call)
    return people, gallery["id"]


def routing(judge, id: str, people: list[str]) -> str:
    """The verbs of audio routing groups; a group that is there."""
    groups, one = f"{CALL}/audioRoutingGroups", f"{CALL}/audioRoutingGroups/{{audioRoutingGroup-id}}"
    call, body = {"call-id": id}, {"routingMode": "oneToOne", "sources": people[1:2], "receivers": people[2:3]}
    made = [judge.plan("POST", groups, 200, path_parameters=call, body=body)["id"] for _ in range(2)]
    judge.plan("GET", groups, 200, path_parameters=call)
    first, last = ({**call, "audioRoutingGroup-id": it} for it in made)
    judge.plan("GET", one, 200, path_parameters=first)
    judge.plan("PATCH", one, 200, path_parameters=first, body={"routingMode": "multicast"})
    judge.plan("DELETE", one, 204, path_parameters=last)
    return made[0]


def sharing(judge) -> tuple[str, str]:
    """The rows of shared screens, in a meeting that the application's own media join; the call and its session."""
    id = created(
        judge,
        mediaConfig={"@odata.type": "#microsoft.graph.appHostedMediaConfig", "blob": "<Media Session Configuration>"},
        chatInfo={"threadId": "19:meeting_judge@thread.v2", "messageId": "0"},
        meetingInfo={
            "@odata.type": "#microsoft.graph.organizerMeetingInfo",
            "organizer": BOB["identity"],
            "allowConversationWithoutHost": True,
        },
        callOptions={"@odata.type": "#microsoft.graph.outgoingCallOptions", "isDeltaRosterEnabled": True},
    )
    call, sessions = {"call-id": id}, f"{CALL}/contentSharingSessions"
    judge.plan("POST", f"{CALL}/changeScreenSharingRole", 202, path_parameters=call, body={"role": "sharer"})
    [session] = judge.plan("GET", sessions, 200, path_parameters=call)["value"]
    one = {**call, "contentSharingSession-id": session["id"]}
    judge.plan("GET", f"{sessions}/{{contentSharingSession-id}}", 200, path_parameters=one)
    judge.plan("GET", f"{CALL}/participants", 200, path_parameters=call)
    return id, session["id"]


def arriving(judge):
    """The rows of incoming calls, and a transfer."""
    def ring(action, people=None, **body):
        id = judge.floor.rings("group", people=people) if people else judge.floor.rings()
        judge.plan("GET", CALL, 200, path_parameters={"call-id": id})
        judge.plan("POST", f"{CALL}/{action}", 202, path_parameters={"call-id": id}, body=body)
        judge.floor.goes()
        return id

    media = {"@odata.type": "#microsoft.graph.serviceHostedMediaConfig"}
    url = judge.webhook.url
    answered = ring("answer", callbackUri=url, mediaConfig=media, acceptedModalities=["audio"])
    recorded = [{"name": "Ada Byrne", "recorded": True}]
    recorder = ring("answer", recorded, callbackUri=url, mediaConfig=media, acceptedModalities=["audio"])
    judge.webhook.call(recorder, "established")
    status = {"clientContext": "status", "status": "recording"}
    judge.plan("POST", f"{CALL}/updateRecordingStatus", 200, path_parameters={"call-id": recorder}, body=status)
    ring("reject", reason="busy", callbackUri=url)
    ring("redirect", targets=[ADA], timeout=60, callbackUri=url)
    judge.webhook.call(answered, "established")
    judge.plan("GET", CALL, 200, path_parameters={"call-id": answered})
    body = {"transferTarget": BOB}
    judge.plan("POST", f"{CALL}/transfer", 202, path_parameters={"call-id": answered}, body=body)
