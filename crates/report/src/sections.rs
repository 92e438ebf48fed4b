//! Stages of a network, read off the names of its operators.

use std::ops::Range;

/// Operators in a row that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The part of their names that they share, e.g. `stage2`.
    pub label: String,
    /// Their positions.
    pub range: Range<usize>,
}

/// Most words of a name that tell stages apart: names of more have no more meaning.
const DEEPEST: usize = 16;

/// Largest share of a network that a stage may have before it is taken apart.
const MOST: f64 = 0.6;

/// The stages of a network: neighbours whose dotted names begin with the same word. A stage that
/// is most of the network (`features` in some) is taken apart at its next word.
pub fn stages(names: &[&str]) -> Vec<Part> {
    let whole = Part { label: String::new(), range: 0..names.len() };
    split(names, &whole)
}

/// The parts of a stage: neighbours that share one word more.
pub fn blocks(names: &[&str], stage: &Part) -> Vec<Part> {
    runs(names, stage)
}

fn split(names: &[&str], section: &Part) -> Vec<Part> {
    let most = (names.len() as f64 * MOST) as usize;
    let deeper = |part: Part| {
        // A part that does not get any longer name holds a single operator, or cannot be split.
        let deep = part.label.split('.').count() >= DEEPEST;
        if part.range.len() > most && part.label != section.label && !deep {
            split(names, &part)
        } else {
            vec![part]
        }
    };
    runs(names, section).into_iter().flat_map(deeper).collect()
}

/// Neighbours within `section` that share one word more than its label has.
fn runs(names: &[&str], section: &Part) -> Vec<Part> {
    let words = if section.label.is_empty() { 1 } else { section.label.split('.').count() + 1 };
    let label = |i: usize| names[i].split('.').take(words).collect::<Vec<_>>().join(".");
    let mut found: Vec<Part> = Vec::new();
    for i in section.range.clone() {
        let label = label(i);
        match found.last_mut() {
            Some(last) if last.label == label => last.range.end = i + 1,
            _ => found.push(Part { label, range: i..i + 1 }),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(sections: &[Part]) -> Vec<(&str, usize)> {
        sections.iter().map(|s| (s.label.as_str(), s.range.len())).collect()
    }

    #[test]
    fn stages_are_first_words() {
        let names = ["conv1", "conv1.relu", "stage2.0.a", "stage2.1.a", "stage3.0.a", "fc"];
        let found = stages(&names);
        assert_eq!(labels(&found), [("conv1", 2), ("stage2", 2), ("stage3", 1), ("fc", 1)]);
        assert_eq!(labels(&blocks(&names, &found[1])), [("stage2.0", 1), ("stage2.1", 1)]);
    }

    #[test]
    fn a_stage_that_is_everything_is_taken_apart() {
        let names = ["features.0.a", "features.0.b", "features.1.a", "features.2", "classifier"];
        let expected = [("features.0", 2), ("features.1", 1), ("features.2", 1), ("classifier", 1)];
        assert_eq!(labels(&stages(&names)), expected);
    }

    #[test]
    fn names_of_any_depth_are_no_trouble() {
        let name = "a.".repeat(100_000);
        let found = stages(&[&name, &name]);
        assert_eq!(labels(&found), [(&name[..2 * DEEPEST - 1], 2)]);
    }

    #[test]
    fn names_without_words_are_left_alone() {
        assert_eq!(labels(&stages(&["x", "x.y", "x.y.z", "x"])), [("x", 1), ("x.y", 2), ("x", 1)]);
        assert_eq!(stages(&["a"; 9]).len(), 1);
        assert_eq!(stages(&[]), []);
    }
}
