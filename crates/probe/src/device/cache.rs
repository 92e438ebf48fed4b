//! What takes long to measure, and whether the user's cache folder remembers it.

use super::trials;
use crate::{args::DeviceArgs, output::cache_file};
use ops::Tune;
use profile::{Device, file};
use report::screen;
use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// What to tell a user whose starts all measure what one could have remembered; `None` where there is a
/// folder that can be written, or nothing to remember.
pub fn caution(args: &DeviceArgs) -> Option<String> {
    let lost = match (args.no_calibration, args.no_tune) {
        (true, true) => return None,
        (false, true) => ("ceilings (half a minute)", "--no-calibration"),
        (true, false) => ("trials of kernels", "--no-tune"),
        (false, false) => {
            ("ceilings (half a minute) and trials of kernels", "--no-calibration --no-tune")
        }
    };
    let why = unfit(cache_file("probe").as_deref().and_then(Path::parent))?;
    let (what, options) = lost;
    Some(format!(
        "{why}, so {what} are measured anew at every start: set XDG_CACHE_HOME to a folder that can be \
         written, or leave them out with {options}"
    ))
}

/// How kernels of `device` are chosen; `file` of the user's cache folder, if any, remembers those that won a trial. Where
/// something else stands in its place, that is told.
pub fn tune(args: &DeviceArgs, device: &Device, file: Option<&str>) -> Tune {
    if args.no_tune {
        return Tune::OFF;
    }
    let path = file.and_then(cache_file);
    if let Some(caution) = path.as_deref().and_then(in_the_way) {
        screen::tell(format_args!("warning: {caution}"));
    }
    let tune = Tune::on(path.as_deref());
    trials::forget_disturbed(device, &tune);
    tune
}

/// What to tell where kernels that won cannot be kept at `path`, since something else stands there.
fn in_the_way(path: &Path) -> Option<String> {
    // A folder that cannot be there is told already.
    let why = file::demand_regular(path).err().filter(|_| path.exists())?;
    Some(format!(
        "{}: {why}, so trials of kernels are made anew at every start: move it elsewhere, or leave them out \
         with --no-tune",
        path.display()
    ))
}

/// Why nothing can be kept in `folder`.
fn unfit(folder: Option<&Path>) -> Option<String> {
    let Some(folder) = folder else {
        return Some(
            "there is no cache folder (neither XDG_CACHE_HOME nor HOME is an absolute path)"
                .to_owned(),
        );
    };
    let trial = folder.join(format!("{}.trial", std::process::id()));
    let write = || -> io::Result<()> {
        fs::create_dir_all(folder)?;
        File::create(&trial)?;
        fs::remove_file(&trial)
    };
    let why = write().err()?;
    Some(format!("the cache folder {} cannot be written ({why})", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_where_a_file_should_be_is_told() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("kernels.json");
        assert_eq!(in_the_way(&path), None);
        fs::write(&path, "{}").unwrap();
        assert_eq!(in_the_way(&path), None);
        let caution = in_the_way(root.path()).unwrap();
        assert!(caution.contains("it is a folder") && caution.contains("made anew"), "{caution}");
    }

    #[test]
    fn a_folder_is_fit_where_it_can_be_made_and_written() {
        let root = tempfile::tempdir().unwrap();
        let fit = root.path().join("a").join("b");
        assert_eq!(unfit(Some(&fit)), None);
        assert_eq!(fs::read_dir(&fit).unwrap().count(), 0, "the trial leaves nothing");
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        for (folder, why) in [
            (None, "there is no cache folder"),
            (Some(file.as_path()), "cannot be written"),
            (Some(&file.join("below")), "cannot be written"),
        ] {
            let told = unfit(folder).unwrap_or_default();
            assert!(told.contains(why), "{folder:?}: {told}");
        }
    }
}
