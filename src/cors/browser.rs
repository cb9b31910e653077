//! Which browser sent a request, and where browsers differ: the one table of differences.

use std::borrow::Cow;
use std::time::Duration;

use crate::http::headers::HeaderList;
use crate::http::stack::HttpStack;

/// The family of a browser, told by its User-Agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Chrome, Edge, Opera and others on Chromium; its major version.
    Chromium(u32),
    /// Firefox; its major version.
    Firefox(u32),
    /// Safari and others on WebKit.
    Safari,
    /// None of them: judged as they all do.
    Unknown,
    /// The Fetch standard to the letter, where no browser follows it yet.
    Standard,
}

/// What to assume where the traffic does not tell, or in spite of what it tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Assumptions {
    /// The browser, whatever the User-Agent says.
    pub browser: Option<Browser>,
    /// Whether credentials are included where nothing shows it.
    pub include_credentials: Option<bool>,
}

impl Browser {
    /// The browser that a User-Agent names.
    #[must_use]
    pub fn of_agent(agent: &[u8]) -> Self {
        let version_after = |product: &str| {
            let at = memchr::memmem::find(agent, product.as_bytes())?;
            let digits = agent.get(at + product.len()..)?;
            let end = digits.iter().take_while(|b| b.is_ascii_digit()).count();
            let text = std::str::from_utf8(digits.get(..end)?).ok()?;
            Some(text.parse().unwrap_or(0))
        };
        if let Some(version) = version_after("Firefox/") {
            Self::Firefox(version)
        } else if let Some(version) = version_after("Chrome/") {
            Self::Chromium(version)
        } else if version_after("AppleWebKit/").is_some() {
            Self::Safari
        } else {
            Self::Unknown
        }
    }

    /// Whose reading of malformed heads this browser has.
    #[must_use]
    pub fn http_stack(self) -> HttpStack {
        match self {
            Self::Firefox(_) => HttpStack::Firefox,
            Self::Safari => HttpStack::WebKit,
            Self::Chromium(_) | Self::Unknown | Self::Standard => HttpStack::Chromium,
        }
    }

    /// Whether this browser refuses a response in which this header has several values that differ:
    /// an attacker may have written one of them.
    #[must_use]
    pub fn refuses_contradictions(self) -> bool {
        self.http_stack() != HttpStack::WebKit
    }

    /// Whether `Sec-Fetch-Storage-Access` accompanies credentialed cross-site requests.
    #[must_use]
    pub fn sends_storage_access(self) -> bool {
        matches!(self, Self::Chromium(133..) | Self::Firefox(147..))
    }

    /// Whether that header stands on preflights too.
    #[must_use]
    pub fn sends_storage_access_on_preflight(self) -> bool {
        matches!(self, Self::Firefox(147..))
    }

    /// The longest time a preflight's answer is remembered.
    #[must_use]
    pub fn max_age_cap(self) -> Duration {
        Duration::from_secs(match self {
            Self::Chromium(_) | Self::Unknown | Self::Standard => 7200,
            Self::Firefox(_) => 86_400,
            Self::Safari => 600,
        })
    }

    /// How long a preflight's answer is remembered, by its Access-Control-Max-Age value (the
    /// standard's default is 5 s); `None` where it is not.
    #[must_use]
    pub fn preflight_lifetime(self, max_age: Option<&[u8]>) -> Option<Duration> {
        const DEFAULT: Duration = Duration::from_secs(5);
        let Some(value) = max_age else {
            return Some(DEFAULT);
        };
        let text = std::str::from_utf8(value).unwrap_or_default();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        match (self, text.parse::<i64>()) {
            (_, Ok(0)) if digits => None,
            (_, Ok(seconds)) if digits => {
                let seconds = Duration::from_secs(seconds.unsigned_abs());
                Some(seconds.min(self.max_age_cap()))
            }
            // Digits that do not fit.
            (Self::Chromium(_) | Self::Safari, _) if digits => Some(DEFAULT),
            _ if digits => Some(self.max_age_cap()),
            (Self::Firefox(_), _) => None,
            (Self::Chromium(_) | Self::Safari, Ok(_)) if text.starts_with('-') => None,
            _ => Some(DEFAULT),
        }
    }

    /// The value of a header, its lines joined as this browser joins them.
    ///
    /// Firefox leaves empty lines out, but for a sole Access-Control-Allow-Origin, and for two of it
    /// whose names are spelled just so: it counts those. Others follow the standard
    /// (<https://fetch.spec.whatwg.org/#concept-header-list-get>).
    #[must_use]
    pub fn header<'a>(self, headers: &'a HeaderList, name: &'a str) -> Option<Cow<'a, [u8]>> {
        if !matches!(self, Self::Firefox(_)) || headers.values(name).all(|v| !v.is_empty()) {
            return headers.get(name);
        }
        let allows_origin = name == "access-control-allow-origin";
        let spelled = |(name, _): &(&[u8], _)| *name == b"Access-Control-Allow-Origin";
        if allows_origin && headers.lines().filter(spelled).nth(1).is_some() {
            return headers.get(name);
        }
        let values: Vec<&[u8]> = headers.values(name).filter(|v| !v.is_empty()).collect();
        if values.is_empty() && !allows_origin {
            return None;
        }
        Some(Cow::Owned(values.join(&b", "[..])))
    }

