//! One act of an operator, from its record to its answer: journalled before it is sent, tried as far as that is
//! lawful, and journalled again whatever came back. Invariant: nothing is sent that the journal did not take first.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::value::RawValue;

use super::retry_policy;
use super::retry_policy::{Attempts, BUDGET, NextStep};
use super::{refusal, relayed, unanswered};
use crate::clock;
use crate::floor::{Act, Answered, Asked, Fact, Floor, Noted, OperationOutcome, Outcome, Ticket};
use crate::graph::{ExactRequest, GraphAction, Participant};
use crate::relay::Shared;
use crate::relay::graph::circuit_breaker::Priority;
use crate::relay::graph::client::{GraphReply, GraphRequest, NoResponse};
use crate::relay::graph::reads;
use crate::relay::operators::OperatorToken;
use crate::relay::record::journal_writer::{LARGEST_REASON, truncated};
use crate::time::Backoff;
use crate::time::Millis;

/// What an operator wishes.
#[derive(Debug)]
pub(in crate::relay) struct ActRequest {
    pub(in crate::relay) operator: OperatorToken,
    pub(in crate::relay) act: Act,
    pub(in crate::relay) action: GraphAction,
    pub(in crate::relay) request: ExactRequest,
    pub(in crate::relay) ticket: Ticket,
    pub(in crate::relay) pressed_ago: Millis,
}

type TryResult = Result<GraphReply, NoResponse>;

/// How long a notification with our ticket is waited for before a release is repeated.
const NOTICE: Duration = Duration::from_secs(2);
/// How long the operator waits for the record of an answer.
const RECORDING: Duration = Duration::from_secs(1);
/// How often the record of an answer is tried: about half a minute, with back-off.
const RECORD_TRIES: u8 = 8;
/// A try with less time left would only be cut off in the middle.
const LEAST: Duration = Duration::from_millis(250);

/// Performs a wish and answers the operator.
pub(in crate::relay) async fn perform(shared: Arc<Shared>, wish: ActRequest) -> Response {
    let known = shared.hub.with_floor(|floor| floor.by_ticket(&wish.ticket).is_some());
    let mine = shared.acting.lock().unwrap_or_else(PoisonError::into_inner).insert(wish.ticket.clone());
    if known || !mine {
        if mine {
            forget(&shared, &wish.ticket);
        }
        let why = "this ticket (clientContext) belongs to another act already; give a new one, or none";
        return refusal(StatusCode::CONFLICT, "invalidRequest", why);
    }
    if let Err(error) = shared.recorder.write(vec![Fact::Asked(Box::new(asked(&wish)))]).await {
        forget(&shared, &wish.ticket);
        let why = format!("nothing was sent, because it could not be recorded: {error}");
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "serviceNotAvailable", &why);
    }
    shared.readings.forget(wish.action.call());
    let (answer, took) = attempt(&shared, &wish).await;
    let outcome = outcome(&answer);
    let answered = Fact::Answered(Box::new(Answered { ticket: wish.ticket.clone(), outcome, took }));
    let recording = shared.tasks.clone().spawn(record_answer(Arc::clone(&shared), answered, wish.ticket));
    // A journal in trouble is tried for longer than the operator should wait for an answer that is here.
    drop(tokio::time::timeout(RECORDING, recording).await);
    match answer {
        Ok(reply) => relayed(reply),
        Err(error) => unanswered(&error),
    }
}

fn forget(shared: &Shared, ticket: &Ticket) {
    shared.acting.lock().unwrap_or_else(PoisonError::into_inner).remove(ticket);
}

fn asked(wish: &ActRequest) -> Asked {
    let request = &wish.request;
    let mut text = format!("{} {}", request.method.as_str(), request.path);
    if let Some(body) = &request.body {
        text.push(' ');
        text.push_str(body);
    }
    Asked {
        ticket: wish.ticket.clone(),
        by: wish.operator.name.as_str().into(),
        act: wish.act,
        call: wish.action.call().clone(),
        participant: wish.action.participant().cloned(),
        pressed_ago: wish.pressed_ago,
        request: text.into(),
    }
}

