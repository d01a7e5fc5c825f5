//! Bytes, splits and silences, to the inputs that they mean.

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::meaning::{TerminalInput, TerminalReply, read_token};
use super::*;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Feeds reads, each after this silence, as the reader does; the last silence ends what is open.
fn read(reads: &[(Duration, &[u8])]) -> Vec<TerminalInput> {
    let (mut tokenizer, mut tokens) = (InputTokenizer::default(), Vec::new());
    for (gap, bytes) in reads {
        while tokenizer.patience().is_some_and(|it| it <= *gap) {
            tokenizer.expire(&mut tokens);
        }
        tokenizer.feed(bytes, &mut tokens);
    }
    end(&mut tokenizer, &mut tokens);
    let mut inputs = Vec::new();
    for token in tokens {
        read_token(token, &mut inputs);
    }
    inputs
}

/// A silence that is longer than any patience.
fn end(tokenizer: &mut InputTokenizer, tokens: &mut Vec<InputToken>) {
    for _ in 0..2 {
        if tokenizer.patience().is_some() {
            tokenizer.expire(tokens);
        }
    }
    assert_eq!(tokenizer.patience(), None);
}

fn whole(bytes: &[u8]) -> Vec<TerminalInput> {
    read(&[(Duration::ZERO, bytes)])
}

/// The inputs of these reads, each after this many milliseconds.
fn timed(reads: &[(u64, &str)]) -> Vec<TerminalInput> {
    let reads: Vec<_> = reads.iter().map(|(gap, text)| (Duration::from_millis(*gap), text.as_bytes())).collect();
    read(&reads)
}

fn key(code: KeyCode) -> TerminalInput {
    TerminalInput::Key(code.into())
}

fn with(code: KeyCode, modifiers: KeyModifiers) -> TerminalInput {
    TerminalInput::Key(KeyEvent::new(code, modifiers))
}

fn letter(letter: char) -> TerminalInput {
    key(KeyCode::Char(letter))
}

fn dropped(bytes: usize) -> TerminalInput {
    TerminalInput::Dropped(bytes)
}

#[test]
fn each_key_of_a_terminal_is_read() {
    let (ctrl, alt, shift) = (KeyModifiers::CONTROL, KeyModifiers::ALT, KeyModifiers::SHIFT);
    let cases = [
        ("m", letter('m')),
        ("M", with(KeyCode::Char('M'), shift)),
        ("é", letter('é')),
        ("陳", letter('陳')),
        ("🦀", letter('🦀')),
        ("\r", key(KeyCode::Enter)),
        ("\t", key(KeyCode::Tab)),
        ("\x7f", key(KeyCode::Backspace)),
        ("\x1b", key(KeyCode::Esc)),
        ("\x03", with(KeyCode::Char('c'), ctrl)),
        ("\x1bm", with(KeyCode::Char('m'), alt)),
        ("\x1bé", with(KeyCode::Char('é'), alt)),
        ("\x1b[A", key(KeyCode::Up)),
        ("\x1bOA", key(KeyCode::Up)),
        ("\x1b\x1b[A", with(KeyCode::Up, alt)),
        ("\x1b\x1bOB", with(KeyCode::Down, alt)),
        ("\x1b[1;5C", with(KeyCode::Right, ctrl)),
        ("\x1b[1;3D", with(KeyCode::Left, alt)),
        ("\x1b[Z", with(KeyCode::BackTab, shift)),
        ("\x1b[5~", key(KeyCode::PageUp)),
        ("\x1b[6~", key(KeyCode::PageDown)),
        ("\x1b[3~", key(KeyCode::Delete)),
        ("\x1b[H", key(KeyCode::Home)),
        ("\x1b[4~", key(KeyCode::End)),
        ("\x1bOP", key(KeyCode::F(1))),
        ("\x1b[R", key(KeyCode::F(3))),
        ("\x1b[13~", key(KeyCode::F(3))),
        ("\x1b[15~", key(KeyCode::F(5))),
        ("\x1b[[B", key(KeyCode::F(2))),
        ("\x1b[109u", letter('m')),
        ("\x1b[109;5u", with(KeyCode::Char('m'), ctrl)),
        ("\u{9b}A", dropped(2)),
    ];
    for (bytes, wanted) in cases {
        let inputs = whole(bytes.as_bytes());
        assert_eq!(inputs.first(), Some(&wanted), "{bytes:?}");
        assert_eq!(inputs.len(), if bytes.starts_with('\u{9b}') { 2 } else { 1 }, "{bytes:?}");
    }
    assert_eq!(whole(b"\x9bA"), [key(KeyCode::Up)], "an 8-bit introducer");
}

