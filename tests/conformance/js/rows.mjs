// What the JavaScript client is asked to do: every documented row, and what Graph refuses.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import graphClient from "@microsoft/microsoft-graph-client";
import { control, Front, ready, token } from "./floor.mjs";
import { Webhook } from "./webhook.mjs";

const { Client, GraphError, HTTPMessageHandler } = graphClient;
const CALLS = "/communications/calls";
const person = (id, displayName) => ({ identity: { user: { id, displayName } } });
const ADA = person("112f7296-5fa4-42ca-bae8-6a692b15d4b8", "Ada Byrne");
const BOB = person("5810cede-f3cc-42eb-b2c1-e9bd5d53ec96", "Bob Okafor");
const CAY = person("1f35f2e6-9cab-44ad-8d5a-b74c14720000", "Cay Dunn");
const SERVICE = { "@odata.type": "#microsoft.graph.serviceHostedMediaConfig" };
const PROMPT = { "@odata.type": "#microsoft.graph.mediaPrompt", mediaInfo: { uri: "https://example.com/welcome.wav" } };

const webhook = new Webhook();
const sim = await ready(await webhook.listen());
await webhook.trust(sim);
const front = new Front(sim, JSON.parse(process.env.CALLBOARD_TLS));
const baseUrl = await front.listen();

/** The client as its own documentation sets it up for a host that is not Graph's. */
function client(bearer) {
  const authProvider = { getAccessToken: async () => bearer };
  return Client.initWithMiddleware({ authProvider, baseUrl, customHosts: new Set(["localhost"]) });
}

const graph = client(await token(sim));
const post = (path, body = {}, by = graph) => by.api(CALLS + path).post(body);
/** Stops the clock, so that a deadline cannot pass however slow this machine is; and lets it go on. */
const stands = () => control(sim, "/clock", { speed: 0 });
const goes = () => control(sim, "/clock", { speed: 10 });
const get = (path, by = graph) => by.api(CALLS + path).get();

async function refused(asked, status, code) {
  const error = await asked.then((got) => assert.fail(`not refused: ${JSON.stringify(got)}`), (it) => it);
  assert.ok(error instanceof GraphError, String(error));
  assert.deepEqual([error.statusCode, error.code], [status, code], error.message);
  assert.ok(error.requestId && error.message);
}

async function created(more) {
  const every = { callbackUri: webhook.url, requestedModalities: ["audio"], mediaConfig: SERVICE, tenantId: sim.tenant };
  const { id, state } = await post("", { ...every, ...more });
  assert.equal(state, "establishing");
  assert.ok(front.last.location.endsWith(`/v1.0${CALLS}/${id}`));
  await webhook.call(id, "established");
  return id;
}

/** Asks for an operation and checks its answer. */
async function operation(id, path, kind, status, body = {}) {
  const mark = randomUUID();
  const got = await post(`/${id}/${path}`, { clientContext: mark, ...body });
  assert.equal(got["@odata.type"], `#microsoft.graph.${kind}`);
  assert.equal(got.status.toLowerCase(), status);
  assert.equal(got.clientContext, mark);
  assert.ok(front.last.location.endsWith(`${CALLS}/${id}/operations/${got.id}`));
  if (status === "completed") return got;
  return { ...got, wait: (last) => webhook.operation(id, got, last) };
}

async function oneToOne() {
  const id = await created({ targets: [ADA], subject: "A question" });
  const read = await get(`/${id}`);
  assert.deepEqual([read.state, read.subject, read.mediaState.audio], ["established", "A question", "active"]);
  await post(`/${id}/keepAlive`, "");
  assert.deepEqual([front.last.status, front.last.body], [200, "0"]);
  await (await operation(id, "playPrompt", "playPromptOperation", "running", { prompts: [PROMPT] })).wait();
  await operation(id, "subscribeToTone", "subscribeToToneOperation", "completed");
  const record = { prompts: [PROMPT], stopTones: ["#"], maxRecordDurationInSeconds: 120 };
  const recording = await operation(id, "recordResponse", "recordOperation", "running", record);
  await operation(id, "cancelMediaProcessing", "cancelMediaProcessingOperation", "completed");
  const { resultInfo } = await recording.wait("failed");
  assert.deepEqual([resultInfo.code, resultInfo.subcode], [400, 8508]);
  assert.equal((await get(`/${id}/operations/${recording.id}`)).status, "failed");
  const [peer] = (await control(sim, "/calls")).value.find((it) => it.id === id).participants;
  await control(sim, `/calls/${id}/participants/${peer.id}/press/star`, {});
  const tone = await webhook.about("a pressed key", id, (it) => it.resourceData.toneInfo);
  assert.equal(tone.resourceData.toneInfo.tone, "star");
  const tones = { tones: ["tone1", "pound"], delayBetweenTonesMs: 50 };
  await (await operation(id, "sendDtmfTones", "sendDtmfTonesOperation", "running", tones)).wait();
  await refused(post(`/${id}/updateRecordingStatus`, { status: "recording" }), 403, "8506");
  await refused(get(`/${id}/participants`), 400, "invalidRequest");
  await refused(post(`/${id}/playPrompt`, { prompts: [] }), 400, "invalidRequest");
  await graph.api(`${CALLS}/${id}`).delete();
  await webhook.call(id, "terminated", "deleted");
  await refused(get(`/${id}`), 404, "8522");
  await refused(post(`/${id}/keepAlive`, ""), 404, "8522");
}

