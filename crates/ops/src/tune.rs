//! Whether kernels are chosen by trial, and which of them won earlier trials, kept in a file of the
//! user's choice.

use profile::cache;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Whether kernels are chosen by trial, and which ones won. Clones share what they know, so that all
/// sessions prepared with them take the same kernels, whether or not a file keeps them.
#[derive(Clone, Debug, Default)]
pub struct Tune(Option<Arc<Mutex<Choices>>>);

impl Tune {
    /// No trials: kernels are chosen by the order of the tables.
    pub const OFF: Self = Self(None);

    /// Trials. Winners are looked up and kept in the file `cache`, if one is given: usually in the
    /// user's cache folder, and never another machine's.
    pub fn on(cache: Option<&Path>) -> Self {
        Self(Some(Arc::new(Mutex::new(Choices::load(cache)))))
    }

    /// Whether kernels are tried.
    pub(crate) const fn is_on(&self) -> bool {
        self.0.is_some()
    }

    fn choices(&self) -> Option<MutexGuard<'_, Choices>> {
        // A map of names is whole whatever happened to its last user.
        self.0.as_ref().map(|choices| choices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Marks what won since the last call as `disturbed` or not, in the file as well: what was disturbed may be
    /// [forgotten](Self::forget_disturbed) some day.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn mark(&self, disturbed: bool) -> io::Result<()> {
        let Some(mut choices) = self.choices() else { return Ok(()) };
        let new = std::mem::take(&mut choices.new);
        if !disturbed || new.is_empty() {
            return Ok(());
        }
        for key in new {
            if let Some(choice) = choices.chosen.get_mut(&key) {
                *choice = Choice::Disturbed { disturbed: choice.kernel().to_owned() };
            }
        }
        choices.save()
    }

    /// Whether any choice was disturbed.
    pub fn is_disturbed(&self) -> bool {
        self.choices().is_some_and(|choices| choices.chosen.values().any(Choice::is_disturbed))
    }

    /// Forgets the choices that were disturbed, in the file as well once it is written: their kernels are
    /// tried anew.
    pub fn forget_disturbed(&self) {
        if let Some(mut choices) = self.choices() {
            choices.chosen.retain(|_, choice| !choice.is_disturbed());
            choices.forgets_disturbed = true;
            choices.changed = true;
        }
    }

    /// The kernel chosen for `key`.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.choices()?.chosen.get(key).map(|choice| choice.kernel().to_owned())
    }

    /// Forgets all choices whose keys do not start with `own`, in the file as well once it is written.
    pub(crate) fn keep_only(&self, own: &str) {
        if let Some(mut choices) = self.choices() {
            choices.own = own.to_owned();
            choices.chosen.retain(|key, _| key.starts_with(own));
        }
    }

    /// Remembers a choice.
    pub(crate) fn put(&self, key: String, kernel: &str) {
        if let Some(mut choices) = self.choices() {
            choices.put(key, kernel);
        }
    }

    /// Writes the file; the reason where that fails.
    pub(crate) fn save(&self) -> Result<(), String> {
        let Some(choices) = self.choices() else { return Ok(()) };
        choices.save().map_err(|e| format!("which kernels won is not kept: {e}"))
    }
}

/// The name of a kernel that won a trial, and whether something disturbed that.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Choice {
    Undisturbed(String),
    Disturbed { disturbed: String },
}

impl Choice {
    fn kernel(&self) -> &str {
        match self {
            Self::Undisturbed(kernel) | Self::Disturbed { disturbed: kernel } => kernel,
        }
    }

    const fn is_disturbed(&self) -> bool {
        matches!(self, Self::Disturbed { .. })
    }
}

/// Kernels by what they were chosen for.
#[derive(Debug, Default)]
struct Choices {
    path: Option<PathBuf>,
    chosen: BTreeMap<String, Choice>,
    /// Keys of choices that are not [marked](Tune::mark) yet.
    new: BTreeSet<String>,
    /// What the keys start with that are kept.
    own: String,
    /// Whether disturbed ones of others are kept no longer.
    forgets_disturbed: bool,
    changed: bool,
}

impl Choices {
    /// What the file at `path` holds.
    fn load(path: Option<&Path>) -> Self {
        let chosen = path.map(cache::load).unwrap_or_default();
        Self { path: path.map(Path::to_owned), chosen, ..Self::default() }
    }

    /// Remembers a choice.
    fn put(&mut self, key: String, kernel: &str) {
        self.new.insert(key.clone());
        self.chosen.insert(key, Choice::Undisturbed(kernel.to_owned()));
        self.changed = true;
    }

    /// Writes the file, if there is one and a choice is new.
    fn save(&self) -> io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| self.changed) else { return Ok(()) };
        cache::update(path, |all| {
            all.retain(|key, choice: &mut Choice| {
                key.starts_with(&self.own) && !(self.forgets_disturbed && choice.is_disturbed())
            });
            all.extend(self.chosen.clone());
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Tune;
    use std::fs;

    #[test]
    fn choices_survive_beside_those_of_others() {
        let folder = std::env::temp_dir().join(format!("choices-{}", std::process::id()));
        let path = folder.join("tuning.json");
        let one = Tune::on(Some(&path));
        one.put("a".to_owned(), "tile");
        one.save().unwrap();
        let two = Tune::on(Some(&path));
        assert_eq!(two.get("a").as_deref(), Some("tile"));
        one.put("b".to_owned(), "gemm_64x64");
        one.save().unwrap();
        two.put("c".to_owned(), "dot");
        two.save().unwrap();
        let all = Tune::on(Some(&path));
        assert_eq!(["a", "b", "c"].map(|key| all.get(key).is_some()), [true; 3]);
        all.keep_only("b");
        all.put("b2".to_owned(), "walk");
        all.save().unwrap();
        let left = Tune::on(Some(&path));
        assert_eq!(
            ["a", "b", "b2", "c"].map(|key| left.get(key).is_some()),
            [false, true, true, false]
        );
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_won_while_something_disturbed_it_can_be_forgotten_by_a_later_process() {
        let folder = std::env::temp_dir().join(format!("disturbed-{}", std::process::id()));
        let path = folder.join("tuning.json");
        let one = Tune::on(Some(&path));
        one.put("quiet".to_owned(), "tile");
        one.mark(false).unwrap();
        assert!(!one.is_disturbed());
        one.put("busy".to_owned(), "dot");
        one.save().unwrap();
        one.mark(true).unwrap();
        let two = Tune::on(Some(&path));
        assert!(two.is_disturbed());
        assert_eq!(two.get("busy").as_deref(), Some("dot"), "as good as any until then");
        two.forget_disturbed();
        assert_eq!(["busy", "quiet"].map(|key| two.get(key).is_some()), [false, true]);
        two.put("another".to_owned(), "gemm_64x64");
        two.save().unwrap();
        let three = Tune::on(Some(&path));
        assert!(!three.is_disturbed());
        let left = ["another", "busy", "quiet"].map(|key| three.get(key).is_some());
        assert_eq!(left, [true, false, true]);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn clones_know_the_same_without_a_file_and_off_knows_nothing() {
        let one = Tune::on(None);
        one.clone().put("a".to_owned(), "tile");
        assert_eq!(one.get("a").as_deref(), Some("tile"));
        Tune::OFF.put("a".to_owned(), "tile");
        assert_eq!(Tune::OFF.get("a"), None);
        assert!(one.save().is_ok() && Tune::OFF.save().is_ok());
    }
}