#[test]
fn an_escape_waits_for_what_belongs_to_it() {
    let esc = || key(KeyCode::Esc);
    assert_eq!(timed(&[(0, "\x1b"), (49, "[B")]), [key(KeyCode::Down)]);
    assert_eq!(timed(&[(0, "\x1b"), (49, "["), (249, "B")]), [key(KeyCode::Down)]);
    assert_eq!(timed(&[(0, "\x1b"), (50, "j")]), [esc(), letter('j')]);
    assert_eq!(timed(&[(0, "\x1b["), (250, "j")]), [dropped(2), letter('j')]);
    assert_eq!(timed(&[(0, "\x1b]11;rgb:0"), (250, "j")]), [dropped(10), letter('j')]);
    assert_eq!(timed(&[(0, "\x1b\x1b")]), [esc(), esc()]);
    assert_eq!(timed(&[(0, "\x1b\x1b\x1b[A")]), [esc(), with(KeyCode::Up, KeyModifiers::ALT)]);
    assert_eq!(timed(&[(0, "\x1b\x1bm")]), [esc(), with(KeyCode::Char('m'), KeyModifiers::ALT)]);
    assert_eq!(timed(&[(0, "\x1b\x1b]11;?\x07j")]), [esc(), letter('j')], "the second begins a reply");
    let reply = TerminalInput::Reply(TerminalReply::Attributes);
    assert_eq!(timed(&[(0, "\x1b\x1b[?62c")]), [esc(), reply], "Esc was pressed as the reply came");
}

#[test]
fn what_does_not_end_is_dropped_and_counted() {
    assert_eq!(whole(b"\xe9j"), [dropped(1), letter('j')], "Latin-1");
    assert_eq!(timed(&[(0, "é"), (0, "")]), [letter('é')]);
    assert_eq!(read(&[(Duration::ZERO, b"\xc3"), (Duration::from_millis(249), b"\xa9")]), [letter('é')]);
    assert_eq!(whole(b"\xc3"), [dropped(1)]);
    assert_eq!(whole(b"\x1b[12\x1b[A"), [dropped(4), key(KeyCode::Up)]);
    assert_eq!(whole(b"\x1bP1+r\x1b[A"), [dropped(5), key(KeyCode::Up)]);
    assert_eq!(whole(b"\x1b[1\x01;2A"), [dropped(7)]);
    let long = |end: &str| format!("\x1b]52;c;{}{end}j", "QUJD".repeat(25_000));
    assert_eq!(whole(long("\x1b\\").as_bytes()), [dropped(100_007), letter('j')], "to its end, and no key of it");
    let endless = long("");
    let silent = timed(&[(0, &endless), (250, "j")]);
    assert_eq!(silent, [dropped(100_008), letter('j')]);
    let mut tokenizer = InputTokenizer::default();
    tokenizer.feed(endless.as_bytes(), &mut Vec::new());
    assert_eq!(tokenizer.held.len(), InputTokenizer::SEQUENCE_BYTES);
}

