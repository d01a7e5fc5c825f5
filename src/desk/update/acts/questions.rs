//! Questions that are not about an act, and effects that go ahead after a delay, because a letter key may be part
//! of a text.

use crate::desk::acts::arming::Arming;
use crate::desk::acts::question::{Question, QuestionKind};
use crate::desk::command::Command;
use crate::desk::modal::ModalOutcome;
use crate::desk::update::presenter::restart;
use crate::desk::update::privacy::end_privacy_mode;
use crate::desk::{Desk, Effect, Modal, ModalCommand};
use crate::time::Millis;

/// Opens a question, which accepts its answer once it has been on the screen for a moment.
pub(in crate::desk) fn ask_question(desk: &mut Desk, kind: QuestionKind) {
    desk.modal = Modal::Question(Question::new(kind, Arming::asking(desk.acts.delays.confirm())));
}

/// Does what a command asks for: at once if it was not given by a key; otherwise a moment later, unless another key
/// comes. In the middle of a text, and if the key waited too long before it is handled, it asks first.
pub(in crate::desk) fn do_or_ask(desk: &mut Desk, kind: QuestionKind) -> Vec<Effect> {
    let delay = desk.acts.delays.fast();
    if !desk.acts.fast.is_by_key() || delay <= Millis(0) {
        return answer_yes(desk, kind);
    }
    if desk.input.typing.is_amid_text() || desk.clock.key_times().waited() > delay {
        ask_question(desk, kind);
        return Vec::new();
    }
    let stop = desk.input.keymap.shortcut_for(Command::Back);
    desk.say(format!("{} in a moment; {stop} stops it, any other key asks", kind.verb()));
    let arming =
        Arming::asking(desk.acts.delays.confirm()).going_ahead(desk.clock.wall() + delay, desk.clock.input_at());
    desk.modal = Modal::Question(Question::new(kind, arming));
    Vec::new()
}

/// Does what a question asks.
pub(in crate::desk) fn answer_yes(desk: &mut Desk, kind: QuestionKind) -> Vec<Effect> {
    match kind {
        QuestionKind::Quit => vec![Effect::Quit],
        QuestionKind::Restart => restart(desk),
        QuestionKind::EndPrivacy => {
            end_privacy_mode(desk);
            Vec::new()
        }
    }
}

/// Handles a key of a question: the key that says yes, once it counts; any other closes it.
pub(in crate::desk) fn press_question(
    desk: &mut Desk,
    question: &mut Question,
    meant: Option<Command>,
) -> ModalOutcome {
    if meant != Some(Command::InModal(ModalCommand::Yes)) {
        return ModalOutcome::CLOSE;
    }
    if question.arming_mut().answer(desk.clock.key_times()) {
        return ModalOutcome::Close(answer_yes(desk, question.kind()));
    }
    ModalOutcome::STAY
}

/// Handles a key that comes while something is about to go ahead: Esc stops it, any other key makes it ask.
pub(in crate::desk) fn interrupt_going_ahead(desk: &mut Desk, waiting: Modal, stops: bool) {
    if stops {
        return desk.say("stopped: nothing is done");
    }
    desk.modal = waiting;
    ask_instead(desk);
}

/// Makes an effect that is about to go ahead ask instead, because something other than a key came or
/// the console stalled.
pub(in crate::desk) fn ask_instead(desk: &mut Desk) {
    if let Some(arming) = desk.modal.arming_mut() {
        arming.ask();
    }
}

/// Makes the open question wait to be drawn again, after a time in which nobody could see it.
pub(in crate::desk) fn ask_anew(desk: &mut Desk) {
    if let Some(arming) = desk.modal.arming_mut() {
        arming.ask();
        arming.undrawn();
    }
}

/// Handles that the open question was written to the screen.
pub(in crate::desk) fn question_drawn(desk: &mut Desk) -> Vec<Effect> {
    let wall = desk.clock.wall();
    let after = desk.modal.arming_mut().and_then(|it| it.drawn(wall));
    after.filter(|it| *it > Millis(0)).map(Effect::Wake).into_iter().collect()
}

/// Wakes the desk when the open question accepts its answer, or when something goes ahead.
pub(in crate::desk) fn wake_for_question(desk: &Desk) -> Vec<Effect> {
    let after = desk.modal.arming().and_then(|it| it.wakes_after(desk.clock.wall()));
    after.map(Effect::Wake).into_iter().collect()
}
