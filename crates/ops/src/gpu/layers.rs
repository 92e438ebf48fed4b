//! Vulkan layers between this program and its driver: they see every call, and slow what is timed.
//!
//! The loader finds a layer by its manifest and loads its library where the program, the environment
//! or a file of settings asks for it. Who asked does not matter here: a layer whose library is
//! mapped into this process is at work. Only Linux tells what is mapped.

use profile::file;
use serde_json::Value;
use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
};

/// Layers that only choose or order devices.
const HARMLESS: [&str; 3] =
    ["VK_LAYER_MESA_device_select", "VK_LAYER_NV_optimus", "VK_LAYER_NV_present"];

/// A layer that drops all commands; it crashes where a device is opened by a program as young as this one.
const DROPS: &str = "VK_LAYER_INTEL_nullhw";

/// The layer that drops all commands of this process, if there is one. Asked once the drivers are open.
pub(super) fn dropping() -> Option<&'static str> {
    at_work().iter().any(|layer| layer == DROPS).then_some(DROPS)
}

/// Names of the layers that watch this process. Asked once the drivers are open.
pub(super) fn at_work() -> Vec<String> {
    let mapped = fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let manifests = places().into_iter().flat_map(|place| files(&place));
    let layers = manifests.filter_map(|path| file::open(&path).and_then(io::read_to_string).ok());
    mapped_layers(&mapped, layers.flat_map(|manifest| layers_of(&manifest)))
}

/// Those of `layers`, names and libraries, whose library is in `maps`, as `/proc/self/maps` has it.
fn mapped_layers(maps: &str, layers: impl Iterator<Item = (String, String)>) -> Vec<String> {
    let file = |line: &str| line.rsplit_once('/').map(|(_, file)| file.to_owned());
    let mapped: BTreeSet<String> = maps.lines().filter_map(file).collect();
    let found: BTreeSet<String> = layers
        .filter(|(name, library)| mapped.contains(library) && !HARMLESS.contains(&name.as_str()))
        .map(|(name, _)| name)
        .collect();
    found.into_iter().collect()
}

/// Name and library of each layer that a manifest tells of.
fn layers_of(manifest: &str) -> Vec<(String, String)> {
    let manifest: Value = serde_json::from_str(manifest).unwrap_or_default();
    let several = manifest["layers"].as_array().into_iter().flatten();
    let layer = |layer: &Value| {
        let library = layer["library_path"].as_str()?.rsplit(['/', '\\']).next()?;
        Some((layer["name"].as_str()?.to_owned(), library.to_owned()))
    };
    several.chain([&manifest["layer"]]).filter_map(layer).collect()
}

/// Where the loader looks for manifests: folders, and files that the environment names.
fn places() -> Vec<PathBuf> {
    let paths = |variable: &str, default: &str| -> Vec<PathBuf> {
        let set = env::var_os(variable).filter(|value| !value.is_empty());
        env::split_paths(&set.unwrap_or_else(|| default.into())).collect()
    };
    let home = env::var("HOME").unwrap_or_default();
    let roots = [
        paths("XDG_CONFIG_HOME", &format!("{home}/.config")),
        paths("XDG_CONFIG_DIRS", "/etc/xdg"),
        paths("", "/etc:/usr/local/etc"),
        paths("XDG_DATA_HOME", &format!("{home}/.local/share")),
        paths("XDG_DATA_DIRS", "/usr/local/share:/usr/share"),
    ];
    let kinds = ["explicit_layer.d", "implicit_layer.d"];
    let in_root = |root: PathBuf| kinds.map(|kind| root.join("vulkan").join(kind));
    let named = ["VK_LAYER_PATH", "VK_ADD_LAYER_PATH", "VK_IMPLICIT_LAYER_PATH"]
        .into_iter()
        .chain(["VK_ADD_IMPLICIT_LAYER_PATH"])
        .flat_map(|variable| paths(variable, ""));
    roots.into_iter().flatten().flat_map(in_root).chain(named).collect()
}

/// The manifests at `place`, a folder or one of them.
fn files(place: &Path) -> Vec<PathBuf> {
    match fs::read_dir(place) {
        Ok(folder) => folder.flatten().map(|file| file.path()).collect(),
        Err(_) => vec![place.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFESTS: [&str; 4] = [
        r#"{"layer": {"name": "VK_LAYER_A", "library_path": "libVkLayer_a.so"}}"#,
        r#"{"layers": [{"name": "VK_LAYER_B", "library_path": "/opt/b/libb.so"},
                       {"name": "VK_LAYER_C", "library_path": "./libc_layer.so"}]}"#,
        r#"{"layer": {"name": "VK_LAYER_MESA_device_select", "library_path": "libselect.so"}}"#,
        "no manifest",
    ];

    fn found(maps: &str) -> Vec<String> {
        mapped_layers(maps, MANIFESTS.iter().flat_map(|manifest| layers_of(manifest)))
    }

    #[test]
    fn a_layer_watches_where_its_library_is_mapped() {
        let line = |path: &str| format!("7f00-7f01 r-xp 00000000 fe:00 7      {path}\n");
        let maps = |paths: &[&str]| paths.iter().map(|path| line(path)).collect::<String>();
        assert_eq!(found(&maps(&["/usr/lib/libvulkan.so.1", "/usr/lib/libselect.so"])), [""; 0]);
        assert_eq!(found(&maps(&["/usr/lib/libVkLayer_a.so"; 2])), ["VK_LAYER_A"]);
        let both = found(&maps(&["/opt/c/libc_layer.so", "/opt/b/libb.so"]));
        assert_eq!(both, ["VK_LAYER_B", "VK_LAYER_C"]);
        assert_eq!(found("7f00-7f01 rw-p 00000000 00:00 0 [heap]\n"), [""; 0]);
    }
}