async function group() {
  // Without a chat nobody can be invited.
  const chatInfo = { threadId: "19:meeting_group@thread.v2", messageId: "0" };
  const id = await created({ targets: [ADA, BOB], chatInfo });
  await webhook.roster(id, "three people", (it) => it.length === 3);
  const { value } = await get(`/${id}/participants`);
  const of = (who) => value.find((it) => it.info.identity.user?.id === who.identity.user.id).id;
  const [ada, bob] = [of(ADA), of(BOB)];
  await operation(id, `participants/${ada}/mute`, "muteParticipantOperation", "completed");
  await webhook.roster(id, "Ada is muted", (it) => it.some((one) => one.id === ada && one.isMuted));
  assert.equal((await get(`/${id}/participants/${ada}`)).isMuted, true);
  await operation(id, "mute", "muteParticipantOperation", "completed");
  await operation(id, "unmute", "unmuteParticipantOperation", "completed");
  for (const [who, action, ends] of [[ada, "start", "completed"], [bob, "start", "failed"], [ada, "stop", "completed"]]) {
    const path = `participants/${who}/${action}HoldMusic`;
    await (await operation(id, path, `${action}HoldMusicOperation`, "running")).wait(ends);
  }
  const invited = await operation(id, "participants/invite", "inviteParticipantsOperation", "running", { participants: [CAY] });
  await invited.wait();
  const four = await webhook.roster(id, "four people", (it) => it.length === 4);
  const cay = four.find((it) => it.info.identity.user?.id === CAY.identity.user.id).id;
  await graph.api(`${CALLS}/${id}/participants/${cay}`).delete();
  await (await operation(id, "addLargeGalleryView", "addLargeGalleryViewOperation", "running")).wait();
  await webhook.roster(id, "the gallery", (it) => JSON.stringify(it).includes("LargeGallery"));

  const groups = `/${id}/audioRoutingGroups`;
  const made = await post(groups, { routingMode: "oneToOne", sources: [ada], receivers: [bob] });
  assert.equal((await get(groups)).value.length, 1);
  assert.deepEqual((await get(`${groups}/${made.id}`)).sources, [ada]);
  assert.deepEqual((await graph.api(`${CALLS}${groups}/${made.id}`).patch({ sources: [bob], receivers: [ada] })).sources, [bob]);
  await graph.api(`${CALLS}${groups}/${made.id}`).delete();

  await refused(post(`/${id}/participants/${randomUUID()}/mute`), 404, "itemNotFound");
  await refused(get(`/${id}`, client(await token(sim, randomUUID()))), 403, "7505");
  const { roles } = await control(sim, "/faults");
  await control(sim, "/faults", { roles: ["Calls.Initiate.All"] });
  const poor = client(await token(sim));
  await control(sim, "/faults", { roles });
  await refused(post(`/${id}/participants/${ada}/mute`, {}, poor), 403, "7504");
  await refused(get(`/${id}`, client("no token")), 401, "InvalidAuthenticationToken");
  await throttled(id);
  await graph.api(`${CALLS}/${id}`).delete();
}

/** 429 with a fractional Retry-After: the client's own middleware waits as long as it says and comes again. */
async function throttled(id) {
  const { requestsPer15s } = await control(sim, "/faults");
  await control(sim, "/faults", { requestsPer15s: 1 });
  await stands();
  const plain = async (path) => fetch(sim.graph + path, { headers: { Authorization: `Bearer ${await token(sim)}` } });
  await plain(`${CALLS}/${id}`);
  const answer = await plain(`${CALLS}/${id}`);
  assert.equal(answer.status, 429);
  assert.match(answer.headers.get("retry-after"), /^\d+\.\d+$/);
  await goes();
  assert.equal((await get(`/${id}`)).id, id);
  await control(sim, "/faults", { requestsPer15s });
}

