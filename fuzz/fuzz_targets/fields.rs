//! Profiles that parse, with values of any size and any text in any field: raw bytes seldom get so far.

#![no_main]

use libfuzzer_sys::arbitrary::{Result, Unstructured};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Profiles as the lab wrote them: a network, a guideline's experiment, comparisons.
static WRITTEN: LazyLock<[Vec<Value>; 3]> = LazyLock::new(|| {
    [
        include_str!("../seeds/profiles/network.jsonl"),
        include_str!("../seeds/profiles/experiment.jsonl"),
        include_str!("../seeds/profiles/comparison.jsonl"),
    ]
    .map(|lines| lines.lines().map(|line| line.parse().expect("a profile")).collect())
});

/// Numbers at which arithmetic turns.
const EDGES: [u64; 8] = [0, 1, 1 << 31, 1 << 32, 1 << 52, 1 << 53, 1 << 63, u64::MAX];

/// Text that means something to some reader.
const TEXTS: [&str; 8] = [
    "",
    "</svg><script>",
    "\u{0}\u{1b}[31m",
    "\u{fffe}\u{202e}",
    "=1+1",
    "a\r\nb,\"c\"",
    "]]>&#0;",
    "é字🦀",
];

/// A value in the place of `old`, of its kind, so that it still parses.
fn another(old: &Value, u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(match old {
        Value::Number(n) if n.is_f64() => match u.int_in_range(0..=2)? {
            0 => json!(u.arbitrary::<f64>()?),
            1 => json!(10.0_f64.powi(u.int_in_range(-320..=308)?)),
            _ => json!(-u.arbitrary::<f32>()?),
        },
        Value::Number(_) => match u.int_in_range(0..=2)? {
            0 => json!(u.arbitrary::<u64>()?),
            1 => json!(u.arbitrary::<u8>()?),
            _ => json!(u.choose(&EDGES)?),
        },
        Value::String(_) if u.ratio(1, 4)? => json!(u.arbitrary::<&str>()?),
        Value::String(_) => json!(u.choose(&TEXTS)?),
        Value::Bool(b) => json!(!b),
        other => other.clone(),
    })
}

/// Walks down from `value` to some leaf, and changes it; or a list's length on the way.
fn change(value: &mut Value, u: &mut Unstructured<'_>) -> Result<()> {
    match value {
        Value::Array(list) if list.is_empty() => {}
        Value::Array(list) => match u.int_in_range(0..=9)? {
            0 => list.truncate(u.choose_index(list.len() + 1)?),
            1 => {
                let copy = list[u.choose_index(list.len())?].clone();
                list.push(copy);
            }
            _ => {
                let i = u.choose_index(list.len())?;
                change(&mut list[i], u)?;
            }
        },
        Value::Object(fields) if fields.is_empty() => {}
        Value::Object(fields) => {
            let key = u.choose_iter(fields.keys())?.clone();
            if u.ratio(1, 20)? {
                fields.remove(&key);
            } else if let Some(field) = fields.get_mut(&key) {
                change(field, u)?;
            }
        }
        leaf => *leaf = another(leaf, u)?,
    }
    Ok(())
}

/// The lines of a file that differs from one of those written in up to 16 places.
fn lines(u: &mut Unstructured<'_>) -> Result<String> {
    let mut profiles = u.choose(&*WRITTEN)?.clone();
    for _ in 0..u.int_in_range(1..=16)? {
        let i = u.choose_index(profiles.len())?;
        change(&mut profiles[i], u)?;
    }
    Ok(profiles.iter().map(|profile| format!("{profile}\n")).collect())
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(lines) = lines(&mut Unstructured::new(bytes)) {
        fuzz::profiles(lines.as_bytes());
    }
});
