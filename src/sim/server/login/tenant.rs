//! The tenant that an address of the token endpoint names: by its id, by a domain name, or not at all.

use uuid::Uuid;

use super::refusal::LoginRefusal;

/// A tenant, as the first segment of a path names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sim::server) enum NamedTenant {
    /// One tenant, by its id. Every id is a tenant, as for a multi-tenant application. Every domain name is one of the
    /// application's home tenant.
    One(Box<str>),
    /// No particular one: `common`, `organizations` or `consumers`.
    Any,
    /// The text is neither an id nor a domain name.
    Malformed,
}

impl NamedTenant {
    /// Reads the segment of a path.
    pub(in crate::sim::server) fn read(segment: &str, home: &str) -> Self {
        if Uuid::parse_str(segment).is_ok() {
            Self::One(segment.into())
        } else if ["common", "organizations", "consumers"].iter().any(|it| segment.eq_ignore_ascii_case(it)) {
            Self::Any
        } else if is_domain(segment) {
            Self::One(home.into())
        } else {
            Self::Malformed
        }
    }

    /// Requires one tenant, for a token of an application.
    pub(in crate::sim::server) fn one(self, segment: &str) -> Result<Box<str>, LoginRefusal> {
        let error = match self {
            Self::One(id) => return Ok(id),
            Self::Any => {
                "AADSTS50059: No tenant-identifying information found in either the request or implied by any provided \
                 credentials."
                    .to_owned()
            }
            Self::Malformed => format!(
                "AADSTS900023: Specified tenant identifier {segment:?} is neither a valid DNS name, nor a valid external \
                 domain."
            ),
        };
        Err(LoginRefusal::bad("invalid_request", error))
    }
}

/// Returns whether a text is a domain name of at least two labels.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_inner = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_an_id_a_domain_name_or_no_particular_one() {
        const HOME: &str = "0e1d3b1f-7c1c-4f3a-8b0a-8c1f6d0f5a11";
        const OTHER: &str = "86dc81db-c112-4228-9222-63f300aa1edb";
        let one = |id: &str| NamedTenant::One(id.into());
        for (segment, expected) in [
            (OTHER, one(OTHER)),
            ("contoso.com", one(HOME)),
            ("Contoso.onmicrosoft.com", one(HOME)),
            ("common", NamedTenant::Any),
            ("Organizations", NamedTenant::Any),
            ("contoso", NamedTenant::Malformed),
            ("contoso..com", NamedTenant::Malformed),
            ("-contoso.com", NamedTenant::Malformed),
            ("contoso com.x", NamedTenant::Malformed),
            (".", NamedTenant::Malformed),
        ] {
            assert_eq!(NamedTenant::read(segment, HOME), expected, "{segment}");
        }
    }
}