async function meeting() {
  const id = await created({
    mediaConfig: { "@odata.type": "#microsoft.graph.appHostedMediaConfig", blob: "<Media Session Configuration>" },
    meetingInfo: { "@odata.type": "#microsoft.graph.joinMeetingIdMeetingInfo", joinMeetingId: "1234567", passcode: "psw" },
  });
  await post(`/${id}/changeScreenSharingRole`, { role: "sharer" });
  await webhook.roster(id, "a shared screen", (it) => JSON.stringify(it).includes("videoBasedScreenSharing"));
  const sessions = `/${id}/contentSharingSessions`;
  const [session] = (await get(sessions)).value;
  assert.equal((await get(`${sessions}/${session.id}`)).id, session.id);
  await created({
    chatInfo: { threadId: "19:meeting_judge@thread.v2", messageId: "0" },
    meetingInfo: { "@odata.type": "#microsoft.graph.organizerMeetingInfo", organizer: BOB.identity },
  });
}

async function arrivals() {
  const rings = async (more = {}) => {
    await stands();
    const people = [{ name: "Ada Byrne" }];
    const plan = { subject: "Help", kind: "oneToOne", answeredBy: "client", people, ...more };
    const { id } = await control(sim, "/calls", plan);
    await webhook.call(id, "incoming", "created");
    return id;
  };
  // A call to a policy recorder, the only one that may say whether it records.
  let id = await rings({ kind: "group", people: [{ name: "Ada Byrne", recorded: true }] });
  await post(`/${id}/answer`, { callbackUri: webhook.url, mediaConfig: SERVICE, acceptedModalities: ["audio"] });
  await goes();
  await webhook.call(id, "established");
  await operation(id, "updateRecordingStatus", "updateRecordingStatusOperation", "completed", { status: "recording" });
  id = await rings();
  await post(`/${id}/answer`, { callbackUri: webhook.url, mediaConfig: SERVICE, acceptedModalities: ["audio"] });
  await goes();
  await webhook.call(id, "established");
  await post(`/${id}/transfer`, { transferTarget: BOB });
  await webhook.call(id, "transferAccepted");
  const { resourceData } = await webhook.call(id, "terminated", "deleted");
  assert.deepEqual([resourceData.resultInfo.code, resourceData.resultInfo.subcode], [200, 7015]);
  for (const [action, body] of [["reject", { reason: "busy" }], ["redirect", { targets: [BOB], timeout: 60 }]]) {
    id = await rings();
    await post(`/${id}/${action}`, body);
    await webhook.about(`the end of ${id}`, id, (it) => it.changeType === "deleted");
  }
  await goes();
  const quality = {
    callChainId: randomUUID(), participantId: randomUUID(), mediaLegId: randomUUID(), deviceName: "TestAgent",
    deviceDescription: "TestDescription",
    mediaQualityList: [{ "@odata.type": "#microsoft.graph.teleconferenceDeviceAudioQuality", channelIndex: 1 }],
  };
  const log = graph.api(`${CALLS}/logTeleconferenceDeviceQuality`);
  await log.header("User-Agent", "judge").post({ quality });
  await refused(post("", { targets: [ADA] }), 400, "invalidRequest");
}

/** Without TLS: a chain of the client's own, whose first part brings the token. */
async function plain() {
  const bearer = await token(sim);
  const authenticate = {
    execute(context) {
      context.options.headers = { ...context.options.headers, Authorization: `Bearer ${bearer}` };
      return this.next.execute(context);
    },
    setNext(next) {
      this.next = next;
    },
  };
  const middleware = [authenticate, new HTTPMessageHandler()];
  const direct = Client.initWithMiddleware({ baseUrl: new URL("/", sim.graph).href, middleware });
  await refused(get(`/${randomUUID()}`, direct), 404, "8522");
}

setTimeout(() => {
  console.error("it takes too long");
  process.exit(1);
}, 300_000).unref();
for (const part of [oneToOne, group, meeting, arrivals, plain]) await part();
front.complete();
assert.deepEqual(webhook.refused, []);
const counts = (await control(sim, "")).notifications;
assert.deepEqual([counts.failed, counts.dropped], [0, 0]);
assert.ok(counts.delivered >= webhook.taken.length && webhook.taken.length > 30);
console.log(`judged: ${front.seen.size} documented rows, ${webhook.taken.length} notifications verified`);
process.exit(0);
