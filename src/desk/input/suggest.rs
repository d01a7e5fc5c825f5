//! Suggests the word that a misspelled one may stand for.

/// The characters that are compared. Every known word is shorter; a typed one may be far longer.
const LONGEST: usize = 64;

/// Returns the word most like the written one, in any case; the first of several, and an empty text if
/// there are no words.
pub fn nearest<'a>(words: impl Iterator<Item = &'a str>, written: &str) -> &'a str {
    let written: String = written.to_lowercase().chars().take(LONGEST).collect();
    words.min_by_key(|it| strsim::damerau_levenshtein(&it.to_lowercase(), &written)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_found_whatever_the_case_and_the_length() {
        let long = format!("mute{}", "e".repeat(1_000_000));
        for (written, found) in
            [("muet", "mute"), ("RELAESE", "release"), ("Hld", "Hold"), ("", "mute"), (long.as_str(), "mute")]
        {
            assert_eq!(nearest(["mute", "release", "Hold"].into_iter(), written), found, "{written:.20}");
        }
        assert_eq!(nearest(std::iter::empty(), "mute"), "");
    }
}
