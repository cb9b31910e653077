//! How unlike two names are.

/// The number of letters to insert, delete or replace to turn one name into the other.
#[must_use]
pub fn edit_distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    // One row of the table at a time: row[j] is the distance to the first j letters of `other`.
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut left = i + 1;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for ((diagonal, above), candidate) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let replaced = diagonal + usize::from(letter != *candidate);
            left = replaced.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::edit_distance;

    #[test]
    fn distances() {
        let cases = [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("origin", "orgin", 1),
            ("same", "same", 0),
        ];
        for (one, other, expected) in cases {
            assert_eq!(edit_distance(one, other), expected, "{one} {other}");
        }
    }
}
