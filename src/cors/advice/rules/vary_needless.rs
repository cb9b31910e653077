//! L-5: `Vary: Origin`, there where the answer does not vary.

use crate::cors::advice::cached::Answers;
use crate::cors::advice::rule::{Rule, Severity};
use crate::cors::advice::sink::{Sink, text};

pub(super) static L_5: Rule = Rule {
    number: 5,
    id: "L-5",
    severity: Severity::Low,
    title: "Vary: Origin without need",
    what: "The endpoint gave every Origin the same Access-Control-Allow-Origin, and yet says Vary: Origin.",
    why: "Caches keep a copy for each page's origin and are hit less often.",
    fix: "leave Origin out of Vary as long as the header is the same for everybody",
    example: "HTTP/1.1 200 OK\nAccess-Control-Allow-Origin: *\nVary: Origin",
};

/// Says so where all answers were the same, and each varies.
pub(super) fn conclude(answers: &Answers, sink: &mut Sink<'_>) {
    let Some((a, b)) = answers.pairs().next() else {
        return;
    };
    let same = answers.pairs().all(|(a, b)| a.allowed == b.allowed);
    let mut kept = answers.kept.iter();
    if !same || !kept.all(|kept| kept.varies && kept.allowed.is_some()) {
        return;
    }
    sink.about(a.evidence).add(&L_5, || {
        let line = a.allowed.as_deref().unwrap_or_default();
        format!(
            "{} and {} both got Access-Control-Allow-Origin: {}, with Vary: Origin",
            a.who(),
            b.who(),
            text(line)
        )
    });
    sink.rest_on(&L_5, &[b.evidence], answers.varying);
}

#[cfg(test)]
mod tests {
    use crate::cors::advice::testing::check;

    #[test]
    fn the_same_for_everybody() {
        let got = |origin: &str, answer: &str| format!("GET /x | Origin: {origin} => {answer}");
        let star = "200 | ACAO: * | Vary: Origin";
        let (a, b) = (got("http://a.org", star), got("http://b.org", star));
        check(
            &["L-5"],
            &[
                ("two origins", &[&a, &b], &["L-5"]),
                ("one origin", &[&a, &a], &[]),
                ("no Vary", &[&a, &got("http://b.org", "200 | ACAO: *")], &[]),
                (
                    "another is refused",
                    &[&a, &got("http://b.org", "200 | Vary: Origin")],
                    &[],
                ),
            ],
        );
    }
}
