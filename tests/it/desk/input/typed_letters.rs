//! Property: a text that somebody types into the board by mistake never acts, quits, restarts or uncovers names.

use callboard::desk::{ControlRequest, Effect, Event};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use crate::support::desk_driver::Story;

const ENGLISH: &str = "a about after again all also always and another any are ask at back be because been before but \
    by call can come could day did do down each even every few find first for from get give go good great had has have \
    he hear help her here him his hold home how I if in into is it its just keep know last later leave let like line \
    listen little long look make many may maybe me mean meeting minute more much mute must my name need never new next \
    no not now of off office on once one only open or other our out over own people phone please put quick question \
    quiet quite ready really right room said same say see she should so some sorry speak still stop such take talk tell \
    than thanks that the their them then there they thing think this those time to today too try two under until up us \
    very wait want was way we week well were what when where which while who why will with word work would yes yet you";
const GERMAN: &str = "aber alle alles als also am an andere auch auf aus bald bei beim bin bis bitte da danke dann das \
    dass dein dem den denn der des die dir doch dort du durch eben ein eine einen einmal er es etwas euch fertig fragen \
    frau früh für ganz geben gegen gehen gern gesagt gestern gleich gut habe haben hallo hat hatte heute hier hören ich \
    ihm ihn ihr im immer in ist ja jemand jetzt kann kein keine kommen können kurz lange lassen leise leute machen man \
    mein mehr mich mir mit morgen muss müssen nach nein nicht nichts noch nun nur oben oder ohne rufen sagen schon sehr \
    sein sich sie sind so sofort sollen später sprechen stumm tag über um und uns unter viel vielleicht von vor wann war \
    warten warum was weg weil weiter wer werden wie wieder will wir wird wo wohl wort zeit zu zuerst zum zur zurück";
const FRENCH: &str = "à ah ainsi aller alors appel après assez attendre au aucun aujourd'hui aussi autre avant avec \
    avoir beaucoup bien bon bonjour c'est ça car ce cela celui ces cet chaque chez comme comment d'accord dans de déjà \
    demain depuis des deux dire dit donc dont du elle elles en encore entendre entre est et être eux faire fait faut fin \
    grand gros heure hier ici il ils j'ai je jour jusque l'appel la là le les leur lui ma mais mal me même merci mes \
    minute moi moins mon mot ne nom non nos nous on ou où oui par parce parler pas personne peu peut plus pour pourquoi \
    premier près puis qu'il quand que quel qui quoi rien sa sans se ses si soir son sont sous sur ta tard te temps toi \
    ton toujours tous tout très trop tu un une va venir vers veux voilà voir vos votre vous vrai y";
const SPANISH: &str = "a adiós ahí ahora al algo alguien allí antes años aquel aquí así aún bien bueno cada casa casi \
    cerca como con cosa creo cuando cuál cuánto de decir del desde después día donde dos el él ella ellos en entonces \
    entre era es esa ese eso esta está este esto estoy fue gracias gran grande ha hablar hace hacer hasta hay hola hora \
    hoy la las le lejos les lo los luego llamada mal más me mejor menos mi mientras mismo momento mucho muy nada nadie \
    ni no nombre nos nosotros nuestra nunca o oír otra otro para parece pero poco podemos poder por porque primero \
    pronto puede pues que qué quién quiero reunión saber se ser sí si siempre sin sino sobre solo son su también tan \
    tarde te tener tiempo tiene toda todo tres tú un una unos usted va vamos ver vez vida y ya yo";

/// What is open or marked when the text begins: the keys that lead there.
const PLACES: [&str; 18] = [
    "",
    "?",
    "? /",
    "Enter",
    "i",
    "Y",
    ":",
    "/",
    "S",
    "V",
    "F",
    "B",
    "2 g m",
    "2 g X",
    "2 g Space j Space",
    "p",
    "3 Enter",
    "W",
];
const PANES: [&str; 5] = ["w", "1", "2", "3", "4"];

/// A word of a language, as it stands in a sentence: often with a capital or a sign.
fn word() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> =
        [ENGLISH, GERMAN, FRENCH, SPANISH].iter().flat_map(|it| it.split_whitespace()).collect();
    let shape = prop_oneof![6 => Just(0), 2 => Just(1), 1 => Just(2)];
    let mark =
        prop_oneof![8 => Just(""), 1 => Just(","), 1 => Just("."), 1 => Just("?"), 1 => Just("!"), 1 => Just("...")];
    (prop::sample::select(words), shape, mark).prop_map(|(word, shape, mark)| {
        let mut letters = word.chars();
        let first = letters.next().unwrap_or('a');
        match shape {
            0 => format!("{word}{mark}"),
            1 => format!("{}{}{mark}", first.to_uppercase(), letters.as_str()),
            _ => format!("{}{mark}", word.to_uppercase()),
        }
    })
}

