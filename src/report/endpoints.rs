//! The policy of each endpoint as observed, and what its preflights cost, for people.

use std::io::{self, Write};

use crate::cors::advice::Findings;
use crate::cors::advice::cost::PreflightCost;
use crate::cors::advice::policy::Policy;
use crate::report::capture::Look;
use crate::report::text::Paint;
use crate::session::counted;
use crate::wire_text::printable;

/// Endpoints in a report for people; the rest is a matter for JSON.
const SHOWN: usize = 20;

pub(super) fn write_endpoints(
    findings: &Findings,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    if findings.policies.is_empty() {
        return Ok(());
    }
    let title = look.paint(Paint::Bold, "Policy as observed");
    writeln!(out, "{title}")?;
    for policy in findings.policies.iter().take(SHOWN) {
        writeln!(out, "  {}", printable(&policy.endpoint.to_string()))?;
        writeln!(out, "      {}", printable(&said(policy)))?;
        let mut costs = findings.costs.iter();
        if let Some(cost) = costs.find(|cost| cost.endpoint == policy.endpoint) {
            writeln!(out, "      {}", spent(cost))?;
        }
    }
    if let Some(n) = findings
        .policies
        .len()
        .checked_sub(SHOWN)
        .filter(|n| *n > 0)
    {
        writeln!(out, "  … and {n} more (--format json shows all)")?;
    }
    writeln!(out)
}

/// What the endpoint allowed, in one line.
fn said(policy: &Policy) -> String {
    let mut parts = Vec::new();
    let mut add = |label: &str, values: &[String]| {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        if !values.is_empty() {
            parts.push(format!("{label} {}", values.join(", ")));
        }
    };
    add("allows", &policy.origins);
    add("not", &policy.origins_refused);
    add("methods", &policy.methods);
    add("headers", &policy.headers);
    add("exposes", &policy.exposed);
    let none = |age: &String| if age.is_empty() { "none" } else { age }.to_owned();
    let ages: Vec<String> = policy.max_ages.iter().map(none).collect();
    add("max-age", &ages);
    if policy.credentials {
        parts.push("with credentials".to_owned());
    }
    if policy.more {
        parts.push("…".to_owned());
    }
    parts.join("; ")
}

/// What the preflights cost, in one line.
fn spent(cost: &PreflightCost) -> String {
    let median = cost.median_ms.map(|ms| format!(", median {ms:.1} ms"));
    let spared = (cost.sparable > 0).then(|| {
        let (count, ms) = (cost.sparable, cost.sparable_ms);
        format!("; {count} of them ({ms:.1} ms) to be spared by Access-Control-Max-Age: 7200")
    });
    format!(
        "{} for {}: {:.1} ms{}{}",
        counted(cost.preflights, "preflight"),
        counted(cost.actuals, "request"),
        cost.total_ms,
        median.unwrap_or_default(),
        spared.unwrap_or_default()
    )
}
