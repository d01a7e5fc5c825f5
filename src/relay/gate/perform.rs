//! Performs an operator's act: journals it, sends it, repeats it if the retry policy allows, and journals the outcome.
//! Invariant: nothing is sent before its record is durable.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::relay_time::{BeginBy, RelayTime};
use super::reply::{refusal, relayed, unanswered};
use super::retry_policy;
use super::retry_policy::{Attempts, BUDGET, NextStep};
use crate::floor::{Act, Answered, Asked, Fact, Floor, Noted, OperationOutcome, Outcome, Ticket};
use crate::graph::{ExactRequest, GraphAction, Participant};
use crate::protocol::RelayStamp;
use crate::relay::graph::circuit_breaker::Priority;
use crate::relay::graph::client::GraphClient;
use crate::relay::graph::read_cache::ReadCache;
use crate::relay::graph::reads;
use crate::relay::graph::request::{EXPIRED, GraphReply, GraphRequest, NoResponse};
use crate::relay::live::projection::LiveFloor;
use crate::relay::operators::OperatorToken;
use crate::relay::record::journal_writer::{JournalWriter, LARGEST_REASON, truncated};
use crate::time::clock;
use crate::time::{Backoff, Millis};

/// Runs operators' acts.
pub(in crate::relay) struct ActRunner {
    pub(in crate::relay) live: Arc<LiveFloor>,
    pub(in crate::relay) graph: Arc<GraphClient>,
    pub(in crate::relay) read_cache: Arc<ReadCache>,
    pub(in crate::relay) writer: Arc<JournalWriter>,
    /// The relay's own time determines whether an act has expired. The journal has floor time.
    pub(in crate::relay) time: RelayTime,
    pub(in crate::relay) stop: CancellationToken,
    /// A stopping relay waits for these tasks.
    pub(in crate::relay) tasks: TaskTracker,
    /// The tickets of unfinished acts. Bounded, because each such act holds a connection.
    pub(in crate::relay) in_flight: Mutex<BTreeSet<Ticket>>,
}

/// An act that an operator asks for.
#[derive(Debug)]
pub(in crate::relay) struct ActRequest {
    pub(in crate::relay) operator: OperatorToken,
    pub(in crate::relay) act: Act,
    pub(in crate::relay) action: GraphAction,
    pub(in crate::relay) request: ExactRequest,
    pub(in crate::relay) ticket: Ticket,
    pub(in crate::relay) pressed: KeyPressed,
    /// The latest time at which its first request to Graph may begin. `None` for an act that does not expire.
    pub(in crate::relay) begin_by: Option<BeginBy>,
}

/// When the key of an act was pressed.
#[derive(Debug)]
pub(in crate::relay) enum KeyPressed {
    /// At this time, by the relay's own time.
    At(RelayStamp),
    /// This long before the request arrived, in floor time, as the caller measured it.
    Ago(Millis),
}

type TryResult = Result<GraphReply, NoResponse>;

/// The time that the relay waits for a notification with the act's ticket before it repeats a release.
const NOTICE_WAIT: Duration = Duration::from_secs(2);
/// The time that the operator waits until an answer is journalled.
const RECORD_WAIT: Duration = Duration::from_secs(1);
/// The number of attempts to journal an answer: about half a minute, with back-off.
const RECORD_TRIES: u8 = 8;
/// The minimum time for another attempt; with less it would time out.
const MIN_ATTEMPT: Duration = Duration::from_millis(250);

impl ActRunner {
    /// Runs an act and answers the operator.
    pub(super) async fn perform(self: Arc<Self>, act: ActRequest) -> Response {
        let is_journalled = self.live.with_floor(|floor| floor.operation_by_ticket(&act.ticket).is_some());
        let is_reserved = self.in_flight.lock().insert(act.ticket.clone());
        if is_journalled || !is_reserved {
            if is_reserved {
                self.forget(&act.ticket);
            }
            let why = "this ticket (clientContext) belongs to another act already; give a new ticket, or leave it out";
            return refusal(StatusCode::CONFLICT, "invalidRequest", why);
        }
        let is_late = act.begin_by.as_ref().is_some_and(BeginBy::is_over);
        let mut facts = vec![Fact::Asked(Box::new(self.asked(&act)))];
        if is_late {
            let outcome = outcome(&Err(NoResponse::Expired));
            facts.push(Fact::Answered(Box::new(Answered { ticket: act.ticket.clone(), outcome, took: Millis(0) })));
        }
        if let Err(error) = self.writer.write(facts).await {
            self.forget(&act.ticket);
            let why = format!("nothing was sent, because it could not be recorded: {error}");
            return refusal(StatusCode::SERVICE_UNAVAILABLE, "serviceNotAvailable", &why);
        }
        if is_late {
            self.forget(&act.ticket);
            return unanswered(&NoResponse::Expired);
        }
        self.read_cache.forget(act.action.call());
        let (answer, took) = attempt(&self, &act).await;
        let outcome = outcome(&answer);
        let answered = Fact::Answered(Box::new(Answered { ticket: act.ticket.clone(), outcome, took }));
        let recording = self.tasks.clone().spawn(Arc::clone(&self).record_answer(answered, act.ticket));
        // While the journal fails, recording takes longer than the operator should wait for Graph's answer.
        drop(tokio::time::timeout(RECORD_WAIT, recording).await);
        match answer {
            Ok(reply) => relayed(reply),
            Err(error) => unanswered(&error),
        }
    }

