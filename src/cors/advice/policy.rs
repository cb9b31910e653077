//! The policy as observed: what one endpoint allowed, as far as the capture shows.

use crate::cors::advice::answer::Answer;
use crate::cors::advice::endpoint::Endpoint;
use crate::http::headers::list_elements;
use crate::wire_text::wire_text;

/// Longer values are not kept.
const LONGEST_VALUE: usize = 256;

/// What one endpoint allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Where.
    pub endpoint: Endpoint,
    /// Responses to CORS requests and preflights.
    pub responses: u64,
    /// Access-Control-Allow-Origin values.
    pub origins: Vec<String>,
    /// Origins that got no such header, or another one.
    pub origins_refused: Vec<String>,
    /// How often each page's origin was let in, in the order in which they came.
    pub by_origin: Vec<OriginAnswers>,
    /// Elements of Access-Control-Allow-Methods.
    pub methods: Vec<String>,
    /// Elements of Access-Control-Allow-Headers, in lower case.
    pub headers: Vec<String>,
    /// Elements of Access-Control-Expose-Headers, in lower case.
    pub exposed: Vec<String>,
    /// Whether some response allows credentials.
    pub credentials: bool,
    /// Access-Control-Max-Age values; one is empty where a preflight's answer had none.
    pub max_ages: Vec<String>,
    /// There was more than is listed.
    pub more: bool,
}

/// How often the responses of an endpoint let a page's origin in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginAnswers {
    /// The origin of the page, as sent.
    pub origin: String,
    /// Responses whose Access-Control-Allow-Origin is that origin, or `*`.
    pub granted: u64,
    /// Responses without such a header, or with another one.
    pub refused: u64,
}

/// Different values, up to a bound, in the order in which they came.
#[derive(Clone, Default)]
pub(super) struct Values {
    values: Vec<Box<[u8]>>,
    more: bool,
}

impl Values {
    fn add(&mut self, value: &[u8], max: usize) {
        let known = |v: &[u8]| v.len() == value.len() && v.eq_ignore_ascii_case(value);
        if self.values.iter().any(|v| known(v)) {
            return;
        }
        if self.values.len() < max && value.len() <= LONGEST_VALUE {
            self.values.push(value.into());
        } else {
            self.more = true;
        }
    }

    fn text(&self) -> Vec<String> {
        let values = self.values.iter();
        values.map(|value| wire_text(value).into_owned()).collect()
    }

    fn lower_case(&self) -> Vec<String> {
        let mut values = self.text();
        for value in &mut values {
            value.make_ascii_lowercase();
        }
        values
    }
}

/// Origins with their counts of responses that let them in, and that did not; up to a bound.
#[derive(Clone, Default)]
struct ByOrigin {
    counts: Vec<(Box<[u8]>, [u64; 2])>,
    more: bool,
}

impl ByOrigin {
    fn add(&mut self, origin: &[u8], granted: bool, max: usize) {
        let known = self.counts.iter().position(|(known, _)| **known == *origin);
        let place = match known {
            Some(place) => place,
            None if self.counts.len() < max && origin.len() <= LONGEST_VALUE => {
                self.counts.push((origin.into(), [0; 2]));
                self.counts.len() - 1
            }
            None => {
                self.more = true;
                return;
            }
        };
        if let Some((_, [yes, no])) = self.counts.get_mut(place) {
            *if granted { yes } else { no } += 1;
        }
    }

    fn table_lines(&self) -> Vec<OriginAnswers> {
        let counts = self.counts.iter();
        let line = |(origin, [granted, refused]): &(Box<[u8]>, [u64; 2])| OriginAnswers {
            origin: wire_text(origin).into_owned(),
            granted: *granted,
            refused: *refused,
        };
        counts.map(line).collect()
    }
}

/// What one endpoint allowed so far.
#[derive(Clone, Default)]
pub(super) struct Observed {
    responses: u64,
    origins: Values,
    refused: Values,
    by_origin: ByOrigin,
    methods: Values,
    headers: Values,
    exposed: Values,
    max_ages: Values,
    credentials: bool,
    /// Methods of actual requests, in their own case.
    pub(super) methods_used: Vec<Box<[u8]>>,
    /// The list values seen last, which mostly come again.
    last_lists: [Box<[u8]>; 3],
}

