//! The limits of the checks, and their exceptions, each with its reason.

/// Files that belong in a circle, and why.
pub(super) type Natural = (&'static [&'static str], &'static str);

/// A type name, and why more than one file defines it.
pub(super) type SharedName = (&'static str, &'static str);

/// A struct, what it holds, and why its fields stand side by side.
pub(super) type WideStruct = (&'static str, &'static str, &'static str);

/// A struct of the desk's states whose fields others see, and why.
pub(super) type OpenStruct = (&'static str, &'static str);

/// The circles of files that may stay.
pub(super) const NATURAL: &[Natural] = &[];

/// The type names that more than one file defines.
pub(super) const SHARED_NAMES: &[SharedName] = &[];

/// Type names of one word, in percent of all.
pub(super) const ONE_WORD_PERCENT: usize = 15;

/// Lines of a file.
pub(super) const FILE_LINES: usize = 400;

/// Lines of code in a function's body.
pub(super) const FUNCTION_LINES: usize = 60;

/// Parameters of a function.
pub(super) const PARAMETERS: usize = 5;

/// Files in one folder below `src`.
pub(super) const FOLDER_FILES: usize = 16;

/// Files in one folder of `tests` and `benches`.
pub(super) const TEST_FOLDER_FILES: usize = 16;

/// The structs that may have more fields than others.
pub(super) const WIDE_STRUCTS: &[WideStruct] = &[
    ("ActionBody", "wire", "Graph's actions share their members, and one reader takes each of them"),
    ("BoardLayout", "layout", "each is a part of the screen"),
    ("Call", "wire", "Graph's call has these members; the floor's call is in each snapshot"),
    ("DeskSetup", "settings", "each is a part of what can be set"),
    ("Floor", "snapshot", "its fields are the members of a snapshot"),
    ("Participant", "wire", "Graph's participant has these members, and one tells which of them were unreadable"),
    ("FloorCall", "snapshot", "its fields are members of a snapshot"),
    ("Operation", "snapshot", "its fields are members of a snapshot"),
    ("Person", "snapshot", "its fields are members of a snapshot"),
    ("RelayLimits", "settings", "each is a line of the relay's settings"),
    ("RelaySettings", "settings", "each is set by an option of the relay or by its owner"),
    ("RelayArgs", "settings", "each is an option of the command line"),
    ("Settings", "settings", "each can be set"),
    ("SimSetting", "wire", "the control API lists a setting with these members"),
    ("Theme", "settings", "each is a colour of the theme"),
];

/// Fields of a struct that is not in `WIDE_STRUCTS`.
pub(super) const STRUCT_FIELDS: usize = 12;

/// More fields than this make a struct wide: one that has fewer does not belong in `WIDE_STRUCTS`.
pub(super) const WIDE: usize = 12;

/// Files that hold an inherent `impl` of one type.
pub(super) const IMPL_FILES: usize = 8;

/// Files that hold an inherent `impl` of the simulator's `World`, whose verbs are many.
pub(super) const WORLD_IMPL_FILES: usize = 12;

/// Doc comments of one or two words in `src`.
pub(super) const SHORT_DOCS: usize = 40;

/// The parts of the desk that keep its states.
pub(super) const STATE_ROOMS: &[&str] =
    &["acts", "board", "export", "floors", "input", "link", "modal", "presenter", "privacy", "settings_update"];

/// The structs of these parts whose fields others see.
pub(super) const OPEN_STRUCTS: &[OpenStruct] = &[
    ("Acts", "it composes states, and holds no invariant"),
    ("Board", "it composes states, and holds no invariant"),
    ("Input", "it composes states, and holds no invariant"),
    ("LinkNames", "a value: the names that change together"),
    ("DeskSetup", "a message: what a desk starts with"),
    ("SettingsUpdate", "a message: what came of reading the settings"),
    ("BulkAct", "a row of the ledger, which others get by reference"),
    ("BulkMember", "a row of the ledger, which others get by reference"),
    ("PendingAct", "a row of the ledger, which others get by reference"),
    ("WaitingPerson", "a row of those who wait, made for one drawing"),
    ("PaneRows", "a value: how one terminal is shared"),
    ("HeldRows", "a value: the rows as they stood at a key"),
    ("ListedCall", "a value: a call and its rank"),
    ("PlacedCall", "a value: a call's row and times, on the way into the list"),
    ("Column", "a line of the table of columns"),
    ("ShownColumn", "a value: a column and its width"),
    ("PaneSort", "a value: a column and a direction"),
    ("FilterVocabulary", "the words of a pane, which are constant"),
    ("KeyBinding", "a line of the key table"),
    ("KeyPress", "a value: a key and its modifier"),
    ("JournalRecord", "what the journal holds, read for the screen"),
    ("TraceStep", "what the journal holds, read for the screen"),
    ("TimelineLane", "what the floor holds, gathered for one drawing"),
    ("Presentation", "a message of the simulator's control"),
    ("PresentationStep", "a message of the simulator's control"),
    ("StepExpectation", "a message of the simulator's control"),
    ("StepFocus", "a message of the simulator's control"),
    ("SimSetting", "a message of the simulator's control"),
];
