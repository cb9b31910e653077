//! Short names of headers in the notations of tests: those of tables, and those of the rules' own.

pub(crate) const SHORT: [(&str, &str); 13] = [
    ("ACAO", "Access-Control-Allow-Origin"),
    ("ACAC", "Access-Control-Allow-Credentials"),
    ("ACAM", "Access-Control-Allow-Methods"),
    ("ACAH", "Access-Control-Allow-Headers"),
    ("ACEH", "Access-Control-Expose-Headers"),
    ("ACMA", "Access-Control-Max-Age"),
    ("ACRM", "Access-Control-Request-Method"),
    ("ACRH", "Access-Control-Request-Headers"),
    ("Site", "Sec-Fetch-Site"),
    ("Mode", "Sec-Fetch-Mode"),
    ("SFSA", "Sec-Fetch-Storage-Access"),
    ("O", "Origin"),
    ("L", "Location"),
];

/// The name that a short one stands for; any other is itself.
pub(crate) fn full(name: &str) -> &str {
    let known = SHORT.iter().find(|(short, _)| *short == name);
    known.map_or(name, |(_, full)| full)
}
