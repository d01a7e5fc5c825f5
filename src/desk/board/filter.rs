//! The language of filters: words that a row must have, or must not. Pure text; what a row has, the rows' own file says.
//!
//! Words stand apart by spaces and must all hold. `acme` is looked for in everything that the row shows, `"two words"`
//! as one, `!acme` must not be there, `state:established` looks in one field, `is:held` asks for a state of things,
//! `people:>3` and `held:<60` compare numbers (times in seconds).

use crate::desk::input::text_input::TextInput;
use crate::desk::nearest;
use crate::desk::vocab::Pane;

/// What is shown of a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<FilterTerm>,
}

/// A word of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FilterTerm {
    inverse: bool,
    want: FilterTest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum FilterTest {
    /// Anywhere in what the row shows; in lower case.
    Anywhere(String),
    /// In one field; in lower case.
    Field(&'static str, String),
    /// A state of things.
    Is(&'static str),
    /// A number above this one.
    Above(&'static str, i64),
    /// A number below this one.
    Below(&'static str, i64),
}

/// What can be asked of the rows of a pane.
#[derive(Debug)]
pub struct FilterVocabulary {
    /// Its text fields.
    pub fields: &'static [&'static str],
    /// The states after `is:`.
    pub states: &'static [&'static str],
    /// Its numbers; times are in seconds.
    pub numbers: &'static [&'static str],
}

/// What a row says of itself, by the words of its pane's [`FilterVocabulary`].
pub(in crate::desk) trait FilterFields {
    /// The texts of a field; of all fields when it is empty. Untrusted.
    fn texts(&self, field: &str) -> Vec<String>;
    /// Whether it is so.
    fn is(&self, state: &str) -> bool;
    /// A number, where the row has one.
    fn number(&self, name: &str) -> Option<i64>;
}

impl FilterVocabulary {
    /// The words of a pane.
    #[must_use]
    pub const fn of(pane: Pane) -> &'static Self {
        match pane {
            Pane::Calls | Pane::Events => &Self {
                fields: &["subject", "person", "state", "number", "kind", "direction", "id"],
                states: &["alert", "held", "muted", "lobby", "quiet", "mine", "live", "ended", "doubtful"],
                numbers: &["people", "held", "lobby", "age", "quiet"],
            },
            Pane::Participants | Pane::Waiting => &Self {
                fields: &["name", "kind", "mic", "id"],
                states: &["alert", "held", "muted", "lobby", "left", "here"],
                numbers: &["held", "lobby", "time"],
            },
            Pane::Operations => &Self {
                fields: &["by", "act", "target", "result", "number"],
                states: &["mine", "open", "confirmed", "failed", "unconfirmed"],
                numbers: &["accept", "proof"],
            },
        }
    }

    /// All words, as a person is told of them.
    #[must_use]
    pub fn words(&self) -> String {
        self.each().collect::<Vec<_>>().join(" ")
    }

    /// The words that what was typed of one may become; that one left out.
    pub(in crate::desk) fn going_on(&self, begun: &str) -> Vec<String> {
        let begun = begun.to_lowercase();
        self.each().filter(|it| it.starts_with(&begun) && *it != begun).collect()
    }

    fn each(&self) -> impl Iterator<Item = String> {
        let fields = self.fields.iter().map(|it| format!("{it}:"));
        let states = self.states.iter().map(|it| format!("is:{it}"));
        let numbers = self.numbers.iter().map(|it| format!("{it}:>N"));
        states.chain(fields).chain(numbers)
    }

    /// The word that is spelled most like `name:value`. What a field is to hold says nothing of how the field is
    /// spelled, so only names are compared; but for a value that is compared only a number will do.
    fn nearest(&self, name: &str, value: &str) -> String {
        let compares = value.starts_with(['<', '>']);
        let [fields, numbers] = [self.fields, self.numbers].map(|it| it.iter().copied());
        let found = match name {
            _ if name.eq_ignore_ascii_case("is") => "is",
            _ if compares => nearest(numbers, name),
            _ => nearest(fields.chain(numbers).chain(std::iter::once("is")), name),
        };
        match found {
            "is" => format!("is:{}", nearest(self.states.iter().copied(), value)),
            _ if compares || !self.fields.contains(&found) => format!("{found}:>N"),
            _ => format!("{found}:"),
        }
    }
}

/// A word of a filter that is not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{short}{}", words.as_ref().map(|it| format!("; there are {it}")).unwrap_or_default())]
pub struct FilterError {
    short: String,
    words: Option<String>,
}

impl FilterError {
    /// The sentence without the list of all words.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.short
    }
}

impl Filter {
    /// Reads a filter for a pane; `None` where there is nothing but white space.
    ///
    /// # Errors
    /// A sentence that names the word that is not understood, the nearest one, and all that would be.
    pub fn parse(pane: Pane, text: &str) -> Result<Option<Self>, FilterError> {
        let text: String = text.trim().chars().filter(|it| !it.is_control()).take(TextInput::MOST).collect();
        let terms =
            words(&text).into_iter().map(|it| term(FilterVocabulary::of(pane), &it)).collect::<Result<Vec<_>, _>>()?;
        Ok((!terms.is_empty()).then_some(Self { text, terms }))
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a row is let through.
    pub(in crate::desk) fn matches(&self, row: &impl FilterFields) -> bool {
        self.terms.iter().all(|term| term.holds(row))
    }
}

impl FilterTerm {
    fn holds(&self, row: &impl FilterFields) -> bool {
        let has = |field: &str, part: &str| row.texts(field).iter().any(|it| it.to_lowercase().contains(part));
        let holds = match &self.want {
            FilterTest::Anywhere(part) => has("", part),
            FilterTest::Field(field, part) => has(field, part),
            FilterTest::Is(state) => row.is(state),
            FilterTest::Above(name, than) => row.number(name).is_some_and(|it| it > *than),
            FilterTest::Below(name, than) => row.number(name).is_some_and(|it| it < *than),
        };
        holds != self.inverse
    }
}

/// The words of a text: apart by spaces, together in quotes.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            _ => word.push(letter),
        }
    }
    words.push(word);
    words.retain(|it| !it.trim().is_empty() && it != "!");
    words
}

