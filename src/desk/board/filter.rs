//! The filter language: words that a row must match, or must not. It works on text; `row_values`
//! supplies a row's values.
//!
//! Words are separated by spaces and must all match. `acme` may appear anywhere in the row, `"two words"` is one word,
//! `!acme` must not appear, `state:established` searches one field, `is:held` tests a state, and `people:>3` and
//! `held:<60` compare numbers (times in seconds).

use crate::desk::input::text_input::TextInput;
use crate::desk::nearest;
use crate::desk::search_text::search_text;
use crate::desk::vocab::Pane;

/// The filter of a pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<FilterTerm>,
}

/// One word of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
struct FilterTerm {
    inverse: bool,
    test: FilterTest,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum FilterTest {
    /// Anywhere in the row's text; in the form of [`search_text`].
    Anywhere(String),
    /// In one field; in the form of [`search_text`].
    Field(&'static str, String),
    /// A state after `is:`.
    Is(&'static str),
    /// A number above this one.
    Above(&'static str, i64),
    /// A number below this one.
    Below(&'static str, i64),
}

/// The words that a pane's filter understands.
#[derive(Debug)]
pub struct FilterVocabulary {
    /// The text fields.
    pub fields: &'static [&'static str],
    /// The states after `is:`.
    pub states: &'static [&'static str],
    /// The numbers; times are in seconds.
    pub numbers: &'static [&'static str],
}

/// The values of a row, by the words of its pane's [`FilterVocabulary`].
pub(in crate::desk) trait FilterFields {
    /// Returns the texts of a field, or of all fields if `field` is empty. Untrusted.
    fn texts(&self, field: &str) -> Vec<String>;
    /// Returns whether the row is in this state.
    fn is(&self, state: &str) -> bool;
    /// Returns a number, if the row has it.
    fn number(&self, name: &str) -> Option<i64>;
}

impl FilterVocabulary {
    /// Returns the vocabulary of a pane.
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

    /// Returns all words as a list for people.
    #[must_use]
    pub fn words(&self) -> String {
        self.each().collect::<Vec<_>>().join(" ")
    }

    /// Returns the words that begin with the typed text, without the text itself.
    pub(in crate::desk) fn completions(&self, begun: &str) -> Vec<String> {
        let begun = begun.to_lowercase();
        self.each().filter(|it| it.starts_with(&begun) && *it != begun).collect()
    }

    fn each(&self) -> impl Iterator<Item = String> {
        let fields = self.fields.iter().map(|it| format!("{it}:"));
        let states = self.states.iter().map(|it| format!("is:{it}"));
        let numbers = self.numbers.iter().map(|it| format!("{it}:>N"));
        states.chain(fields).chain(numbers)
    }

    /// Returns the word most like `name:value`. A wrong value says nothing about how the name is spelled, so only names
    /// are compared; if the value compares numbers, only the names of numbers are.
    fn nearest(&self, name: &str, value: &str) -> String {
        let compares = value.starts_with(['<', '>']);
        let found = self.nearest_name(name, compares);
        if found == "is" {
            format!("is:{}", nearest(self.states.iter().copied(), value))
        } else if compares || !self.fields.contains(&found) {
            format!("{found}:>N")
        } else {
            format!("{found}:")
        }
    }

    fn nearest_name(&self, name: &str, compares: bool) -> &'static str {
        let [fields, numbers] = [self.fields, self.numbers].map(|it| it.iter().copied());
        if name.eq_ignore_ascii_case("is") {
            "is"
        } else if compares {
            nearest(numbers, name)
        } else {
            nearest(fields.chain(numbers).chain(std::iter::once("is")), name)
        }
    }
}

/// Why a text is not a valid filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{short}{}", words.as_ref().map(|it| format!("; there are {it}")).unwrap_or_default())]
pub struct FilterError {
    short: String,
    words: Option<String>,
}

impl FilterError {
    /// Returns the sentence without the list of all words.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.short
    }
}

impl Filter {
    /// Parses the filter of a pane; `None` for a text of white space only.
    ///
    /// # Errors
    /// A sentence that names the wrong word, the nearest valid one, and every valid one.
    pub fn parse(pane: Pane, text: &str) -> Result<Option<Self>, FilterError> {
        let text: String = text.trim().chars().filter(|it| !it.is_control()).take(TextInput::MOST).collect();
        let terms =
            words(&text).into_iter().map(|it| term(FilterVocabulary::of(pane), &it)).collect::<Result<Vec<_>, _>>()?;
        Ok((!terms.is_empty()).then_some(Self { text, terms }))
    }