    fn asked(&self, act: &ActRequest) -> Asked {
        let request = &act.request;
        let mut text = format!("{} {}", request.method.as_str(), request.path);
        if let Some(body) = &request.body {
            text.push(' ');
            text.push_str(body);
        }
        Asked {
            ticket: act.ticket.clone(),
            by: act.operator.name.as_str().into(),
            act: act.act,
            call: act.action.call().clone(),
            participant: act.action.participant().cloned(),
            pressed_ago: self.pressed_ago(&act.pressed),
            request: text.into(),
        }
    }

    /// Returns the floor time since the key press. With a stamp it includes the time on a slow connection.
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "milliseconds of a session fit")]
    fn pressed_ago(&self, pressed: &KeyPressed) -> Millis {
        match pressed {
            KeyPressed::At(stamp) => Millis((self.time.start.ago(stamp) as f64 * self.time.clock.speed()) as i64),
            KeyPressed::Ago(span) => *span,
        }
    }

    fn forget(&self, ticket: &Ticket) {
        self.in_flight.lock().remove(ticket);
    }

    /// Journals a fact. After three failures, notes a gap instead.
    async fn record(&self, fact: Fact) {
        for _ in 0..3 {
            match self.writer.write(vec![fact.clone()]).await {
                Ok(_) => return,
                Err(error) => tracing::error!(%error, "could not journal an act; retrying"),
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.writer.note_gap("the journal could not take the record of an act");
    }

    /// Journals an act's outcome, then frees its ticket. Without this entry the act would look pending.
    async fn record_answer(self: Arc<Self>, fact: Fact, ticket: Ticket) {
        let mut backoff = Backoff::default();
        for _ in 0..RECORD_TRIES {
            match self.writer.write(vec![fact.clone()]).await {
                Ok(_) => return self.forget(&ticket),
                Err(error) => tracing::error!(%error, "could not journal an act's outcome; retrying"),
            }
            if self.stop.run_until_cancelled(tokio::time::sleep(backoff.next_wait(rand::random()))).await.is_none() {
                break;
            }
        }
        self.writer.note_gap("the journal could not take the outcome of an act");
        self.forget(&ticket);
    }
}

/// Repeats an act as the retry policy allows. Returns the last outcome, and the duration of the last attempt.
async fn attempt(runner: &ActRunner, act: &ActRequest) -> (TryResult, Millis) {
    // Sleep of the machine counts: an attempt after it would be as late for the person as any other.
    let began = runner.time.clock.run_time();
    let left = || BUDGET.saturating_sub(began.elapsed());
    let mut tried = Attempts::default();
    let (mut unknown, mut refused) = (None, None);
    loop {
        let permit = match runner.graph.acquire(Priority::Operator, left()).await {
            Ok(permit) => permit,
            // What Graph answered before says more than that it is not asked any more.
            Err(shut) => return refused.unwrap_or_else(|| (settled(act.act, Err(shut), unknown), Millis(0))),
        };
        tried.tries += 1;
        // What may have taken effect is repeated however late. The token is fetched before the note, so that the journal
        // has no note of an attempt that never began.
        let begin_by = act.begin_by.as_ref().filter(|_| !tried.may_have_acted);
        if begin_by.is_some() {
            drop(tokio::time::timeout(left(), runner.graph.ensure_token()).await);
        }
        let begins = !begin_by.is_some_and(BeginBy::is_over);
        // `Asked` is durable already; the note of this attempt may become durable while the attempt runs.
        let note = async {
            if begins {
                let (ticket, attempt) = (act.ticket.clone(), tried.tries);
                runner.record(Fact::Noted(Noted::AttemptStarted { ticket, attempt })).await;
            }
        };
        let start = clock::instant();
        let request = &act.request;
        let (path, body) = (&request.path, request.body.as_deref());
        let ask = GraphRequest { method: request.method, path, body, begin_by };
        let send = async {
            let answer = runner.graph.send(permit, ask, left()).await;
            (answer, Millis(i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX)))
        };
        let ((), (answer, took)) = tokio::join!(note, send);
        // Graph has refused an earlier attempt, and says why; for another one it is too late.
        if let (Err(NoResponse::Expired), Some(earlier)) = (&answer, refused.take()) {
            return earlier;
        }
        tried.record(&answer, began.elapsed());
        if retry_policy::is_unknown(&answer) {
            unknown = Some(answer.clone());
        } else if answer.is_ok() {
            refused = Some((answer.clone(), took));
        }
        let step = retry_policy::next(act.act, tried, &answer);
        let again = prepares_attempt(runner, act, (step, &mut tried), left()).await;
        // What the step waited for also used up the time.
        if !again || left() < MIN_ATTEMPT {
            return (settled(act.act, answer, unknown), took);
        }
    }
}

