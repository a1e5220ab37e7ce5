//! Who somebody is in the journal: unambiguous, short, and no name of a person.

use mukae_record::Principal;

/// Bytes of an issuer.
const ISSUER_MAX: usize = 200;

/// Whether a configuration may name an issuer so: nothing else is written like its principals then.
pub fn is_fit_for_issuer(issuer: &str) -> bool {
    let is_plain = issuer.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'|' && byte != b'+');
    (1..=ISSUER_MAX).contains(&issuer.len()) && is_plain && issuer != "cert" && issuer != "hash"
}

/// `{issuer}|{subject}`, or `hash|` and a hash of both where that would be too long, or where the subject looks like
/// something one could call or write to: a journal holds no names and no numbers of people.
pub fn of_token(issuer: &str, subject: &str) -> Principal {
    let is_plain = subject.bytes().all(|byte| byte.is_ascii_graphic()) && !is_personal(subject);
    let plain = is_plain.then(|| Principal::new(format!("{issuer}|{subject}")).ok()).flatten();
    plain.unwrap_or_else(|| {
        let mut hasher = blake3::Hasher::new();
        // An issuer has no `|`: the two can not be cut elsewhere.
        hasher.update(issuer.as_bytes()).update(b"|").update(subject.as_bytes());
        Principal::new(format!("hash|{}", hasher.finalize().to_hex())).expect("69 bytes")
    })
}

/// A machine by its name in the configuration.
pub fn of_certificate(name: &str) -> Principal {
    Principal::new(format!("cert|{name}")).expect("an id has at most 63 bytes")
}

/// An address of mail, or a telephone number.
fn is_personal(subject: &str) -> bool {
    let is_number = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'(' | b')' | b'.');
    subject.contains('@') || (7 <= subject.len() && subject.bytes().all(is_number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_are_short_and_never_mixed_up() {
        let of = |issuer: &str, subject: &str| of_token(issuer, subject).as_str().to_owned();
        assert_eq!(of("https://id.example.jp", "u-17"), "https://id.example.jp|u-17");
        let long = of("https://id.example.jp", &"x".repeat(200));
        assert!(long.starts_with("hash|") && long.len() == 69, "{long}");
        assert_ne!(long, of("https://id.example.jp", &"x".repeat(201)));
        assert!(!is_fit_for_issuer("a|b") && !is_fit_for_issuer("hash") && !is_fit_for_issuer("cert"));
        assert!(is_fit_for_issuer("https://id.example.jp/realms/asahi"));
    }

    #[test]
    fn the_journal_holds_no_address_and_no_number() {
        for subject in ["hanako@example.jp", "+81-765-00-0000", "0765000000", "朝日花子", "朝日 花子"] {
            let principal = of_token("line", subject);
            assert!(principal.as_str().starts_with("hash|"), "{principal:?}");
        }
    }
}