impl Observed {
    pub(super) fn observe(&mut self, answer: &Answer<'_>, max: usize) {
        let cors = &answer.cors;
        self.responses += 1;
        self.credentials |= cors.allows_credentials();
        if let Some(value) = cors.allow_origin.first {
            self.origins.add(value, max);
        }
        let grants = answer.grants();
        self.by_origin.add(answer.origin, grants, max);
        if !grants {
            self.refused.add(answer.origin, max);
        }
        if answer.preflight {
            self.list(0, cors.allow_methods.first, max);
            self.list(1, cors.allow_headers.first, max);
            if answer.is_ok() {
                self.max_ages
                    .add(cors.max_age.first.unwrap_or_default(), max);
            }
        } else {
            self.list(2, cors.expose_headers.first, max);
            let method = answer.half.fetch.head.method();
            let used = self.methods_used.iter().any(|known| **known == *method);
            if !used && self.methods_used.len() < max && method.len() <= LONGEST_VALUE {
                self.methods_used.push(method.into());
            }
        }
    }

    /// Takes an answer that is like one before.
    pub(super) fn observe_again(&mut self, origin: &[u8], grants: bool, max: usize) {
        self.responses += 1;
        self.by_origin.add(origin, grants, max);
    }

    fn list(&mut self, which: usize, value: Option<&[u8]>, max: usize) {
        let (Some(value), Some(last)) = (value, self.last_lists.get_mut(which)) else {
            return;
        };
        if **last == *value {
            return;
        }
        if value.len() <= 4 * LONGEST_VALUE {
            *last = value.into();
        }
        let values = match which {
            0 => &mut self.methods,
            1 => &mut self.headers,
            _ => &mut self.exposed,
        };
        // A hostile list is long: what does not fit is counted as more, and not looked at.
        for element in list_elements(value).take(8 * max) {
            values.add(element, 2 * max);
        }
    }

    pub(super) fn table_line(&self, endpoint: &Endpoint) -> Option<Policy> {
        let lists = [
            &self.origins,
            &self.refused,
            &self.methods,
            &self.headers,
            &self.exposed,
            &self.max_ages,
        ];
        (self.responses > 0).then(|| Policy {
            endpoint: endpoint.clone(),
            responses: self.responses,
            origins: self.origins.text(),
            origins_refused: self.refused.text(),
            by_origin: self.by_origin.table_lines(),
            methods: self.methods.text(),
            headers: self.headers.lower_case(),
            exposed: self.exposed.lower_case(),
            credentials: self.credentials,
            max_ages: self.max_ages.text(),
            more: lists.iter().any(|values| values.more) || self.by_origin.more,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::findings_of;

    #[test]
    fn the_policy_is_what_was_answered() {
        let findings = findings_of(&[
            "OPTIONS /x/1 | Origin: http://a.org | ACRM: PUT => 204 | ACAO: http://a.org | ACAM: PUT, GET | ACAH: X-A | ACMA: 60",
            "OPTIONS /x/2 | Origin: http://b.org | ACRM: PUT => 403",
            "GET /x/3 | Origin: http://a.org => 200 | ACAO: http://a.org | ACAC: true | ACEH: ETag",
        ]);
        let [policy] = findings.policies.as_slice() else {
            panic!("{:?}", findings.policies);
        };
        assert_eq!(policy.endpoint.path, "/x/{id}");
        assert_eq!(policy.origins, ["http://a.org"]);
        assert_eq!(policy.origins_refused, ["http://b.org"]);
        let counts = policy.by_origin.iter();
        let counts: Vec<_> = counts.map(|o| (&*o.origin, o.granted, o.refused)).collect();
        assert_eq!(counts, [("http://a.org", 2, 0), ("http://b.org", 0, 1)]);
        assert_eq!(policy.methods, ["PUT", "GET"]);
        assert_eq!(policy.headers, ["x-a"]);
        assert_eq!(policy.exposed, ["etag"]);
        assert_eq!(policy.max_ages, ["60"]);
        assert!(policy.credentials && !policy.more);
        assert_eq!(policy.responses, 3);
    }
}