fn sentence() -> impl Strategy<Value = String> {
    let sentences = ["sorry", "my name is", "thanks maybe", "y ahora", "Please mute him", "quick question", "Iraq"];
    prop_oneof![
        12 => prop::collection::vec(word(), 2..9).prop_map(|it| it.join(" ")),
        4 => prop::sample::select(sentences.to_vec()).prop_map(|it| format!("{it} {it}")),
    ]
}

/// The time between two keys: the same throughout, or another each time.
fn pace() -> impl Strategy<Value = Vec<i64>> {
    prop_oneof![(5_i64..=300).prop_map(|it| vec![it]), prop::collection::vec(5_i64..=300, 1..40)]
}

fn press(story: &mut Story, code: KeyCode, after: i64, drawn: bool) {
    story.after(after).happens(Event::Pressed(KeyEvent::new(code, KeyModifiers::NONE)));
    if drawn {
        story.draws();
    }
}

/// A desk with somebody on hold and a presentation behind it.
fn begun(pane: &str, place: &str, (fast, private): (bool, bool)) -> Story {
    let mut story = Story::on_stage(false);
    crate::presenter::presentation::told(&mut story);
    crate::desk::bulk_acts::roster(&mut story, &[]);
    story.bob_held();
    if fast {
        story.press(":").types("fast").press("Enter");
    }
    if private {
        story.press("P");
    }
    // The places are come to without haste.
    story.after(5_000).press(pane);
    if !place.is_empty() {
        story.press(place);
    }
    story.after(5_000).sent.clear();
    story.effects.clear();
    story
}

fn harm(story: &Story, private: bool) -> Option<String> {
    let harm =
        |it: &&Effect| matches!(it, Effect::Send(_) | Effect::Quit | Effect::AskSimulator(ControlRequest::Restart));
    let done = story.effects.iter().find(harm).map(|it| format!("{it:?}"));
    done.or_else(|| (private && !story.desk.is_private()).then(|| "true names are shown".to_owned()))
}

/// Types a text and waits; returns what it did that it must not.
fn typed(story: &mut Story, text: &str, (pace, drawn, enter): (&[i64], bool, bool), private: bool) -> Option<String> {
    // A question that is open, drawn and quiet takes the key that answers it: a text that begins with it is an answer.
    if text.starts_with('y') && story.desk.modal().asks() {
        story.press("Esc");
    }
    let mut gaps = pace.iter().copied().cycle();
    for letter in text.chars() {
        press(story, KeyCode::Char(letter), gaps.next().unwrap_or(100), drawn);
    }
    if enter {
        press(story, KeyCode::Enter, gaps.next().unwrap_or(100), drawn);
    }
    for _ in 0..8 {
        story.draws().after(400);
    }
    harm(story, private)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 768, ..ProptestConfig::default() })]

    #[test]
    fn a_typed_text_never_acts_quits_restarts_or_uncovers(
        (pane, place) in (prop::sample::select(PANES.to_vec()), prop::sample::select(PLACES.to_vec())),
        text in sentence(),
        pace in pace(),
        (drawn, enter, fast, private) in any::<(bool, bool, bool, bool)>(),
    ) {
        let mut story = begun(pane, place, (fast, private));
        let done = typed(&mut story, &text, (&pace, drawn, enter), private);
        prop_assert!(done.is_none(), "{:?} by {text:?} at {pace:?} in {pane:?} {place:?}", done);
    }
}

/// Every pane and place, with the letters of the acts and of quitting at the beginning and at the end of a text.
#[test]
fn letters_of_acts_at_either_end_of_a_text_do_nothing() {
    for pane in PANES {
        for place in PLACES {
            for (fast, private) in [(true, true), (true, false), (false, true)] {
                let mut story = begun(pane, place, (fast, private));
                for text in ["my room", "Questions are us", "Pam asks him", "so Iraq", "our hour", "Bob's TIP"] {
                    for pace in [5, 120, 300] {
                        let done = typed(&mut story, text, (&[pace], true, false), private);
                        assert_eq!(done, None, "{text:?} every {pace} ms in {pane:?} {place:?}, FAST {fast}");
                        story.press("Esc").press("Esc").press(pane);
                    }
                }
            }
        }
    }
}

#[test]
fn three_letters_without_a_meaning_get_a_word() {
    let mut story = Story::seated();
    story.press("1").types("x").hides("typing?").types("tx").shows("typing? / filters, : runs a command");
    story.press("j").hides("typing?").types("xt").hides("typing?");
}
