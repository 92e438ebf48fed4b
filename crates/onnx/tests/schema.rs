//! The messages are those of the schema: every field of `onnx.proto`, with its tag and its type.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

const SCHEMA: &str = include_str!("../onnx.proto");
const OURS: &str = include_str!("../src/proto.rs");

/// Message, field, tag, type (a scalar's name, or `message`), and whether it is repeated.
type Field = (String, String, u32, String, bool);

/// A message's name here: nested ones stand after those that hold them.
fn short(path: &[String]) -> String {
    let names: Vec<&str> = path.iter().map(|n| n.trim_end_matches("Proto")).collect();
    match names[..] {
        ["Tensor" | "TensorShape", nested] => nested.to_owned(),
        _ => names.concat(),
    }
}

fn schema() -> BTreeSet<Field> {
    let without_comments: String = SCHEMA
        .lines()
        .map(|l| l.split("//").next().unwrap_or_default().to_owned() + "\n")
        .collect();
    let spaced = without_comments.replace('{', " { ").replace('}', " } ; ").replace(';', " ; ");
    let mut fields = BTreeSet::new();
    // What each open brace belongs to: a message, or something else.
    let mut open: Vec<Option<String>> = Vec::new();
    let mut words: Vec<&str> = Vec::new();
    for word in spaced.split_whitespace() {
        match word {
            "{" => {
                open.push(match words[..] {
                    ["message", name] => Some(name.to_owned()),
                    ["oneof", _] => Some(String::new()),
                    _ => None,
                });
                words.clear();
            }
            ";" => {
                let inside = open.last().is_some_and(Option::is_some);
                if let (true, Some(at)) = (inside, words.iter().position(|w| *w == "=")) {
                    let path: Vec<String> =
                        open.iter().flatten().filter(|n| !n.is_empty()).cloned().collect();
                    let kind = match words[at - 2] {
                        scalar @ ("string" | "bytes" | "float" | "double" | "int32" | "int64"
                        | "uint64") => scalar,
                        "AttributeType" | "DataLocation" => "int32",
                        _ => "message",
                    };
                    let tag = words[at + 1].parse().unwrap();
                    let (name, repeated) = (words[at - 1].to_owned(), words[0] == "repeated");
                    fields.insert((short(&path), name, tag, kind.to_owned(), repeated));
                }
                words.clear();
            }
            "}" => {
                open.pop();
                words.clear();
            }
            word => words.push(word),
        }
    }
    fields
}

fn ours() -> BTreeSet<Field> {
    let (mut message, mut fields) = (String::new(), BTreeSet::new());
    let mut pending: Option<(String, u32, bool)> = None;
    for line in OURS.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("pub struct ") {
            message = rest.trim_end_matches(" {").to_owned();
        } else if let Some(rest) = line.strip_prefix("#[prost(") {
            let (kind, _) = rest.split_once([',', ' ']).unwrap();
            let tag = rest.split("tag = \"").nth(1).unwrap().split('"').next().unwrap();
            pending = Some((kind.to_owned(), tag.parse().unwrap(), rest.contains("repeated")));
        } else if let (Some(rest), Some((kind, tag, repeated))) =
            (line.strip_prefix("pub "), pending.take())
        {
            let name = rest.split(':').next().unwrap().trim_start_matches("r#").to_owned();
            fields.insert((message.clone(), name, tag, kind, repeated));
        }
    }
    fields
}

#[test]
fn every_field_of_the_schema_is_there_and_no_other() {
    let (schema, ours) = (schema(), ours());
    assert!(schema.len() > 100, "only {} fields were found", schema.len());
    let missing: Vec<_> = schema.difference(&ours).collect();
    let invented: Vec<_> = ours.difference(&schema).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "missing {missing:?}, invented {invented:?}"
    );
}