fn term(vocabulary: &FilterVocabulary, word: &str) -> Result<FilterTerm, FilterError> {
    let (inverse, rest) = word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
    let known =
        |list: &'static [&'static str], name: &str| list.iter().find(|it| it.eq_ignore_ascii_case(name)).copied();
    let unknown = |what: String, (name, value): (&str, &str)| FilterError {
        short: format!("{what}; the nearest is {}", vocabulary.nearest(name, value)),
        words: Some(vocabulary.words()),
    };
    let want = match rest.split_once(':') {
        Some(said @ (name, value)) if name.eq_ignore_ascii_case("is") => {
            let not_known = || unknown(format!("is:{value} is not known here"), said);
            FilterTest::Is(known(vocabulary.states, value).ok_or_else(not_known)?)
        }
        Some(said @ (name, value)) if value.starts_with(['<', '>']) => {
            let no_number = || unknown(format!("{name} is no number here"), said);
            let number = known(vocabulary.numbers, name).ok_or_else(no_number)?;
            let (sign, digits) = value.split_at(1);
            let no_number = || FilterError { short: format!("{word}: a number belongs after {sign}"), words: None };
            let than = digits.parse().ok().ok_or_else(no_number)?;
            if sign == ">" { FilterTest::Above(number, than) } else { FilterTest::Below(number, than) }
        }
        // A colon also stands in phone numbers and subjects: only a word of letters before it names a field.
        Some(said @ (name, value)) if !name.is_empty() && name.chars().all(|it| it.is_ascii_alphabetic()) => {
            let not_known = || unknown(format!("{name}: is not known here"), said);
            let field = known(vocabulary.fields, name).ok_or_else(not_known)?;
            FilterTest::Field(field, value.to_lowercase())
        }
        Some(_) | None => FilterTest::Anywhere(rest.to_lowercase()),
    };
    Ok(FilterTerm { inverse, want })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ada;

    impl FilterFields for Ada {
        fn texts(&self, field: &str) -> Vec<String> {
            match field {
                "name" => vec!["Ada Byrne".to_owned()],
                "kind" => vec!["user".to_owned()],
                "" => vec!["Ada Byrne".to_owned(), "user".to_owned()],
                _ => Vec::new(),
            }
        }

        fn is(&self, state: &str) -> bool {
            state == "held"
        }

        fn number(&self, name: &str) -> Option<i64> {
            (name == "held").then_some(61)
        }
    }

    #[test]
    fn words_hold_or_not() {
        for (text, lets) in [
            ("ada", true),
            ("BYRNE", true),
            ("bob", false),
            ("!bob", true),
            ("!ada", false),
            ("ada user", true),
            ("ada guest", false),
            ("\"ada byrne\"", true),
            ("\"byrne ada\"", false),
            ("name:ada", true),
            ("kind:ada", false),
            ("!kind:user", false),
            ("is:held", true),
            ("!is:held", false),
            ("is:muted", false),
            ("held:>60", true),
            ("held:>61", false),
            ("held:<62", true),
            ("lobby:>0", false),
            ("+44:", false),
            ("Is:Held NAME:ada", true),
        ] {
            let filter = Filter::parse(Pane::Participants, text).unwrap().unwrap();
            assert_eq!(filter.matches(&Ada), lets, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_says_what_would_be() {
        for (text, says) in [
            ("is:late", "is:late is not known here; the nearest is is:alert; there are is:"),
            ("queue:support", "queue: is not known here"),
            ("age:>3", "age is no number here"),
            ("held:>soon", "a number belongs after >"),
        ] {
            let error = Filter::parse(Pane::Participants, text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert_eq!(Filter::parse(Pane::Calls, "  ! "), Ok(None));
    }

    #[test]
    fn the_nearest_is_by_the_name_and_not_by_what_it_is_to_hold() {
        for (pane, text, nearest) in [
            (Pane::Participants, "nme:petrenko", "name:"),
            (Pane::Operations, "rsult:failed", "result:"),
            (Pane::Calls, "kin:oneToOne", "kind:"),
            (Pane::Participants, "nmae:held", "name:"),
            (Pane::Calls, "knd:live", "kind:"),
            (Pane::Calls, "!KND:live", "kind:"),
            (Pane::Participants, "tiem:60", "time:>N"),
            (Pane::Participants, "held:60", "held:>N"),
            (Pane::Participants, "hled:>60", "held:>N"),
            (Pane::Participants, "name:>60", "time:>N"),
            (Pane::Calls, "is:late", "is:live"),
            (Pane::Calls, "IS:hedl", "is:held"),
            (Pane::Calls, "si:hedl", "is:held"),
        ] {
            let error = Filter::parse(pane, text).unwrap_err();
            assert!(error.short().ends_with(&format!("; the nearest is {nearest}")), "{text}: {}", error.short());
        }
    }
}
