//! The expiry of a certificate. Reads only this date, and verifies nothing.

use tokio_rustls::rustls::pki_types::CertificateDer;
use x509_cert::der::Decode as _;

use crate::time::Timestamp;

/// Returns the earliest expiry in a chain of certificates, which ends the chain, or `None` if no date can be read.
pub(crate) fn ends(chain: &[CertificateDer<'_>]) -> Option<Timestamp> {
    chain.iter().filter_map(|it| end(it)).min()
}

fn end(certificate: &[u8]) -> Option<Timestamp> {
    let certificate = x509_cert::Certificate::from_der(certificate).ok()?;
    let end = certificate.tbs_certificate().validity().not_after.to_unix_duration();
    Some(Timestamp(i64::try_from(end.as_millis()).ok()?))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, date_time_ymd};

    use super::*;

    fn until(year: i32) -> CertificateDer<'static> {
        let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.not_after = date_time_ymd(year, 11, 6);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn a_chain_expires_with_its_first_certificate_to_expire() {
        let day = |text: &str| Some(Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond()));
        assert_eq!(ends(&[until(2051)]), day("2051-11-06T00:00:00Z"));
        assert_eq!(ends(&[until(2051), until(2027), until(2031)]), day("2027-11-06T00:00:00Z"));
        assert_eq!(ends(&[CertificateDer::from(vec![1, 2, 3])]), None);
    }
}
