//! What was measured once and need not be again: values by key, in one JSON file.

use crate::file;
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::BTreeMap, io, path::Path};

/// Values by key.
pub type Values<V> = BTreeMap<String, V>;

/// What the file at `path` holds; nothing where there is no such file, or not one of ours.
pub fn load<V: DeserializeOwned>(path: &Path) -> Values<V> {
    let text = file::read(path).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Changes what the file at `path` holds. What another process wrote since stays; a reader never sees half a
/// file.
///
/// # Errors
/// Where the file cannot be written.
pub fn update<V: Serialize + DeserializeOwned>(
    path: &Path,
    change: impl FnOnce(&mut Values<V>),
) -> io::Result<()> {
    let mut values = load(path);
    change(&mut values);
    file::write(path, &serde_json::to_vec_pretty(&values)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn values_survive_and_a_broken_file_is_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new").join("cache.json");
        let put = |key: &str, value| {
            update(&path, |all: &mut Values<u32>| _ = all.insert(key.to_owned(), value)).unwrap();
        };
        assert_eq!(load::<u32>(&path), Values::new());
        put("a", 1);
        put("b", 2);
        put("a", 3);
        assert_eq!(load(&path), Values::from([("a".to_owned(), 3), ("b".to_owned(), 2)]));
        assert_eq!(load::<String>(&path), Values::new(), "of another kind");
        fs::write(&path, "{").unwrap();
        assert_eq!(load::<u32>(&path), Values::new());
        put("c", 4);
        assert_eq!(load(&path), Values::from([("c".to_owned(), 4)]));
    }
}
