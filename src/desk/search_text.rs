//! The form in which texts are compared, so that a filter, a search or a typed name matches in any case and with
//! or without accents.

use std::borrow::Cow;

use icu_casemap::CaseMapper;
use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;

/// Returns a text without case, compatibility forms and accents, so that `jose` is in the form of `José` in either of
/// its spellings, and `mass` in that of `Maß`.
#[must_use]
pub(in crate::desk) fn search_text(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return if text.chars().any(|it| it.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
    }
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(text);
    let classes = CanonicalCombiningClassMapBorrowed::new();
    let bare: String = decomposed.chars().filter(|it| !is_accent(classes.get_u8(*it))).collect();
    Cow::Owned(CaseMapper::new().fold_string(&bare).into_owned())
}

/// Returns whether a canonical combining class is that of an accent or a point. Overlays (1), nuktas (7), kana voicing
/// (8) and viramas (9) make a different letter, so they stay.
const fn is_accent(class: u8) -> bool {
    class >= 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_in_any_case_width_and_spelling() {
        for (text, form) in [
            ("Ada Byrne", "ada byrne"),
            ("Jos\u{e9}", "jose"),
            ("Jose\u{301}", "jose"),
            ("\u{130}stanbul", "istanbul"),
            ("Ma\u{df}", "mass"),
            ("\u{fb01}sh", "fish"),
            ("\u{ff21}\u{ff44}\u{ff41}", "ada"),
            ("\u{39f}\u{394}\u{3a5}\u{3a3}\u{3a3}\u{395}\u{3a3}", "\u{3bf}\u{3b4}\u{3c5}\u{3c3}\u{3c3}\u{3b5}\u{3c3}"),
            ("Nguy\u{1ec5}n", "nguyen"),
            ("plain", "plain"),
            ("", ""),
        ] {
            assert_eq!(search_text(text), form, "{text}");
        }
    }

    #[test]
    fn marks_that_make_another_letter_stay() {
        assert_ne!(search_text("\u{304b}"), search_text("\u{304c}"), "kana voicing");
        assert_ne!(search_text("\u{915}"), search_text("\u{958}"), "nukta");
        assert_eq!(search_text("\u{304c}"), search_text("\u{304b}\u{3099}"), "either spelling");
    }
}
