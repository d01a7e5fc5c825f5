//! A bot that uses only Graph's public API survives every fault of the simulator: it creates a call, waits for it, reads
//! the roster, holds, releases, mutes and hangs up. An observer checks over the control API that all of it happened.

mod client;
mod inbox;
mod rows;

use callboard::sim::settings::{SETTINGS, SettingGroup, SettingKind};
use callboard::sim::{self, Scenario, SimSettings, Simulator};
use callboard::time::Timestamp;
use callboard::time::clock::Clock;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};

use client::{Access, Bot, Stop};
use inbox::{Inbox, plain};
use rows::{Row, rows, storms};

/// How fast the simulator's and the bot's time runs.
const SPEED: f64 = 50.0;
/// How many stories are told at a time.
const AT_A_TIME: usize = 6;

/// A simulator with a fault, and its stage hand.
struct Stage {
    sim: Simulator,
    clock: Clock,
    http: reqwest::Client,
}

impl Stage {
    async fn with(settings: &Value) -> Self {
        let clock = Clock::starting_at(Timestamp(1_700_000_000_000), SPEED);
        let sim = sim::start(sim::SimStart {
            scenario: Scenario::parse("name = \"bare\"\ndescription = \"nobody but who is called\"").unwrap(),
            seed: 11,
            settings: serde_json::from_value::<SimSettings>(settings.clone()).unwrap(),
            clock: clock.clone(),
            listen: "127.0.0.1:0".parse().unwrap(),
            callback: None,
            public_url: None,
        });
        Self { sim: sim.await.unwrap(), clock, http: reqwest::Client::new() }
    }

    async fn bot(&self) -> Bot {
        let ready = self.sim.ready();
        let access = Access {
            graph: format!("{}/communications/calls", ready.graph),
            token: ready.token.to_string(),
            id: ready.client_id.to_string(),
            secret: ready.client_secret.expose_secret().to_owned(),
        };
        let inbox = Inbox::open(ready.openid.to_string(), ready.client_id.to_string()).await;
        Bot::new(access, self.clock.clone(), inbox)
    }

    /// What the stage hand sees of somebody; `null` when the call is not there.
    async fn sees(&self, call: &str, who: &str) -> Value {
        let asked = self.http.get(format!("{}/calls", self.sim.ready().control));
        let asked = asked.bearer_auth(self.sim.ready().control_token.expose_secret());
        let calls: Value = asked.send().await.unwrap().json().await.unwrap();
        let same = |it: &Value, id: &str| plain(it["id"].as_str().unwrap()) == plain(id.trim_start_matches('/'));
        let calls = calls["value"].as_array().unwrap().clone();
        let there = calls.iter().find(|it| same(it, call) && it["state"] != "terminating");
        let people = there.map(|it| it["participants"].as_array().unwrap().clone()).unwrap_or_default();
        people.into_iter().find(|it| same(it, who)).unwrap_or_default()
    }

    async fn lift(&self) {
        let asked = self.http.post(format!("{}/faults", self.sim.ready().control));
        let asked = asked.bearer_auth(self.sim.ready().control_token.expose_secret());
        let set = asked
            .json(&json!({ "answers429": 0.05, "answers503": 0.05, "answers500After": 0.05 }))
            .send()
            .await
            .unwrap();
        assert_eq!(set.status(), 200);
    }
}

/// The whole story, from the first request to the last, with the stage hand looking at each turn.
async fn story(stage: &Stage, bot: &Bot) -> Result<(), Stop> {
    let call = bot.call().await?;
    let who = bot.somebody(&call).await?;
    bot.keep(&call).await?;
    bot.hold(&call, &who).await?;
    witnessed(&stage.sees(&call, &who).await["held"], &json!(true), "held")?;
    bot.release(&call, &who).await?;
    witnessed(&stage.sees(&call, &who).await["held"], &json!(false), "released")?;
    bot.mute(&call, &who).await?;
    witnessed(&stage.sees(&call, &who).await["serverMuted"], &json!(true), "muted")?;
    bot.hang_up(&call).await?;
    witnessed(&stage.sees(&call, &who).await, &Value::Null, "gone")
}

/// Compares the bot's state of the call with the simulator's.
fn witnessed(seen: &Value, wanted: &Value, what: &str) -> Result<(), Stop> {
    if seen == wanted { Ok(()) } else { Err(Stop::Lost(format!("the bot takes somebody for {what}: {seen}"))) }
}

/// What went wrong with a row, if anything did.
async fn lives_through(row: Row) -> Option<String> {
    let stage = Stage::with(&row.settings).await;
    let bot = stage.bot().await;
    let lift = async {
        if let Some(after) = row.lifted {
            stage.clock.sleep(after).await;
            stage.lift().await;
        }
    };
    let told =
        tokio::time::timeout(std::time::Duration::from_mins(5), async { tokio::join!(story(&stage, &bot), lift) });
    let wrong = match told.await {
        Ok((Ok(()), ())) => None,
        Ok((Err(stop), ())) => Some(format!("{}: {stop:?}", row.settings)),
        Err(_) => Some(format!("{}: no end", row.settings)),
    };
    stage.sim.stop().await;
    wrong
}

#[test]
fn the_bot_is_tested_with_every_wire_and_fault_setting() {
    let (rows, storms, usual) = (rows(), storms(), json!(SimSettings::default()));
    let mut missing = Vec::new();
    for setting in SETTINGS {
        let set = |row: &&Row| row.settings.get(setting.name).is_some_and(|it| *it != usual[setting.name]);
        if !rows.iter().any(|it| set(&it)) {
            missing.push(format!("{} has no row", setting.name));
        }
        if let SettingKind::Choice(words) = setting.kind {
            let tried = |word: &&str| rows.iter().any(|it| it.settings[setting.name] == **word);
            let words = words.iter().filter(|it| usual[setting.name] != ***it && !tried(it));
            missing.extend(words.map(|it| format!("{} has no row for {it}", setting.name)));
        }
        let belongs = matches!(setting.group, SettingGroup::Wire | SettingGroup::Fault);
        if belongs && storms.iter().all(|it| it.settings.get(setting.name).is_none()) {
            missing.push(format!("{} is in no storm", setting.name));
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_survives_each_fault() {
    let mut rows = rows();
    let mut wrong = Vec::new();
    while !rows.is_empty() {
        let some = rows.drain(..rows.len().min(AT_A_TIME));
        wrong.extend(futures_util::future::join_all(some.map(lives_through)).await.into_iter().flatten());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_survives_all_faults_together() {
    for storm in storms() {
        assert_eq!(lives_through(storm).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bot_treats_a_missing_call_as_ended() {
    let stage = Stage::with(&json!({})).await;
    let bot = stage.bot().await;
    let call = bot.call().await.unwrap();
    let who = bot.somebody(&call).await.unwrap();
    bot.hang_up(&call).await.unwrap();
    assert_eq!(bot.mute(&call, &who).await, Err(Stop::Ended));
    stage.sim.stop().await;
}