/// Tries as often as that is lawful; the last outcome, and how long the last try took.
async fn attempt(shared: &Shared, wish: &ActRequest) -> (TryResult, Millis) {
    let began = clock::instant();
    let left = || BUDGET.saturating_sub(began.elapsed());
    let mut tried = Attempts::default();
    let mut unknown = None;
    loop {
        let turn = match shared.outbound.acquire(Priority::Operator, left()).await {
            Ok(turn) => turn,
            Err(shut) => return (settled(wish.act, Err(shut), unknown), Millis(0)),
        };
        tried.tries += 1;
        // `Asked` is durable already; that this try began may become so while it runs.
        let note =
            record(shared, Fact::Noted(Noted::AttemptStarted { ticket: wish.ticket.clone(), attempt: tried.tries }));
        let start = clock::instant();
        let request = &wish.request;
        let ask = GraphRequest { method: request.method, path: &request.path, body: request.body.as_deref() };
        let send = async {
            let answer = shared.outbound.send(turn, ask, left()).await;
            (answer, Millis(i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX)))
        };
        let ((), (answer, took)) = tokio::join!(note, send);
        tried.elapsed = began.elapsed();
        if retry_policy::is_unknown(&answer) {
            unknown = Some(answer.clone());
        }
        let again = match retry_policy::next(wish.act, tried, &answer) {
            NextStep::Stop => false,
            NextStep::Again(wait) => {
                tokio::time::sleep(wait).await;
                true
            }
            NextStep::NewToken => {
                tried.renewed = true;
                true
            }
            NextStep::AskRoster => not_so_yet(shared, wish, left()).await,
            NextStep::AwaitNotice => {
                tried.repeated_unknown = true;
                !noticed(shared, wish, left()).await
            }
        };
        // Asking, waiting and reading take time too.
        if !again || left() < LEAST {
            return (settled(wish.act, answer, unknown), took);
        }
    }
}

/// The outcome that stands. A try without answer may have done it, whatever a later one is told: only success says
/// more, and for a removal that nobody is there. A hang-up that finds no call may find its own work; the call's end
/// is what the keeper reads next.
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
        Err(error) => Outcome::Lost {
            sent: matches!(error, NoResponse::Sent(_)),
            error: truncated(&error.to_string(), LARGEST_REASON).into(),
        },
    }
}

/// Writes what must not be lost: an answer that the journal can't take is tried again before it is given up.
async fn record(shared: &Shared, fact: Fact) {
    for _ in 0..3 {
        match shared.recorder.write(vec![fact.clone()]).await {
            Ok(_) => return,
            Err(error) => tracing::error!(%error, "the record of an act was not taken; it is tried again"),
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    shared.recorder.note_gap("the journal could not take the record of an act");
}

/// Writes what became of an act, and only then lets its ticket go: without this entry the act looks pending.
async fn record_answer(shared: Arc<Shared>, fact: Fact, ticket: Ticket) {
    let mut backoff = Backoff::default();
    for _ in 0..RECORD_TRIES {
        match shared.recorder.write(vec![fact.clone()]).await {
            Ok(_) => return forget(&shared, &ticket),
            Err(error) => tracing::error!(%error, "the record of an answer was not taken; it is tried again"),
        }
        if shared.stop.run_until_cancelled(tokio::time::sleep(backoff.wait(rand::random()))).await.is_none() {
            break;
        }
    }
    shared.recorder.note_gap("the journal could not take what became of an act");
    forget(&shared, &ticket);
}

/// Whether the roster, read now, shows that a mute or unmute has not happened. Unreadable means no.
async fn not_so_yet(shared: &Shared, wish: &ActRequest, left: Duration) -> bool {
    let call = wish.action.call();
    let mine = || shared.hub.with_floor(|floor| floor.call(call)?.my_participant.clone());
    let Some(target) = wish.action.participant().cloned().or_else(mine) else { return false };
    let since = shared.hub.with_floor(Floor::head);
    let reading = tokio::time::timeout(left, reads::participants(&shared.outbound, call, Priority::Operator)).await;
    let Ok(Ok(people)) = reading else { return false };
    // The act has made its call's next reading news: this one need not be remembered.
    record(shared, reads::observed_participants(call, people.raw, since)).await;
    let found = people.people.iter().find(|it| it.identity_id() == Some(&target));
    found.is_some_and(|it| is_muted(it) != (wish.act != Act::UnmuteSelf))
}

fn is_muted(person: &Participant) -> bool {
    let server = person.main_audio().and_then(|it| it.server_muted);
    person.is_muted == Some(true) || server == Some(true)
}

/// Waits for a notification that settles the act.
async fn noticed(shared: &Shared, wish: &ActRequest, left: Duration) -> bool {
    let mut head = shared.hub.watch();
    let settled = async {
        loop {
            let settled = shared.hub.with_floor(|floor| {
                let operation = floor.by_ticket(&wish.ticket)?;
                let open = matches!(operation.outcome, OperationOutcome::Pending | OperationOutcome::Unknown(_));
                Some(!open || operation.proof.is_some() || operation.failure.is_some())
            });
            if settled == Some(true) || head.changed().await.is_err() {
                return;
            }
        }
    };
    tokio::time::timeout(NOTICE.min(left), settled).await.is_ok()
}
