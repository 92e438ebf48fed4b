//! Names of files that say what is in them, and never the same one for two things.
//!
//! A file system takes fewer characters than a model or a device may have in its name, and may not
//! tell upper from lower case. So a name is made of words that a person reads, and what else the
//! file stands for decides whether two of the same words are one.

use fnv::FnvHasher;
use std::{
    collections::{HashMap, HashSet},
    hash::Hasher,
};

/// Most characters of a file's name without its ending: file systems take 255 bytes.
const LONGEST: usize = 200;

/// What Windows takes for devices, whatever ending follows; of some there are several, with a digit.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// A file's name before it is set beside others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    readable: String,
    /// All that the file stands for, the words included.
    whole: String,
}

impl Name {
    /// A name made of `words`, for what these words and `besides` stand for.
    pub fn new(words: &[&str], besides: &[&str]) -> Self {
        // With its length, no part can play two.
        let part = |part: &&str| format!("{}:{part}", part.len());
        let whole = words.iter().chain(besides).map(part).collect::<String>();
        Self { readable: shortened(readable(&words.join("-")), &whole), whole }
    }

    /// A name in which a person sees what `text` says; `allowed` are signs that it may have
    /// besides letters, digits, `_`, `-` and `.`.
    pub fn plain(text: &str, allowed: &str) -> Self {
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c) || allowed.contains(c);
        let name: String = text.chars().map(|c| if fits(c) { c } else { '-' }).collect();
        let name = harmless(name.trim_end_matches(['-', '.', ' ']).to_owned());
        Self { readable: shortened(name, text), whole: text.to_owned() }
    }

    /// The name, as long as it stands alone.
    pub fn alone(self) -> String {
        self.readable
    }
}

/// A file's name for each of `names`. Those that read the same although they stand for different
/// things have a digest at their end; those of one thing are numbered.
pub fn told_apart<'n>(names: impl IntoIterator<Item = &'n Name>) -> Vec<String> {
    let names: Vec<&Name> = names.into_iter().collect();
    let folded = |name: &str| name.to_lowercase();
    let mut meanings: HashMap<String, HashSet<&str>> = HashMap::new();
    for name in &names {
        meanings.entry(folded(&name.readable)).or_default().insert(&name.whole);
    }
    let (mut taken, mut times) = (HashSet::new(), HashMap::<String, usize>::new());
    let told_apart = |name: &&Name| {
        let own = match meanings[&folded(&name.readable)].len() {
            1 => name.readable.clone(),
            _ => format!("{}-{:016x}", name.readable, digest(&name.whole)),
        };
        let time = times.entry(folded(&own)).or_default();
        loop {
            *time += 1;
            let name = if *time == 1 { own.clone() } else { format!("{own}-{time}") };
            if taken.insert(folded(&name)) {
                return name;
            }
        }
    };
    names.iter().map(told_apart).collect()
}

/// `words` in lower case, anything but letters, digits, `.` and `_` a hyphen.
fn readable(words: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || "._".contains(c) { c } else { '-' };
    let parts: String = words.to_lowercase().chars().map(kept).collect();
    let parts: Vec<&str> = parts.split('-').filter(|part| !part.is_empty()).collect();
    harmless(parts.join("-"))
}

/// `name` where no system makes something else of it: no hidden file, no way up, no device.
fn harmless(name: String) -> String {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let numbered = stem.strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or_default();
    let device = DEVICES.contains(&&*stem) || NUMBERED_DEVICES.contains(&numbered);
    if stem.is_empty() || device { format!("_{name}") } else { name }
}

/// `name`; of more than [`LONGEST`] characters, all ASCII, a digest of the `whole` stands for the middle.
fn shortened(name: String, whole: &str) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    // A digest and two hyphens are 18.
    let (start, end) = (LONGEST / 2, name.len() - (LONGEST / 2 - 18));
    format!("{}-{:016x}-{}", &name[..start], digest(whole), &name[end..])
}

/// A digest that is the same on every machine and in every version.
fn digest(text: &str) -> u64 {
    let mut digest = FnvHasher::default();
    digest.write(text.as_bytes());
    digest.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(words: &[&str]) -> String {
        Name::new(words, &[]).alone()
    }

    #[test]
    fn a_name_is_made_of_words_that_every_system_takes() {
        assert_eq!(alone(&["A net(width=0.5)", "t1"]), "a-net-width-0.5-t1");
        for (words, name) in [
            ("con", "_con"),
            ("Nul.x", "_nul.x"),
            ("com7", "_com7"),
            ("confused", "confused"),
            ("..", "_.."),
            ("../../etc", "_..-..-etc"),
            ("名前", "_"),
            ("", "_"),
        ] {
            assert_eq!(alone(&[words]), name);
        }
        let plain = |text| Name::plain(text, "=(), ").alone();
        for name in ["shufflenet_v2_x1_0", "g2(channels=8, groups=2)"] {
            assert_eq!(plain(name), name);
        }
        assert_eq!([plain("a\t(b=../c:d)"), plain("aux. ")], ["a-(b=..-c-d)", "_aux"]);
    }

    #[test]
    fn long_names_stay_apart() {
        let long = |middle: &str| alone(&[&"a".repeat(200), middle, &"b".repeat(200), "roofline"]);
        assert_eq!(long("x").len(), LONGEST);
        assert!(long("x").ends_with("b-roofline"), "{}", long("x"));
        assert_ne!(long("x"), long("y"));
        assert_ne!(long("x y"), long("x-y"), "what the readable name hides counts");
        // The digest of a version stays the digest of all: FNV-1a's own test.
        assert_eq!(digest("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn two_things_never_share_a_name() {
        let name = |word, besides| Name::new(&[word], &[besides]);
        let names = [
            name("a(b)", "one machine"),
            name("a-b", "one machine"),
            name("A-b", "one machine"),
            name("a-b", "another"),
            name("a-b", "one machine"),
            name("c", "one machine"),
            name("c-2", "one machine"),
            name("c", "one machine"),
            name("c", "one machine"),
        ];
        let told = told_apart(&names);
        let apart: HashSet<String> = told.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(apart.len(), names.len(), "{told:?}");
        assert!(told[..4].iter().all(|name| name.starts_with("a-b-")), "{told:?}");
        assert_eq!(told[4], format!("{}-2", told[1]), "measured again");
        assert_eq!(told[5..], ["c", "c-2", "c-3", "c-4"]);
        // Its name does not depend on what else was measured before it.
        assert_eq!(told_apart(&[names[3].clone(), names[0].clone()]), [told[3].as_str(), &told[0]]);
        let plain = ["A", "a"].map(|text| Name::plain(text, ""));
        assert_ne!(told_apart(&plain)[0].to_lowercase(), told_apart(&plain)[1].to_lowercase());
    }
}
