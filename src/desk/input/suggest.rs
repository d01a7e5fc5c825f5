//! The word that somebody may have meant who wrote one that is not known. Knows no list of words.

/// No word of ours is longer; what is written may be.
const LONGEST: usize = 64;

/// Of these words the one that is spelled most like what was written, whatever its case; of equals the first, and an
/// empty text where there is none.
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
