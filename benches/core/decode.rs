//! Decoding a roster notification leniently, compared with a strict reader that borrows.

use std::borrow::Cow;
use std::hint::black_box;

use callboard::graph;
use serde::Deserialize;
use serde_json::json;

use crate::rounds::compare;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Strict<'a> {
    #[serde(borrow)]
    change_type: Cow<'a, str>,
    #[serde(borrow)]
    resource_url: Cow<'a, str>,
    #[serde(borrow)]
    resource_data: Vec<StrictParticipant<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrictParticipant<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    info: StrictInfo<'a>,
    #[serde(borrow)]
    media_streams: Vec<StrictStream<'a>>,
    is_muted: bool,
    is_in_lobby: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrictInfo<'a> {
    #[serde(borrow)]
    identity: StrictIdentitySet<'a>,
    #[serde(borrow)]
    region: Cow<'a, str>,
    #[serde(borrow)]
    language_id: Cow<'a, str>,
}

#[derive(Deserialize)]
struct StrictIdentitySet<'a> {
    #[serde(borrow)]
    user: StrictIdentity<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrictIdentity<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StrictStream<'a> {
    #[serde(borrow)]
    media_type: Cow<'a, str>,
    #[serde(borrow)]
    label: Cow<'a, str>,
    #[serde(borrow)]
    source_id: Cow<'a, str>,
    #[serde(borrow)]
    direction: Cow<'a, str>,
    server_muted: bool,
}

/// Returns a roster notification with this many people.
pub(crate) fn roster(call: u128, people: usize, muted: bool) -> String {
    let people: Vec<_> = (0..people)
        .map(|at| {
            let id = uuid::Uuid::from_u128(call.wrapping_mul(1_000) + at as u128).to_string();
            json!({
                "@odata.type": "#microsoft.graph.participant", "id": id,
                "info": {"@odata.type": "#microsoft.graph.participantInfo",
                         "identity": {"@odata.type": "#microsoft.graph.identitySet",
                                      "user": {"@odata.type": "#microsoft.graph.identity", "id": id, "displayName": "Somebody"}},
                         "region": "westus", "languageId": "en-US"},
                "mediaStreams": [{"@odata.type": "#microsoft.graph.mediaStream", "mediaType": "audio", "label": "main-audio",
                                  "sourceId": "1", "direction": "sendReceive", "serverMuted": muted}],
                "isMuted": muted, "isInLobby": false,
            })
        })
        .collect();
    let call = uuid::Uuid::from_u128(call);
    json!({
        "@odata.type": "#microsoft.graph.commsNotification", "changeType": "updated",
        "resourceUrl": format!("/communications/calls/{call}/participants"), "resourceData": people,
    })
    .to_string()
}

/// Uses every member of the strict reader, so that none is optimised away.
fn weigh(strict: &Strict<'_>) -> usize {
    let person = |it: &StrictParticipant<'_>| {
        let identity = &it.info.identity.user;
        let streams: usize = it
            .media_streams
            .iter()
            .map(|s| {
                s.media_type.len() + s.label.len() + s.source_id.len() + s.direction.len() + usize::from(s.server_muted)
            })
            .sum();
        it.id.len()
            + it.info.region.len()
            + it.info.language_id.len()
            + identity.id.len()
            + identity.display_name.len()
            + streams
            + usize::from(it.is_muted)
            + usize::from(it.is_in_lobby)
    };
    strict.change_type.len() + strict.resource_url.len() + strict.resource_data.iter().map(person).sum::<usize>()
}

const ROSTERS: [usize; 3] = [1, 10, 100];

fn read_strictly(text: &str) -> usize {
    let strict: Strict<'_> = serde_json::from_str(black_box(text)).expect("the fixture is strict");
    weigh(&strict)
}

fn read(text: &str) -> graph::Notification {
    graph::read(black_box(text)).expect("the fixture is sound")
}

#[divan::bench(args = ROSTERS)]
fn baseline_strict(bencher: divan::Bencher<'_, '_>, people: usize) {
    let text = roster(7, people, true);
    bencher.bench_local(|| read_strictly(&text));
}

#[divan::bench(args = ROSTERS)]
fn lenient(bencher: divan::Bencher<'_, '_>, people: usize) {
    let text = roster(7, people, true);
    bencher.bench_local(|| read(&text));
}

pub(crate) fn ratios() {
    for people in ROSTERS {
        let text = roster(7, people, true);
        let row = format!("decode a roster of {people} (vs strict, borrowed)");
        compare(
            &row,
            1.1,
            || {
                black_box(read_strictly(&text));
            },
            || drop(black_box(read(&text))),
        );
    }
}
