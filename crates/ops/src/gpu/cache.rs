//! Which kernels won earlier tuning runs, kept in a file of the user's choice.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

/// Names of kernels by what they were chosen for.
#[derive(Debug, Default)]
pub(super) struct Cache {
    path: Option<PathBuf>,
    chosen: BTreeMap<String, String>,
    changed: bool,
}

impl Cache {
    /// What the file at `path` holds; nothing where there is no such file, or not one of ours.
    pub fn load(path: Option<&Path>) -> Self {
        let text = path.and_then(|p| fs::read(p).ok()).unwrap_or_default();
        let chosen = serde_json::from_slice(&text).unwrap_or_default();
        Self { path: path.map(Path::to_owned), chosen, changed: false }
    }

    /// The kernel chosen for `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.chosen.get(key).map(String::as_str)
    }

    /// Remembers a choice.
    pub fn put(&mut self, key: String, kernel: &str) {
        self.chosen.insert(key, kernel.to_owned());
        self.changed = true;
    }

    /// Writes the file, if there is one and a choice is new. Choices that another process wrote
    /// since stay; a reader never sees half a file.
    pub fn save(&self) -> io::Result<()> {
        let Some(path) = self.path.as_deref().filter(|_| self.changed) else { return Ok(()) };
        let mut all = Self::load(Some(path)).chosen;
        all.extend(self.chosen.clone());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let new = path.with_extension(format!("{}.new", std::process::id()));
        fs::write(&new, serde_json::to_string_pretty(&all)?)?;
        fs::rename(&new, path)
    }
}

#[cfg(test)]
mod tests {
    use super::Cache;
    use std::fs;

    #[test]
    fn choices_survive_and_a_broken_file_is_an_empty_one() {
        let folder = std::env::temp_dir().join(format!("gpu-cache-{}", std::process::id()));
        let path = folder.join("tuning.json");
        let mut one = Cache::load(Some(&path));
        one.put("a".to_owned(), "tile");
        one.save().unwrap();
        let mut two = Cache::load(Some(&path));
        assert_eq!(two.get("a"), Some("tile"));
        one.put("b".to_owned(), "staged");
        one.save().unwrap();
        two.put("c".to_owned(), "dot");
        two.save().unwrap();
        let all = Cache::load(Some(&path));
        assert_eq!([all.get("a"), all.get("b"), all.get("c")].map(|k| k.is_some()), [true; 3]);
        fs::write(&path, "{").unwrap();
        assert_eq!(Cache::load(Some(&path)).get("a"), None);
        fs::remove_dir_all(folder).unwrap();
    }
}
