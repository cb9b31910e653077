//! What to write into servers' configuration.
//!
//! Each server has a file under `servers/`. A line that begins with `@letters ` is shown only where
//! the code is about one of these [`Parts`]: `o`rigin, `c`redentials, `m`ethods, `h`eaders, the
//! answer to O`p`tions, a `d`uplicated header. Where a library allows every origin unless told
//! otherwise, the origin is always shown. No line allows `null`, or any origin by reflection.

use crate::explain::values::Values;

/// Parts of a server's configuration, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts(u8);

impl Parts {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// The allowed origin.
    pub const ORIGIN: Self = Self(1);
    /// Credentials.
    pub const CREDENTIALS: Self = Self(2);
    /// The allowed methods.
    pub const METHODS: Self = Self(4);
    /// The allowed request headers.
    pub const HEADERS: Self = Self(8);
    /// The answer to a preflight.
    pub const OPTIONS: Self = Self(16);
    /// A header that is sent twice.
    pub const DUPLICATE: Self = Self(32);
    /// All that a preflight's answer needs.
    pub const PREFLIGHT: Self = Self(1 | 4 | 8 | 16);

    /// Both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has_any_of(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn of_letters(letters: &str) -> Self {
        letters.chars().fold(Self::NONE, |parts, letter| {
            parts.and(match letter {
                'o' => Self::ORIGIN,
                'c' => Self::CREDENTIALS,
                'm' => Self::METHODS,
                'h' => Self::HEADERS,
                'p' => Self::OPTIONS,
                'd' => Self::DUPLICATE,
                _ => Self::NONE,
            })
        })
    }
}

/// A server, and what to write into its configuration.
#[derive(Debug, Clone, Copy)]
pub struct Server {
    /// Its name.
    pub name: &'static str,
    template: &'static str,
}

macro_rules! server {
    ($name:literal, $file:literal) => {
        Server {
            name: $name,
            template: include_str!(concat!("servers/", $file)),
        }
    };
}

/// The servers that are described.
pub const SERVERS: [Server; 20] = [
    server!("nginx", "nginx.txt"),
    server!("Apache", "apache.txt"),
    server!("Express (package cors)", "express.txt"),
    server!("Fastify (package @fastify/cors)", "fastify.txt"),
    server!("NestJS", "nestjs.txt"),
    server!("PHP", "php.txt"),
    server!("Laravel", "laravel.txt"),
    server!("Spring", "spring.txt"),
    server!("Django (package django-cors-headers)", "django.txt"),
    server!("FastAPI, Starlette", "fastapi.txt"),
    server!("Flask (package flask-cors)", "flask.txt"),
    server!("Rails (gem rack-cors)", "rails.txt"),
    server!("Go (package rs/cors)", "go.txt"),
    server!("Rust, axum (crate tower-http)", "axum.txt"),
    server!("ASP.NET Core", "aspnet.txt"),
    server!("Caddy", "caddy.txt"),
    server!("HAProxy", "haproxy.txt"),
    server!("Traefik", "traefik.txt"),
    server!("Amazon S3", "s3.txt"),
    server!("Amazon API Gateway", "api-gateway.txt"),
];

impl Server {
    /// The lines for these parts, filled with the values of a message.
    #[must_use]
    pub fn lines(&self, parts: Parts, values: &Values, method: &str) -> Vec<String> {
        let shown = self.template.lines().filter_map(|line| {
            let Some(tagged) = line.strip_prefix('@') else {
                return Some(line);
            };
            let (letters, line) = tagged.split_once(' ')?;
            parts.has_any_of(Parts::of_letters(letters)).then_some(line)
        });
        shown.map(|line| values.fill(line, method)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        Values {
            origin: Some("https://shop.test".to_owned()),
            header: Some("x-trace".to_owned()),
            method: Some("DELETE".to_owned()),
            ..Values::default()
        }
    }

    #[test]
    fn lines_hold_the_values_of_the_message() {
        let cases = [
            (Parts::ORIGIN, "https://shop"),
            (Parts::METHODS, "delete"),
            (Parts::HEADERS, "x-trace"),
        ];
        for server in SERVERS {
            for (parts, value) in cases {
                let text = server.lines(parts, &values(), "GET").join("\n");
                let found = text.to_lowercase().contains(value);
                assert!(found, "{} {value}:\n{text}", server.name);
                assert!(!text.contains("{{"), "{text}");
                let tagged = text.lines().any(|line| line.starts_with('@'));
                assert!(!tagged || server.name == "Caddy", "{text}");
            }
        }
    }

    #[test]
    fn no_line_is_unsafe() {
        let mut values = values();
        values.origin = Some("null".to_owned());
        let parts = Parts::PREFLIGHT.and(Parts::CREDENTIALS);
        for server in SERVERS {
            let text = server.lines(parts, &values, "PUT").join("\n");
            assert!(!text.contains("null"), "{}:\n{text}", server.name);
            let allows_all = ["\"*\"", "'*'", "Allow-Origin: *", "Allow-Origin *"];
            assert!(
                allows_all
                    .iter()
                    .all(|unsafe_text| !text.contains(unsafe_text)),
                "{}:\n{text}",
                server.name
            );
        }
    }
}
