//! Text from files, models, devices and command lines, made fit to be shown.
//!
//! Such text may hold characters that no reader sees and that act: a terminal obeys escapes, a
//! spreadsheet starts a row, bidirectional overrides reorder what stands beside them, and XML
//! takes no NUL. One rule holds for screen, page, chart and table: each is spelled out, `[U+001B]`,
//! which means nothing in HTML, XML or CSV.

use std::{borrow::Cow, fmt::Write};

/// `text` of one line: a line break in it becomes visible as well.
pub fn line<'a>(text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
    replaced(text.into(), hidden, stand_in)
}

/// `text` of any number of lines.
pub fn lines(text: &str) -> Cow<'_, str> {
    replaced(text.into(), |c| c != '\n' && hidden(c), stand_in)
}

/// JSON that says the same, where what would be hidden is escaped. Such characters stand in its
/// strings alone, and between values only as line breaks.
pub fn json(text: &str) -> Cow<'_, str> {
    replaced(
        text.into(),
        |c| c != '\n' && hidden(c),
        |c, out| {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        },
    )
}

/// Whether nobody sees `c`, and it may act instead, or some format forbids it.
fn hidden(c: char) -> bool {
    let noncharacter = matches!(c, '\u{fdd0}'..='\u{fdef}') || c as u32 & 0xfffe == 0xfffe;
    c.is_control() || noncharacter || directs(c)
}

/// Whether `c` only says how its neighbours are laid out: marks, overrides and isolates of direction, line and
/// paragraph separators, tags; or has no ink: soft hyphens, fillers, selectors of variants. Joiners are left:
/// scripts need them.
const fn directs(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn stand_in(c: char, out: &mut String) {
    let _ = write!(out, "[U+{:04X}]", c as u32);
}

/// `text` with every character that `is_bad` replaced by what `replace` writes.
fn replaced(
    text: Cow<'_, str>,
    is_bad: impl Fn(char) -> bool,
    replace: impl Fn(char, &mut String),
) -> Cow<'_, str> {
    if !text.contains(&is_bad) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_bad(c) { replace(c, &mut out) } else { out.push(c) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown_and_all_else_is_left_alone() {
        assert_eq!(line("a\0\u{1b}[31m\u{7f}b"), "a[U+0000][U+001B][31m[U+007F]b");
        assert_eq!(line("\r\n\t"), "[U+000D][U+000A][U+0009]");
        assert_eq!(line("\u{85}\u{202e}\u{2067}\u{feff}"), "[U+0085][U+202E][U+2067][U+FEFF]");
        assert_eq!(line("\u{ffff}\u{1fffe}\u{fdd0}"), "[U+FFFF][U+1FFFE][U+FDD0]");
        for c in [
            '\u{ad}',
            '\u{34f}',
            '\u{3164}',
            '\u{115f}',
            '\u{180b}',
            '\u{2800}',
            '\u{fe0f}',
            '\u{e0100}',
        ] {
            assert_eq!(line(c.to_string()), format!("[U+{:04X}]", c as u32));
        }
        assert_eq!(lines("a\nb\u{9b}31m"), "a\nb[U+009B]31m");
        for plain in
            ["shufflenet_v1(groups=3)", "µs ± 95 %", "12\u{202f}345", "名前 · é 🦀", "<&\">"]
        {
            assert!(matches!(line(plain), Cow::Borrowed(same) if same == plain), "{plain}");
        }
    }

    #[test]
    fn escaped_json_says_the_same() {
        let text = "a\0\u{1b}\u{7f}\u{9b}\u{202e}\u{e0001}\u{1ffff}é";
        let json = serde_json::to_string(text).unwrap();
        let escaped = super::json(&json);
        assert!(!escaped.chars().any(hidden), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}