    /// Whether this browser follows a redirect to nowhere, an empty Location
    /// (<https://fetch.spec.whatwg.org/#concept-response-location-url>: to the same URL); Chromium
    /// takes the response for the final one.
    #[must_use]
    pub fn follows_empty_location(self) -> bool {
        !matches!(self, Self::Chromium(_))
    }

    /// Whether this browser refuses to be redirected to nowhere: WebKitGTK 2.50 does.
    #[must_use]
    pub fn refuses_empty_location(self) -> bool {
        self == Self::Safari
    }

    /// Whether this browser, in a fetch without credentials that began at the page's own origin, refuses a
    /// redirect once it has left that origin: WebKitGTK 2.50 does, whatever the redirect's headers.
    #[must_use]
    pub fn refuses_to_go_on_from_own_origin(self) -> bool {
        self == Self::Safari
    }

    /// Whether this browser refuses a server that answers as a proxy, with status 407.
    #[must_use]
    pub fn refuses_proxy_status(self) -> bool {
        matches!(self, Self::Chromium(_))
    }

    /// Whether this browser sends a request again, on another connection, after a response with this
    /// status: both Chromium 156 and Firefox 153 do after 421, and Chromium after 408.
    #[must_use]
    pub fn repeats_after(self, status: u16) -> bool {
        match self {
            Self::Chromium(_) => matches!(status, 408 | 421),
            Self::Firefox(_) => status == 421,
            Self::Safari | Self::Unknown | Self::Standard => false,
        }
    }

    /// Whether `*` in a remembered answer serves later requests.
    #[must_use]
    pub fn reuses_wildcards(self) -> bool {
        !matches!(self, Self::Firefox(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::headers::tests::list;

    #[test]
    fn browsers_are_told_by_user_agent() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
                Browser::Chromium(156),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
                Browser::Firefox(153),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
                Browser::Safari,
            ),
            ("curl/8.5.0", Browser::Unknown),
        ] {
            assert_eq!(Browser::of_agent(agent.as_bytes()), expected);
        }
    }

    #[test]
    fn max_age_is_read_as_each_browser_reads_it() {
        let (chromium, firefox) = (Browser::Chromium(156), Browser::Firefox(153));
        let seconds = |s| Some(Duration::from_secs(s));
        for (browser, value, expected) in [
            (chromium, None, seconds(5)),
            (chromium, Some("600"), seconds(600)),
            (chromium, Some("999999"), seconds(7200)),
            (firefox, Some("999999"), seconds(86_400)),
            (Browser::Safari, Some("999999"), seconds(600)),
            (chromium, Some("0"), None),
            (chromium, Some("-1"), None),
            (Browser::Unknown, Some("-1"), seconds(5)),
            (chromium, Some("abc"), seconds(5)),
            (firefox, Some("abc"), None),
            (firefox, Some("600, 600"), None),
            (chromium, Some("99999999999999999999"), seconds(5)),
            (firefox, Some("99999999999999999999"), seconds(86_400)),
            (chromium, Some("-99999999999999999999"), seconds(5)),
            (chromium, Some("9223372036854775808"), seconds(5)),
            (chromium, Some("-0"), None),
            (chromium, Some("+600"), seconds(5)),
            (chromium, Some("00600"), seconds(600)),
            (chromium, Some("600s"), seconds(5)),
            (chromium, Some("600.5"), seconds(5)),
            (chromium, Some(""), seconds(5)),
            (chromium, Some("1"), seconds(1)),
            (firefox, Some("-1"), None),
            (firefox, Some("+600"), None),
            (firefox, Some("00600"), seconds(600)),
            (firefox, Some("600;"), None),
            (Browser::Safari, Some("-1"), None),
            (Browser::Safari, Some("0"), None),
            (Browser::Standard, Some("600.5"), seconds(5)),
            (
                Browser::Standard,
                Some("99999999999999999999"),
                seconds(7200),
            ),
        ] {
            let found = browser.preflight_lifetime(value.map(str::as_bytes));
            assert_eq!(found, expected, "{browser:?} {value:?}");
        }
    }

    #[test]
    fn firefox_passes_over_empty_lines() {
        const ORIGIN: &str = "access-control-allow-origin";
        const AGE: &str = "access-control-max-age";
        let (chromium, firefox) = (Browser::Chromium(156), Browser::Firefox(153));
        for (browser, name, values, expected) in [
            (chromium, ORIGIN, &["", "*"][..], Some(", *")),
            (firefox, ORIGIN, &["", "*"], Some("*")),
            (firefox, ORIGIN, &["*", ""], Some("*")),
            (firefox, ORIGIN, &["*", "*"], Some("*, *")),
            (firefox, ORIGIN, &["", ""], Some("")),
            (firefox, ORIGIN, &[], None),
            (
                firefox,
                "Access-Control-Allow-Origin",
                &["", "*"],
                Some(", *"),
            ),
            (firefox, AGE, &[""], None),
            (firefox, AGE, &["", "600"], Some("600")),
            (chromium, AGE, &[""], Some("")),
        ] {
            let lines: Vec<_> = values.iter().map(|value| (name, *value)).collect();
            let headers = list(&lines);
            let found = browser.header(&headers, if name == AGE { AGE } else { ORIGIN });
            assert_eq!(
                found.as_deref(),
                expected.map(str::as_bytes),
                "{browser:?} {values:?}"
            );
        }
    }
}
