//! Hosts and the sites they belong to, as far as a rule must tell relatives from strangers.
//!
//! The public suffix list is not built in: it is large, and ages. A host's site is taken to be its
//! last two labels, or three under the suffixes of the small tables here. A rule that rests on this
//! must word what it says as an observation.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Second-level labels under which countries register names (`example.co.uk`).
const COUNTRY_SECOND_LEVELS: [&str; 12] = [
    "ac", "co", "com", "edu", "gob", "gov", "go", "ne", "net", "or", "org", "gv",
];

/// Suffixes under which anyone can have a host.
const SHARED_SUFFIXES: [&str; 36] = [
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "netlify.app",
    "vercel.app",
    "now.sh",
    "pages.dev",
    "workers.dev",
    "web.app",
    "firebaseapp.com",
    "appspot.com",
    "run.app",
    "azurewebsites.net",
    "azurestaticapps.net",
    "cloudapp.net",
    "blob.core.windows.net",
    "s3.amazonaws.com",
    "cloudfront.net",
    "elasticbeanstalk.com",
    "amplifyapp.com",
    "onrender.com",
    "fly.dev",
    "glitch.me",
    "surge.sh",
    "repl.co",
    "replit.app",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "trycloudflare.com",
    "loca.lt",
    "deno.dev",
    "stackblitz.io",
    "csb.app",
    "codesandbox.io",
    "blogspot.com",
];

/// Top-level names that no one can register (RFC 2606, RFC 6762, RFC 8375 and ICANN's `internal`).
const LOCAL_SUFFIXES: [&str; 10] = [
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "corp",
    "home",
    "home.arpa",
    "private",
    "localdomain",
];

/// The scheme and host of a serialized origin.
pub(super) fn scheme_and_host(origin: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memmem::find(origin, b"://")?;
    let (scheme, rest) = origin.split_at(at);
    Some((scheme, host(rest.get(3..)?)))
}

/// The host of an authority: without port.
pub(super) fn host(authority: &[u8]) -> &[u8] {
    if authority.first() == Some(&b'[') {
        let end = memchr::memchr(b']', authority).map_or(authority.len(), |end| end + 1);
        return authority.get(..end).unwrap_or_default();
    }
    let end = memchr::memchr(b':', authority).unwrap_or(authority.len());
    authority.get(..end).unwrap_or_default()
}

fn ipv4(host: &[u8]) -> Option<Ipv4Addr> {
    host.first().filter(|b| b.is_ascii_digit())?;
    std::str::from_utf8(host).ok()?.parse().ok()
}

fn ipv6(host: &[u8]) -> Option<Ipv6Addr> {
    let address = host.strip_prefix(b"[")?.strip_suffix(b"]")?;
    std::str::from_utf8(address).ok()?.parse().ok()
}

fn is_address(host: &[u8]) -> bool {
    ipv4(host).is_some() || ipv6(host).is_some()
}

/// Whether a host is the machine itself.
pub(super) fn is_loopback(host: &[u8]) -> bool {
    ends_with_labels(host, "localhost")
        || ipv4(host).is_some_and(|ip| ip.is_loopback())
        || ipv6(host).is_some_and(|ip| ip.is_loopback())
}

/// Whether a host can only be one of a private network: by its address, or by its name.
pub(super) fn is_private(host: &[u8]) -> bool {
    if let Some(ip) = ipv4(host) {
        return ip.is_private() || ip.is_link_local();
    }
    if let Some(ip) = ipv6(host) {
        return ip.is_unique_local() || ip.is_unicast_link_local();
    }
    !is_loopback(host)
        && (LOCAL_SUFFIXES.iter().any(|s| ends_with_labels(host, s)) || !host.contains(&b'.'))
}

/// Whether a host is one that the whole Internet can reach, by its name or address alone.
pub(super) fn is_public(host: &[u8]) -> bool {
    // `.test`, `.example` and `.invalid` are for tests and texts (RFC 2606).
    let reserved = ["test", "example", "invalid"];
    !host.is_empty()
        && !is_loopback(host)
        && !is_private(host)
        && !reserved.iter().any(|s| ends_with_labels(host, s))
}

