//! Reads the journal for the evidence and for an operation's trace.

use crate::desk::modal::evidence::EvidenceView;
use crate::desk::modal::evidence::search::{EvidenceFound, EvidenceSubject, WINDOW};
use crate::desk::modal::operation_trace::OperationTrace;
use crate::desk::vocab::{Pane, ParticipantRef, RowId, called};
use crate::desk::{Desk, DetailsView, Effect, Modal};
use crate::floor::{Cursor, Entry, OperationNumber};

/// Requests the evidence of the selected row.
pub(in crate::desk) fn ask_evidence(desk: &mut Desk) -> Vec<Effect> {
    let Some((of, about, until)) = evidence_subject(desk) else {
        desk.say("nothing is selected that the journal could show");
        return Vec::new();
    };
    let mut evidence = EvidenceView::asked(of, about, until, desk.clock.wall());
    if !desk.link.is_live() {
        evidence.fail("the line to the relay is down, so it cannot be asked".to_owned());
        desk.modal = Modal::Evidence(Box::new(evidence));
        return Vec::new();
    }
    let after = Cursor(until.0.saturating_sub(u64::from(WINDOW)));
    desk.modal = Modal::Evidence(Box::new(evidence));
    vec![Effect::Read { after, count: WINDOW }]
}

/// Adds the entries that the relay sent to the evidence, and begins the search once they are complete.
pub(in crate::desk) fn read_evidence(desk: &mut Desk, entries: Vec<Entry>) -> Vec<Effect> {
    let Modal::Evidence(evidence) = &mut desk.modal else { return Vec::new() };
    evidence.take(entries).map(|it| Effect::SearchEvidence(Box::new(it))).into_iter().collect()
}

/// Shows what a search has found, where the same evidence was closed.
pub(in crate::desk) fn evidence_found(desk: &mut Desk, found: EvidenceFound) -> Vec<Effect> {
    let Modal::Evidence(evidence) = &mut desk.modal else { return Vec::new() };
    let was_asking = evidence.is_asking();
    evidence.show_found(found);
    if was_asking && let Some(place) = desk.board.display.evidence_place() {
        evidence.return_to(place);
    }
    Vec::new()
}

/// Gives up on evidence that the relay does not send.
pub(in crate::desk) fn watch_evidence(desk: &mut Desk) {
    let (wall, live) = (desk.clock.wall(), desk.link.is_live());
    let Modal::Evidence(evidence) = &mut desk.modal else { return };
    if evidence.is_asking() && !live {
        evidence.fail("the line to the relay broke before it answered".to_owned());
    } else if evidence.is_overdue(wall) {
        let until = evidence.until();
        let why = format!("the relay did not send entry {until} within 5 s: it may have deleted it");
        evidence.fail(why);
    }
}

/// Returns the selected row in words, what to find, and the newest entry that can show it.
fn evidence_subject(desk: &Desk) -> Option<(String, EvidenceSubject, Cursor)> {
    let of_call = || {
        let call = desk.call()?;
        Some((format!("call {}", call.number.0), EvidenceSubject::Call(call.id.clone()), call.news))
    };
    match desk.board.selection.pane() {
        Pane::Calls | Pane::Events => of_call(),
        Pane::Waiting | Pane::Participants => match (desk.person(), desk.selected_participant()) {
            (Some(person), Some(ParticipantRef::Person(id))) => {
                let call = desk.call()?;
                let about = EvidenceSubject::Person(call.id.clone(), id.clone());
                // The relay's own reads are not the call's news, but may name the person too.
                Some((called(person), about, desk.floor().head()))
            }
            _ => of_call(),
        },
        Pane::Operations => match desk.selected_row()? {
            RowId::Operation(number) => {
                let operation = desk.floor().operation(*number)?;
                let of = format!("op {}, {} {}", number.0, operation.act, operation.target);
                if let Some(proof) = &operation.proof {
                    return Some((of, EvidenceSubject::Entry(proof.cursor), proof.cursor));
                }
                let last = operation.asked.1.0.saturating_add(u64::from(WINDOW) / 2);
                let until = Cursor(last).min(desk.floor().head());
                Some((of, EvidenceSubject::Act(operation.ticket.clone()), until))
            }
            RowId::Pending(_) | RowId::Bulk(_) => None,
        },
    }
}

/// Opens the details of an operation, and requests its trace. In privacy mode it does not, because the journal holds
/// the true names.
pub(in crate::desk) fn open_operation(desk: &mut Desk, number: OperationNumber) -> Vec<Effect> {
    let mut trace = None;
    let mut reads = Vec::new();
    if let (false, Some(operation)) = (desk.is_private(), desk.live().operation(number)) {
        let first = Cursor(operation.asked.1.0.saturating_sub(1));
        let proof = operation.proof.as_ref().map(|it| it.cursor);
        let near = Cursor(first.0.saturating_add(u64::from(WINDOW))).min(desk.live().head());
        let until = proof.unwrap_or(near);
        let mut trail = OperationTrace::asked(number, until, desk.clock.wall());
        if desk.link.is_live() {
            let count = u32::try_from(near.0.saturating_sub(first.0)).unwrap_or(WINDOW);
            reads.push(Effect::Read { after: first, count });
            if let Some(proof) = proof.filter(|it| *it > near) {
                reads.push(Effect::Read { after: Cursor(proof.0.saturating_sub(1)), count: 1 });
            }
        } else {
            trail.fail("the line to the relay is down, so it cannot be asked".to_owned());
        }
        trace = Some(trail);
    }
    desk.modal = Modal::Details(DetailsView::of_operation(number, trace));
    reads
}

/// Adds entries to the trace, from a read or from the feed.
pub(in crate::desk) fn extend_trace(desk: &mut Desk, entries: &[Entry], read: bool) {
    let Some(trail) = desk.modal.details_mut().and_then(DetailsView::trace_mut) else { return };
    // In privacy mode there is no trace, so this floor is the true one.
    if let Some(operation) = desk.floors.live().operation(trail.operation()) {
        trail.extend(entries, operation, read);
    }
}

/// Gives up on a trace that the relay does not send.
pub(in crate::desk) fn watch_trace(desk: &mut Desk) {
    let (wall, live) = (desk.clock.wall(), desk.link.is_live());
    let Some(trail) = desk.modal.details_mut().and_then(DetailsView::trace_mut) else { return };
    if trail.is_asking() && !live {
        trail.fail("the line to the relay broke before it answered".to_owned());
    } else if trail.is_overdue(wall) {
        let why = format!("the relay did not send entry {} within 5 s: it may have deleted it", trail.until());
        trail.fail(why);
    }
}
