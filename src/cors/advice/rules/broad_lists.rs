//! L-15: lists of methods and headers that allow more than the page needs.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Evidence, Sink, several};
use crate::http::headers::list_elements;

pub(super) static L_15: Rule = Rule {
    number: 15,
    id: "L-15",
    severity: Severity::Low,
    title: "lists that allow more than is used",
    what: "A preflight's answer allows methods that nobody uses here or that browsers never send, or just repeats whatever headers the preflight asks for.",
    why: "What is allowed without need is there to be attacked; CONNECT, TRACE and TRACK can never be used by a page.",
    fix: "list the methods and headers that the endpoint serves",
    example: "HTTP/1.1 204 No Content\nAccess-Control-Allow-Methods: GET, HEAD, POST, PUT, PATCH, DELETE, TRACE",
};

/// More methods than these (besides GET, HEAD, POST and OPTIONS, whose listing changes nothing) are
/// rarely all served by one URL. Frameworks list PUT, PATCH and DELETE by default: those are not
/// complained about.
const METHODS_EXPECTED: usize = 3;

/// What is kept of one endpoint's lists.
#[derive(Clone, Default)]
pub(super) struct Lists {
    /// The longest list of methods that change something.
    methods: Vec<Box<[u8]>>,
    methods_evidence: Evidence,
    /// A list of header names that was asked for and came back the same.
    echoed: Option<(Box<[u8]>, Evidence)>,
    /// Another one.
    echoed_too: Option<(Box<[u8]>, Evidence)>,
    /// Some answer allowed other names than were asked for.
    own_list: bool,
}

impl Lists {
    pub(super) fn observe(&mut self, answer: &Answer<'_>, sink: &mut Sink<'_>) {
        if !answer.preflight || !answer.is_ok() {
            return;
        }
        if let Some(value) = answer.cors.allow_methods.first {
            let impossible = |m: &&[u8]| matches!(*m, b"CONNECT" | b"TRACE" | b"TRACK");
            if list_elements(value).any(|method| impossible(&method)) {
                sink.add(&L_15, || {
                    let methods = list_elements(value).filter(impossible);
                    format!(
                        "Access-Control-Allow-Methods lists {}, which no page can use",
                        several(methods)
                    )
                });
            }
            let counts = |m: &&[u8]| {
                !matches!(
                    *m,
                    b"GET"
                        | b"HEAD"
                        | b"POST"
                        | b"OPTIONS"
                        | b"CONNECT"
                        | b"TRACE"
                        | b"TRACK"
                        | b"*"
                )
            };
            let count = list_elements(value).filter(counts).count();
            if count > METHODS_EXPECTED && count > self.methods.len() && count <= 64 {
                self.methods = list_elements(value).filter(counts).map(Box::from).collect();
                self.methods_evidence = answer.evidence;
            }
        }
        self.observe_headers(answer);
    }

    fn observe_headers(&mut self, answer: &Answer<'_>) {
        if self.own_list {
            return;
        }
        let Some(asked) = answer
            .request()
            .values("access-control-request-headers")
            .next()
        else {
            self.own_list |= answer.cors.allow_headers.is_there();
            return;
        };
        let Some(allowed) = answer.cors.allow_headers.single() else {
            return;
        };
        let same = list_elements(allowed)
            .map(<[u8]>::to_ascii_lowercase)
            .eq(list_elements(asked).map(<[u8]>::to_ascii_lowercase));
        if !same {
            self.own_list = true;
        } else if asked.len() <= 256 {
            match &self.echoed {
                None => self.echoed = Some((asked.into(), answer.evidence)),
                Some((known, _)) if **known != *asked && self.echoed_too.is_none() => {
                    self.echoed_too = Some((asked.into(), answer.evidence));
                }
                Some(_) => {}
            }
        }
    }

    pub(super) fn conclude(&self, methods_used: &[Box<[u8]>], sink: &mut Sink<'_>) {
        let unused = || {
            let used = |m: &&[u8]| methods_used.iter().any(|used| **used == **m);
            self.methods
                .iter()
                .map(AsRef::as_ref)
                .filter(move |m| !used(m))
        };
        if self.methods.len() > METHODS_EXPECTED && unused().next().is_some() {
            sink.about(self.methods_evidence).add(&L_15, || {
                format!(
                    "Access-Control-Allow-Methods lists {} methods beyond the safelisted ones; {} never used in this capture",
                    self.methods.len(),
                    match unused().count() {
                        1 => format!("{} was", several(unused())),
                        _ => format!("{} were", several(unused())),
                    }
                )
            });
        }
        if let (Some(one), Some(other), false) = (&self.echoed, &self.echoed_too, self.own_list) {
            sink.about(one.1).add(&L_15, || {
                format!(
                    "observed: Access-Control-Allow-Headers repeats what the preflight asks for ({}; {})",
                    several([&*one.0]),
                    several([&*other.0])
                )
            });
            sink.rest_on(&L_15, &[other.1], 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn lists_beyond_what_is_used() {
        let methods = |list: &str| {
            format!("OPTIONS / | Origin: http://a.org | ACRM: PUT => 204 | ACAO: * | ACAM: {list}")
        };
        let headers = |asked: &str, allowed: &str| {
            format!(
                "OPTIONS / | Origin: http://a.org | ACRM: GET | ACRH: {asked} => 204 | ACAO: * | ACAH: {allowed}"
            )
        };
        check(
            &["L-15"],
            &[
                (
                    "a framework's default",
                    &[&methods("GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS")],
                    &[],
                ),
                (
                    "many",
                    &[&methods("PUT, PATCH, DELETE, PROPFIND, LINK")],
                    &["L-15"],
                ),
                ("impossible", &[&methods("GET, TRACE")], &["L-15"]),
                ("any", &[&methods("*")], &[]),
                ("one echo", &[&headers("x-a", "x-a")], &[]),
                (
                    "two echoes",
                    &[&headers("x-a", "x-a"), &headers("x-b", "X-B")],
                    &["L-15"],
                ),
                (
                    "the same twice",
                    &[&headers("x-a", "x-a"), &headers("x-a", "x-a")],
                    &[],
                ),
                (
                    "a list of its own",
                    &[
                        &headers("x-a", "x-a"),
                        &headers("x-b", "X-B"),
                        &headers("x-c", "x-a,x-b,x-c"),
                    ],
                    &[],
                ),
            ],
        );
    }
}
