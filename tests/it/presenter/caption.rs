//! Tests of a board before an audience: the caption of the newest operation, and how it names the operators.

use callboard::floor::Act;

use crate::presenter::presentation::{presenting, told};
use crate::support::desk_driver::Story;
use crate::support::journal_builder::ADA;

#[test]
fn an_audience_reads_a_caption_of_the_last_operation() {
    let mut story = Story::on_stage(true);
    told(&mut story);
    story.shows("Step 2 of 3: Back from hold").shows("nothing was asked in the last minute");
    story
        .bob_held()
        .shows("Bob: heard by all > hold asked by dana > PROVED after 0.4")
        .shows("Confirmed by the call itself");
    story.after(62_000).shows("nothing was asked in the last minute");
    story.selects("Bob").press("r").after(400).press("y").after(20).journalled().shows("Bob: on hold 1:0");
    let ticket = story.shows("> release asked by dana > sent to Graph").ticket();
    story.answers(&ticket, 202, "stopHoldMusicOperation", "running");
    story.shows("> release asked by dana > accepted").notice("stopHoldMusicOperation");
    story.shows("> release asked by dana > PROVED after 0.");
    // A failure says why.
    let ticket = story.selects("Ada").press("m y").after(20).journalled().ticket();
    story.answers(&ticket, 403, "", "");
    story.shows("Ada: heard by all > mute asked by dana > REFUSED").shows("Refused: ");
    // It names nobody that privacy hides.
    story.press("P").shows("What was done last").hides("Ada").hides("Back from hold").press("P y");
    story.press("D").hides("mute asked").press("D").shows("mute asked");
}

#[test]
fn the_caption_shows_the_newest_operation_of_any_operator() {
    let mut story = Story::on_stage(true);
    told(&mut story);
    story.bob_held().after(1_000).history.asked_by("lee", "l", Act::Mute, Some(ADA));
    story.catches_up().shows("Ada: heard by all > mute asked by lee").hides("> hold asked");
}

#[test]
fn before_an_audience_the_board_names_its_own_operator() {
    let mut story = presenting();
    story.bob_held().shows("on hold by you, op 1").shows("dana (you)").shows("asks first");
    let mut story = Story::on_stage(true);
    told(&mut story);
    story.bob_held().shows("on hold by dana, op 1").shows("by dana, op 1, at").shows("dana   hold Bob");
    story
        .hides("by you")
        .hides("(you)")
        .hides("asks first")
        .press("r")
        .shows("by dana with op 1")
        .hides("by you")
        .hides("(you)");
    story
        .press("n Enter")
        .hides("by you")
        .hides("(you)")
        .hides("your")
        .press("Esc 2 i")
        .hides("by you")
        .press("Esc 3 Enter")
        .hides("by you");
}
