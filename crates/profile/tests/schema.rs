//! The JSON schema in `docs/` is that of the types, and profiles are as it says.
#![allow(clippy::unwrap_used, reason = "a broken file should end the test")]

use flate2::read::MultiGzDecoder;
use jsonschema::Validator;
use profile::Profile;
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
};

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// What a reader takes.
fn schema() -> Value {
    schemars::schema_for!(Profile).to_value()
}

fn validator() -> Validator {
    jsonschema::validator_for(&schema()).unwrap()
}

/// A profile with every key.
fn complete() -> Value {
    let pinned = include_str!("snapshots/file__the_schema_is_pinned.snap");
    let (_, json) = pinned.split_once("\n---\n").unwrap();
    serde_json::from_str(json).unwrap()
}

#[test]
fn the_schema_in_the_docs_is_of_these_types() {
    let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("profile.schema.json");
    fs::write(&fresh, serde_json::to_string_pretty(&schema()).unwrap() + "\n").unwrap();
    let committed = fs::read_to_string(at("docs/profile.schema.json")).unwrap_or_default();
    let same = committed == fs::read_to_string(&fresh).unwrap();
    assert!(
        same,
        "docs/profile.schema.json is of other types: read {}, copy it there",
        fresh.display()
    );
}

#[test]
fn profiles_are_as_it_says() {
    let validator = validator();
    let example = File::open(at("reports/example/profiles.jsonl.gz")).unwrap();
    let lines = BufReader::new(MultiGzDecoder::new(example)).lines();
    let example = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap());
    for profile in example.chain([complete()]) {
        let error =
            validator.validate(&profile).err().map(|e| format!("{}: {e}", e.instance_path()));
        assert_eq!(error, None, "{}", profile["model"]);
    }
}

#[test]
fn what_no_reader_takes_is_refused() {
    let validator = validator();
    for key in ["schema", "model", "input", "device", "whole_ns", "ops"] {
        let mut without = complete();
        without.as_object_mut().unwrap().remove(key);
        assert!(!validator.is_valid(&without), "without {key}");
    }
    for (path, wrong) in [
        ("/input", json!([1, 3, 224])),
        ("/level", json!("molten")),
        ("/threads", json!(-1)),
        ("/ops/0/class", json!("convolution")),
        ("/ops/0/samples_ns/0", json!(1.5)),
        ("/device/rendering", json!(null)),
    ] {
        let mut with = complete();
        *with.pointer_mut(path).unwrap() = wrong;
        assert!(!validator.is_valid(&with), "{path}");
    }
}

/// Keys that a reader can do without are those that FORMAT.md calls optional.
#[test]
fn what_is_not_required_is_optional_in_the_docs() {
    let schema = schema();
    let required: Vec<&str> =
        schema["required"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    let format = fs::read_to_string(at("docs/FORMAT.md")).unwrap();
    let (_, table) = format.split_once("### The measurement").unwrap();
    for key in schema["properties"].as_object().unwrap().keys() {
        let row = table.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).unwrap();
        assert_eq!(row.contains("optional"), !required.contains(&key.as_str()), "{row}");
    }
}
