//! Attributes of nodes.

use crate::proto::Attribute;

pub(super) fn int(name: &str, i: usize) -> Attribute {
    Attribute {
        name: name.to_owned(),
        i: Some(i as i64),
        r#type: Attribute::INT,
        ..Attribute::default()
    }
}

pub(super) fn text(name: &str, words: &'static str) -> Attribute {
    Attribute {
        name: name.to_owned(),
        s: words.into(),
        r#type: Attribute::STRING,
        ..Attribute::default()
    }
}

pub(super) fn float(name: &str, f: f32) -> Attribute {
    Attribute {
        name: name.to_owned(),
        f: Some(f),
        r#type: Attribute::FLOAT,
        ..Attribute::default()
    }
}

pub(super) fn ints(name: &str, values: impl IntoIterator<Item = usize>) -> Attribute {
    Attribute {
        name: name.to_owned(),
        ints: values.into_iter().map(|v| v as i64).collect(),
        r#type: Attribute::INTS,
        ..Attribute::default()
    }
}
