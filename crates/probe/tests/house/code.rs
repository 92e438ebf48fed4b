//! What a file's code says, token by token. Comments say nothing; what macros are given is code as any other.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A word, a literal, a sign or a bracket.
pub struct Token {
    pub line: usize,
    pub text: String,
    /// Whether it is an identifier or a keyword.
    pub word: bool,
}

/// All tokens of `text`, those in brackets between their brackets.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut all = Vec::new();
    flatten(text.parse().unwrap_or_else(|e| panic!("{e}: {text}")), &mut all);
    all
}

fn flatten(stream: TokenStream, all: &mut Vec<Token>) {
    for token in stream {
        let line = token.span().start().line;
        let word = matches!(token, TokenTree::Ident(_));
        let TokenTree::Group(group) = token else {
            all.push(Token { line, text: token.to_string(), word });
            continue;
        };
        let [open, close] = match group.delimiter() {
            Delimiter::Parenthesis => ["(", ")"],
            Delimiter::Brace => ["{", "}"],
            Delimiter::Bracket => ["[", "]"],
            Delimiter::None => ["", ""],
        };
        all.push(Token { line, text: open.to_owned(), word });
        flatten(group.stream(), all);
        all.push(Token { line: group.span_close().end().line, text: close.to_owned(), word });
    }
}

/// The lines at which `wanted` stand one after the other.
pub fn lines_of(tokens: &[Token], wanted: &[&str]) -> Vec<usize> {
    let is_it =
        |window: &&[Token]| window.iter().zip(wanted).all(|(token, text)| token.text == *text);
    tokens.windows(wanted.len()).filter(is_it).map(|window| window[0].line).collect()
}

/// The lines at which an `unsafe` block has a `*` before an operand: it may be a pointer. What a reference
/// refers to can be had outside of the block.
pub fn dereferences(tokens: &[Token]) -> Vec<usize> {
    let mut lines = Vec::new();
    // Of each bracket that is open: whether it is, or is in, an `unsafe` block.
    let mut open = vec![false];
    for (at, token) in tokens.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let inside = open.last().copied().unwrap_or_default();
        match token.text.as_str() {
            "{" => open.push(inside || before.is_some_and(|before| before.text == "unsafe")),
            "(" | "[" | "" => open.push(inside),
            "}" | ")" | "]" => _ = open.pop(),
            "*" if inside
                && !before.is_some_and(ends_operand)
                && !is_of_type(&tokens[at + 1..]) =>
            {
                lines.push(token.line);
            }
            _ => (),
        }
    }
    lines
}

/// Whether a `*` after `token` multiplies.
fn ends_operand(token: &Token) -> bool {
    let keyword =
        ["return", "in", "if", "match", "while", "else", "break"].contains(&token.text.as_str());
    let literal = token.text.starts_with(|c: char| c.is_ascii_digit() || c == '"');
    (token.word && !keyword) || literal || [")", "]", "?"].contains(&token.text.as_str())
}

/// Whether a `*` before `tokens` begins the type of a pointer.
fn is_of_type(tokens: &[Token]) -> bool {
    tokens.first().is_some_and(|token| ["const", "mut"].contains(&token.text.as_str()))
}

mod tests {
    use super::*;

    #[test]
    fn a_pointer_that_is_followed_is_seen_wherever_it_stands() {
        for (code, seen) in [
            ("unsafe { *p }", true),
            ("unsafe { f(); *p.add(1) = 2 }", true),
            ("unsafe { if x { g(1.0 + *p) } }", true),
            ("macro_rules! m { () => { unsafe { (*p).x } } }", true),
            ("unsafe { return *p }", true),
            ("unsafe { a[0] * b * f() * 2 * x? * c }", false),
            ("unsafe { p as *const f32; q.cast::<*mut u8>() }", false),
            ("*r = unsafe { p.load() }; *r", false),
            ("unsafe fn f(p: *mut f32) { *r }", false),
            ("// unsafe { *p }\n\"unsafe { *p }\";", false),
        ] {
            assert_eq!(!dereferences(&tokens(code)).is_empty(), seen, "{code}");
        }
    }

    #[test]
    fn comments_and_strings_are_no_words() {
        let code =
            tokens("/// unsafe\nfn f() {\n    // unsafe\n    g!(\"unsafe\", unsafe { h() })\n}\n");
        assert_eq!(lines_of(&code, &["unsafe"]), [4]);
        assert_eq!(lines_of(&code, &["unsafe", "{", "h"]), [4]);
        assert_eq!(lines_of(&code, &["h", "unsafe"]), [0; 0]);
    }
}