    /// Returns the text as typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns whether a row matches.
    pub(in crate::desk) fn matches(&self, row: &impl FilterFields) -> bool {
        self.terms.iter().all(|term| term.holds(row))
    }

    /// Returns whether it tests one of these states.
    pub(in crate::desk) fn tests_state(&self, states: &[&str]) -> bool {
        self.terms.iter().any(|it| matches!(it.test, FilterTest::Is(state) if states.contains(&state)))
    }

    /// Returns the numbers that it compares, each with the least value on the other side of the comparison from zero.
    pub(in crate::desk) fn thresholds(&self) -> impl Iterator<Item = (&'static str, i64)> {
        self.terms.iter().filter_map(|it| match it.test {
            FilterTest::Above(name, than) => Some((name, than.saturating_add(1))),
            FilterTest::Below(name, than) => Some((name, than)),
            FilterTest::Anywhere(_) | FilterTest::Field(..) | FilterTest::Is(_) => None,
        })
    }
}

impl FilterTerm {
    fn holds(&self, row: &impl FilterFields) -> bool {
        let has = |field: &str, part: &str| row.texts(field).iter().any(|it| search_text(it).contains(part));
        let holds = match &self.test {
            FilterTest::Anywhere(part) => has("", part),
            FilterTest::Field(field, part) => has(field, part),
            FilterTest::Is(state) => row.is(state),
            FilterTest::Above(name, than) => row.number(name).is_some_and(|it| it > *than),
            FilterTest::Below(name, than) => row.number(name).is_some_and(|it| it < *than),
        };
        holds != self.inverse
    }
}

/// Splits a text into words: at spaces, but not inside quotes.
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
    let test = match rest.split_once(':') {
        Some(said @ (name, value)) if name.eq_ignore_ascii_case("is") => {
            let not_known = || unknown(format!("is:{value} is not known here"), said);
            FilterTest::Is(known(vocabulary.states, value).ok_or_else(not_known)?)
        }
        Some(said @ (name, value)) if value.starts_with(['<', '>']) => {
            let not_a_number = || unknown(format!("{name} is not a number here"), said);
            let number = known(vocabulary.numbers, name).ok_or_else(not_a_number)?;
            let (sign, digits) = value.split_at(1);
            let no_digits = || FilterError { short: format!("{word}: a number belongs after {sign}"), words: None };
            let than = digits.parse().ok().ok_or_else(no_digits)?;
            if sign == ">" { FilterTest::Above(number, than) } else { FilterTest::Below(number, than) }
        }
        // Phone numbers and subjects contain colons too, so only a word of letters before a colon names a field.
        Some(said @ (name, value)) if !name.is_empty() && name.chars().all(|it| it.is_ascii_alphabetic()) => {
            let not_known = || unknown(format!("{name}: is not known here"), said);
            let field = known(vocabulary.fields, name).ok_or_else(not_known)?;
            FilterTest::Field(field, search_text(value).into_owned())
        }
        Some(_) | None => FilterTest::Anywhere(search_text(rest).into_owned()),
    };
    Ok(FilterTerm { inverse, test })
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
    fn a_name_is_found_in_either_spelling_without_its_accents() {
        struct Jose(&'static str);
        impl FilterFields for Jose {
            fn texts(&self, _field: &str) -> Vec<String> {
                vec![self.0.to_owned()]
            }
            fn is(&self, _state: &str) -> bool {
                false
            }
            fn number(&self, _name: &str) -> Option<i64> {
                None
            }
        }
        for name in ["Jos\u{e9} Ruiz", "Jose\u{301} Ruiz", "JOSE RUIZ"] {
            for text in ["jose", "JOS\u{c9}", "name:jose\u{301}", "!josef"] {
                let filter = Filter::parse(Pane::Participants, text).unwrap().unwrap();
                assert!(filter.matches(&Jose(name)), "{text} in {name}");
            }
        }
    }

    #[test]
    fn what_is_not_understood_says_what_would_be() {
        for (text, says) in [
            ("is:late", "is:late is not known here; the nearest is is:alert; there are is:"),
            ("queue:support", "queue: is not known here"),
            ("age:>3", "age is not a number here"),
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