/// Does what a step asks for before another attempt; returns whether that attempt follows.
async fn prepares_attempt(
    runner: &ActRunner,
    act: &ActRequest,
    (step, tried): (NextStep, &mut Attempts),
    left: Duration,
) -> bool {
    match step {
        NextStep::Stop => false,
        NextStep::Again(wait) => {
            tokio::time::sleep(wait).await;
            true
        }
        NextStep::NewToken => {
            tried.renewed = true;
            true
        }
        NextStep::AskRoster(wait) => {
            tokio::time::sleep(wait).await;
            read_roster_for_no_effect(runner, act, left.saturating_sub(wait)).await
        }
        NextStep::AwaitNotice => {
            tried.repeated_unknown = true;
            !await_notice(runner, act, left).await
        }
    }
}

/// Returns the final outcome. An attempt without a reply may have taken effect, which a later failure does not exclude.
/// Only a success, or a 404 for a removal, replaces the unknown outcome. A 404 for a hang-up may be the hang-up's own
/// effect, so the reconciler then reads whether the call has ended.
fn settled(act: Act, answer: TryResult, unknown: Option<TryResult>) -> TryResult {
    let done = |reply: &GraphReply| (200..300).contains(&reply.status) || (reply.status == 404 && act == Act::Remove);
    match unknown {
        Some(unknown) if !answer.as_ref().is_ok_and(done) => unknown,
        Some(_) | None => answer,
    }
}

fn outcome(answer: &TryResult) -> Outcome {
    match answer {
        Ok(reply) if retry_policy::is_unknown(answer) => {
            let error = format!("Graph answered {}: it may have happened", reply.status);
            Outcome::Lost { sent: true, error: error.into() }
        }
        Ok(reply) => Outcome::Replied {
            status: reply.status,
            location: reply.location.as_deref().map(Into::into),
            body: RawValue::from_string(reply.body.trim().to_owned()).ok(),
        },
        Err(NoResponse::Expired) => Outcome::Refused { reason: EXPIRED.into(), expired: true },
        Err(error) => Outcome::Lost {
            sent: matches!(error, NoResponse::Sent(_)),
            error: truncated(&error.to_string(), LARGEST_REASON).into(),
        },
    }
}

/// Reads the roster, and returns whether it shows that a mute or unmute had no effect. `false` if it cannot be read.
async fn read_roster_for_no_effect(runner: &ActRunner, act: &ActRequest, left: Duration) -> bool {
    let call = act.action.call();
    let mine = || runner.live.with_floor(|floor| floor.call(call)?.my_participant.clone());
    let Some(target) = act.action.participant().cloned().or_else(mine) else { return false };
    let since = runner.live.with_floor(Floor::head);
    let reading = tokio::time::timeout(left, reads::participants(&runner.graph, call, Priority::Operator)).await;
    let Ok(Ok(people)) = reading else { return false };
    // This reading is not cached, because the act makes the call's next reading news anyway.
    runner.record(reads::observed_participants(call, people.raw, since)).await;
    let found = people.people.iter().find(|it| it.identity_id() == Some(&target));
    found.is_some_and(|it| it.unreadable.is_empty() && is_muted(it) != (act.act != Act::UnmuteSelf))
}

fn is_muted(person: &Participant) -> bool {
    let server = person.main_audio().and_then(|it| it.server_muted);
    person.is_muted == Some(true) || server == Some(true)
}

/// Waits for a notification that settles the act, and returns whether it arrived in time.
async fn await_notice(runner: &ActRunner, act: &ActRequest, left: Duration) -> bool {
    let mut head = runner.live.watch();
    let settled = async {
        loop {
            let settled = runner.live.with_floor(|floor| {
                let operation = floor.operation_by_ticket(&act.ticket)?;
                let is_undecided =
                    matches!(operation.outcome, OperationOutcome::Pending | OperationOutcome::Unknown(_));
                Some(!is_undecided || operation.proof.is_some() || operation.failure.is_some())
            });
            if settled == Some(true) || head.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(NOTICE_WAIT.min(left), settled).await.is_ok()
}
