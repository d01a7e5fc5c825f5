//! The macro for Graph's open enums: read in any letter case, written exactly, with unknown texts preserved.

/// Declares an open enum: each member with its exact wire text, and an `Unknown` member for every other text.
///
/// `named "…"` after the Rust name gives Graph's own name where that differs: errors and `inspect` show it.
macro_rules! open_enum {
    (@graphs_name $name:ident) => { stringify!($name) };
    (@graphs_name $name:ident $graphs:literal) => { $graphs };
    ($(#[$doc:meta])* $name:ident $(named $graphs:literal)? { $($member:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`.")] $member,)+
            /// A text that this version does not know, as received.
            Unknown(Box<str>),
        }

        impl $name {
            /// Reads the wire text in any case.
            #[must_use]
            pub fn parse(text: &str) -> Self {
                $(if text.eq_ignore_ascii_case($text) {
                    return Self::$member;
                })+
                Self::Unknown(text.into())
            }

            /// Returns the exact wire text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$member => $text,)+
                    Self::Unknown(text) => text,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::graph::lenient::named_text::named_text(deserializer, concat!($crate::graph::open_enum::open_enum!(@graphs_name $name $($graphs)?) $(, "|", $text)+), Self::parse)
            }
        }
    };
}

pub(super) use open_enum;