#[test]
fn a_paste_is_one_text() {
    let paste = |text: &str| TerminalInput::Paste(text.to_owned());
    let stalled = || TerminalInput::StalledPaste;
    assert_eq!(timed(&[(0, "\x1b[200~Ad"), (249, "a\x1b[20"), (40, "1~j")]), [paste("Ada"), letter('j')]);
    assert_eq!(timed(&[(0, "\x1b[200~Ad"), (9_999, "a\x1b[201~j")]), [stalled(), paste("Ada"), letter('j')]);
    assert_eq!(whole(b"\x1b[200~\x1b[A\x1b\x1b[201~"), [paste("\x1b[A\x1b")]);
    let cut = timed(&[(0, "\x1b[200~Ada"), (10_000, "j")]);
    assert_eq!(cut, [stalled(), TerminalInput::CutPaste(3), letter('j')]);
    assert_eq!(whole(b"\x1b[201~j"), [letter('j')]);
    let text = "x".repeat(InputTokenizer::PASTE_BYTES);
    assert_eq!(whole(format!("\x1b[200~{text}\x1b[201~j").as_bytes()).len(), 2);
    assert!(matches!(whole(format!("\x1b[200~{text}\x1b[201~j").as_bytes())[..], [TerminalInput::Dropped(_), _]));
}

#[test]
fn a_key_alone_ends_a_paste_without_an_end() {
    let ended = |bytes| vec![TerminalInput::StalledPaste, TerminalInput::CutPaste(bytes), letter('j')];
    for key in ["\x1b", "\x03"] {
        assert_eq!(timed(&[(0, "\x1b[200~Ada"), (250, key), (250, "j")]), ended(4), "{key:?}");
        assert_eq!(timed(&[(0, "\x1b[200~"), (9_999, key), (250, "j")]), ended(1), "{key:?}");
        let held = timed(&[(0, "\x1b[200~Ada"), (250, key), (30, key), (200, key), (250, "j")]);
        assert_eq!(held, ended(6), "{key:?} is held or pressed again");
        // It is part of the text if something follows, or came, without a silence between.
        for reads in [[(0, "\x1b[200~Ada"), (250, key), (249, "j")], [(0, "\x1b[200~Ada"), (249, key), (250, "j")]] {
            let wanted = [TerminalInput::StalledPaste, TerminalInput::Paste(format!("Ada{key}j"))];
            assert_eq!(timed(&[reads.as_slice(), &[(0, "\x1b[201~")]].concat()), wanted, "{key:?} {reads:?}");
        }
    }
    assert_eq!(timed(&[(0, "\x1b[200~A"), (300, "my"), (300, "my"), (300, "\x03"), (300, "j")]), ended(6), "one word");
    // The end itself, over a line that stalls before and within it.
    let late = timed(&[(0, "\x1b[200~Ada"), (250, "\x1b"), (249, "[201~j")]);
    assert_eq!(late, [TerminalInput::StalledPaste, TerminalInput::Paste("Ada".to_owned()), letter('j')]);
    assert_eq!(timed(&[(0, "\x1b[200~Ada"), (250, "\x1b"), (250, "[201~j")]), ended(4), "no part of it is a key");
    assert_eq!(timed(&[(0, "\x1b[200~Ada"), (250, "\x1b"), (250, "j["), (0, "j")])[3..], [letter('['), letter('j')]);
}

#[test]
fn answers_are_read() {
    let reply = |it| vec![TerminalInput::Reply(it)];
    assert_eq!(whole(b"\x1b[1;3R"), reply(TerminalReply::CursorColumn(3)));
    assert_eq!(whole(b"\x1b[?62;4;22c"), reply(TerminalReply::Attributes));
    for (text, colour) in [
        ("rgb:1111/1414/1a1a", [0x1111, 0x1414, 0x1a1a]),
        ("rgb:11/14/ff", [0x1111, 0x1414, 0xffff]),
        ("rgba:ffff/0/8888/ffff", [0xffff, 0, 0x8888]),
    ] {
        for end in ["\x07", "\x1b\\"] {
            let answer = format!("\x1b]11;{text}{end}");
            assert_eq!(whole(answer.as_bytes()), reply(TerminalReply::Background(colour)), "{answer:?}");
        }
    }
    for nothing in ["11;rgb:1/2", "11;rgb:11111/1/1", "11;rgb:+1/1/1", "10;rgb:1/1/1", "11;?"] {
        assert_eq!(whole(format!("\x1b]{nothing}\x07").as_bytes()), [], "{nothing}");
    }
}