/// Whether a host is `suffix` or a name below it; case does not count.
fn ends_with_labels(host: &[u8], suffix: &str) -> bool {
    let Some(at) = host.len().checked_sub(suffix.len()) else {
        return false;
    };
    let (before, end) = host.split_at(at);
    end.eq_ignore_ascii_case(suffix.as_bytes()) && (before.is_empty() || before.ends_with(b"."))
}

/// The shared-hosting suffix that a host stands under, not being it.
pub(super) fn shared_suffix(host: &[u8]) -> Option<&'static str> {
    // This runs for most answers: the last letter spares most comparisons.
    let last = host.last()?.to_ascii_lowercase();
    SHARED_SUFFIXES.into_iter().find(|suffix| {
        suffix.as_bytes().last() == Some(&last)
            && host.len() > suffix.len()
            && ends_with_labels(host, suffix)
    })
}

/// The part of a host that one owner has: `example.co.uk` of `a.b.example.co.uk`; an address or a
/// single label is its own.
pub(super) fn site(host: &[u8]) -> &[u8] {
    if is_address(host) {
        return host;
    }
    if let Some(suffix) = shared_suffix(host) {
        let owner = host
            .get(..host.len() - suffix.len() - 1)
            .unwrap_or_default();
        let start = memchr::memrchr(b'.', owner).map_or(0, |dot| dot + 1);
        return host.get(start..).unwrap_or_default();
    }
    let mut dots = memchr::memrchr_iter(b'.', host);
    let last = dots.next();
    let second = dots.next();
    let third = dots.next();
    let from = |dot: Option<usize>| {
        let start = dot.map_or(0, |dot| dot + 1);
        host.get(start..).unwrap_or_default()
    };
    let (Some(last), Some(second_dot)) = (last, second) else {
        return host;
    };
    let country = host.len() - last == 3;
    let label = host.get(second_dot + 1..last).unwrap_or_default();
    let registered_below = |l: &str| label.eq_ignore_ascii_case(l.as_bytes());
    if country && COUNTRY_SECOND_LEVELS.iter().any(|l| registered_below(l)) {
        return from(third);
    }
    from(second)
}

/// Whether two hosts belong to one site.
pub(super) fn is_same_site(one: &[u8], other: &[u8]) -> bool {
    site(one).eq_ignore_ascii_case(site(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_what_one_owner_has() {
        for (host, expected) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("a.example.co.uk", "example.co.uk"),
            ("example.co.uk", "example.co.uk"),
            ("me.github.io", "me.github.io"),
            ("a.me.github.io", "me.github.io"),
            ("localhost", "localhost"),
            ("10.1.2.3", "10.1.2.3"),
            ("[::1]", "[::1]"),
            ("a.test", "a.test"),
        ] {
            assert_eq!(site(host.as_bytes()), expected.as_bytes(), "{host}");
        }
    }

    #[test]
    fn hosts_are_loopback_private_or_public() {
        for (host, loopback, private, public) in [
            ("localhost", true, false, false),
            ("a.localhost", true, false, false),
            ("127.0.0.9", true, false, false),
            ("[::1]", true, false, false),
            ("192.168.1.1", false, true, false),
            ("[fd00::1]", false, true, false),
            ("printer", false, true, false),
            ("db.internal", false, true, false),
            ("shop.com", false, false, true),
            ("8.8.8.8", false, false, true),
            ("api.test", false, false, false),
        ] {
            let bytes = host.as_bytes();
            let found = (is_loopback(bytes), is_private(bytes), is_public(bytes));
            assert_eq!(found, (loopback, private, public), "{host}");
        }
    }

    #[test]
    fn hosts_of_origins() {
        for (origin, expected) in [
            ("http://a.test:80", Some(("http", "a.test"))),
            ("https://[::1]:8", Some(("https", "[::1]"))),
            ("null", None),
        ] {
            let expected = expected.map(|(s, h): (&str, &str)| (s.as_bytes(), h.as_bytes()));
            assert_eq!(scheme_and_host(origin.as_bytes()), expected);
        }
    }
}
