//! Text for terminals that have no more than ASCII.
//!
//! A stand-in that is longer than its character takes the room from the blanks behind it, where there are two or more:
//! so columns stay under each other.

/// What stands for a character; those that are not listed are spelled out.
const STAND_INS: [(char, &str); 16] = [
    ('µ', "u"),
    ('±', "+-"),
    ('−', "-"),
    ('–', "-"),
    ('─', "-"),
    ('×', "x"),
    ('·', "*"),
    ('Σ', "sum of"),
    ('…', "~"),
    ('→', "->"),
    ('≥', ">="),
    ('≤', "<="),
    ('²', "2"),
    ('\u{202f}', " "),
    ('’', "'"),
    ('γ', "gamma"),
];

/// `text` in ASCII.
pub fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    // Characters by which what was written is longer than what it stands for.
    let mut longer = 0;
    while let Some(c) = rest.next() {
        match c {
            '\n' => longer = 0,
            ' ' if longer > 0 && out.ends_with(' ') && rest.peek() == Some(&' ') => {
                longer -= 1;
                continue;
            }
            _ => {}
        }
        if c.is_ascii() {
            out.push(c);
            continue;
        }
        let listed = STAND_INS.iter().find(|(listed, _)| *listed == c);
        let written =
            listed.map_or_else(|| format!("[U+{:04X}]", c as u32), |(_, s)| (*s).to_owned());
        longer += written.len() - 1;
        out += &written;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stay_under_each_other() {
        let shown = ascii("a   µs   ± 95 %     %\nb  1.5   ± 0.12   9.0\nc    –             1.0\n");
        assert_eq!(shown, "a   us   +- 95 %    %\nb  1.5   +- 0.12  9.0\nc    -             1.0\n");
    }

    #[test]
    fn whatever_is_shown_is_ascii() {
        let shown = ascii("stage2…conv1 · 12\u{202f}345 ns ≥ 1 → ü");
        assert_eq!(shown, "stage2~conv1 * 12 345 ns >= 1 -> [U+00FC]");
    }
}