/// A whole piece of input, whose bytes mean the same in any company.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = "[a-zA-Z0-9 ?:é陳🦀\r\t]".prop_map(String::into_bytes);
    let csi = "\x1b(\x1b)?\\[([0-9]{1,2}(;[0-9]{1,2})?)?[ABCDHFZ~]".prop_map(String::into_bytes);
    let mouse = "\x1b\\[<[0-9]{1,2};[0-9]{1,3};[0-9]{1,3}[Mm]".prop_map(String::into_bytes);
    let paste = "\x1b\\[200~[a-z\\[\x1b é]{0,20}\x1b\\[201~".prop_map(String::into_bytes);
    prop_oneof![text, csi, mouse, paste, reply()]
}

/// A reply of a terminal, by the forms that the replies of all terminals have.
fn reply() -> impl Strategy<Value = Vec<u8>> {
    let marked = "\x1b\\[[?>=][0-9;:]{0,12}[ $\"'*]?[@-~]".prop_map(String::into_bytes);
    let plain = "\x1b\\[[0-9]{1,3};[0-9]{1,3}(;[0-9]{1,4})?[Rctnxy]".prop_map(String::into_bytes);
    let osc = "\x1b\\][ -~é陳œ]{0,40}(\x07|\x1b\\\\)".prop_map(String::into_bytes);
    let strings = "\x1b[P_^][ -~é陳œ\x07]{0,40}\x1b\\\\".prop_map(String::into_bytes);
    prop_oneof![marked, plain, osc, strings]
}

/// The bytes split into reads at these places, each after a silence shorter than an escape's.
fn split<'a>(bytes: &'a [u8], places: &[(prop::sample::Index, u64)]) -> Vec<(Duration, &'a [u8])> {
    let mut places: Vec<_> = places.iter().map(|(at, gap)| (at.index(bytes.len() + 1), *gap)).collect();
    places.sort_unstable();
    let (mut reads, mut begin, mut gap) = (Vec::new(), 0, 0);
    for (end, next) in places.into_iter().chain([(bytes.len(), 0)]) {
        reads.push((Duration::from_millis(gap), &bytes[begin..end]));
        (begin, gap) = (end, next);
    }
    reads
}

fn places() -> impl Strategy<Value = Vec<(prop::sample::Index, u64)>> {
    vec((any::<prop::sample::Index>(), 0..50_u64), 0..12)
}

proptest! {
    #[test]
    fn reads_change_nothing(pieces in vec(piece(), 1..8), places in places()) {
        let alone: Vec<TerminalInput> = pieces.iter().flat_map(|it| whole(it)).collect();
        let bytes = pieces.concat();
        prop_assert_eq!(read(&split(&bytes, &places)), alone);
    }

    #[test]
    fn no_reply_is_a_key(replies in vec(reply(), 1..8), places in places()) {
        for input in read(&split(&replies.concat(), &places)) {
            prop_assert!(matches!(input, TerminalInput::Reply(_)), "{:?}", input);
        }
    }

    #[test]
    fn no_bytes_panic_and_none_is_lost_without_a_count(
        bytes in vec(prop_oneof![any::<u8>(), prop::sample::select(&b"\x1b[]O<?;0129MPR~u\\\x07"[..])], 0..200),
        places in places(),
    ) {
        let (mut tokenizer, mut tokens) = (InputTokenizer::default(), Vec::new());
        tokenizer.feed(&bytes, &mut tokens);
        end(&mut tokenizer, &mut tokens);
        let counted: usize = tokens.iter().map(|it| match it {
            InputToken::Key(bytes) => bytes.len(),
            InputToken::Sequence { alt, bytes } => usize::from(*alt) + bytes.len(),
            InputToken::ControlString { text, .. } => text.len() + 4,
            InputToken::Paste(text) => text.len() + 12,
            InputToken::StalledPaste => 0,
            InputToken::Dropped(bytes) | InputToken::CutPaste(bytes) => *bytes,
        }).sum();
        // An 8-bit introducer and a BEL are one byte, and the beginning of a paste that was dropped is not counted.
        prop_assert!(counted + 13 * tokens.len() >= bytes.len(), "{} of {}", counted, bytes.len());
        read(&split(&bytes, &places));
    }
}
