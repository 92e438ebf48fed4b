//! What several tests of the command need.

#![allow(dead_code, reason = "each of them needs a part of it")]

use profile::Profile;
use std::{env, fs, path::PathBuf, process};

/// An empty folder that goes away with the test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let path = env::temp_dir().join(format!("probe-{test}-{}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn arg(&self) -> &str {
        self.0.to_str().unwrap()
    }

    pub fn profiles(&self) -> Vec<Profile> {
        profile::read(&self.0.join("profiles.jsonl"), &mut |_| ()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
