//! Which browser sent a request, and where browsers differ: the one table of differences.

use std::time::Duration;

use crate::http::headers::HeaderList;

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
    /// The browser that these request headers name.
    #[must_use]
    pub fn of(headers: &HeaderList) -> Self {
        let agent = headers.values("user-agent").next().unwrap_or_default();
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
        match text.parse::<u64>() {
            Ok(0) if digits => None,
            Ok(seconds) if digits => Some(Duration::from_secs(seconds).min(self.max_age_cap())),
            // Digits that do not fit 64 bits.
            _ if digits && !matches!(self, Self::Chromium(_) | Self::Safari) => {
                Some(self.max_age_cap())
            }
            _ if digits => Some(DEFAULT),
            _ if matches!(self, Self::Firefox(_)) => None,
            _ if !matches!(self, Self::Unknown | Self::Standard) && text.starts_with('-') => None,
            _ => Some(DEFAULT),
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
            assert_eq!(Browser::of(&list(&[("user-agent", agent)])), expected);
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
        ] {
            let found = browser.preflight_lifetime(value.map(str::as_bytes));
            assert_eq!(found, expected, "{browser:?} {value:?}");
        }
    }
}
