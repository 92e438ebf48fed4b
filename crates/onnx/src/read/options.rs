//! How a model is read beyond what its file says.

/// How a model is read beyond what its file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Images a run, where the file leaves that free.
    pub batch: usize,
    /// Height and width of the input, where the file leaves them free.
    pub input: Option<(usize, usize)>,
}

impl Default for Options {
    /// One image of the size that the file says.
    fn default() -> Self {
        Self { batch: 1, input: None }
    }
}

impl Options {
    /// The lengths of the input's axes, some of which the file leaves free; `Err` says what doesn't fit.
    pub(crate) fn lengths(self, declared: &[Option<usize>]) -> Result<Vec<usize>, String> {
        let size = self.input.map_or([None; 2], |(h, w)| [Some(h), Some(w)]);
        let asked = match declared.len() {
            2 => vec![Some(self.batch), None],
            3 => vec![Some(self.batch), None, size[1]],
            4 => vec![Some(self.batch), None, size[0], size[1]],
            n => return Err(format!("has an input of {n} axes: the lab's have 4, 3 or 2")),
        };
        // A sequence is a map of one row.
        let sizes = if declared.len() == 3 { ["width", ""] } else { ["height", "width"] };
        let axes = ["batch", "channels", sizes[0], sizes[1]];
        let length = |((&own, asked), axis)| match (own, asked) {
            (Some(own), Some(asked)) if own != asked => {
                let how =
                    if axis == "batch" { format!(": give --batch {own}") } else { String::new() };
                Err(format!("has an input whose {axis} is {own}, not {asked}{how}"))
            }
            (None, None) if axis == "channels" => {
                Err("has an input whose channels are free".to_owned())
            }
            (None, None) => Err(format!("has an input whose {axis} is free: give --input HxW")),
            (own, asked) => Ok(own.or(asked).unwrap_or_default()),
        };
        declared.iter().zip(asked).zip(axes).map(length).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_axes_get_the_lengths_asked_for_and_others_keep_theirs() {
        let options = Options { batch: 4, input: Some((32, 48)) };
        let free = options.lengths(&[None, Some(3), None, Some(48)]);
        assert_eq!(free, Ok(vec![4, 3, 32, 48]));
        let fixed = options.lengths(&[Some(1), Some(3), None, None]).unwrap_err();
        assert!(fixed.contains("batch is 1, not 4: give --batch 1"), "{fixed}");
        let open = Options::default().lengths(&[None, Some(3), None, None]).unwrap_err();
        assert!(open.contains("height is free: give --input"), "{open}");
        assert!(options.lengths(&[None, None]).is_err());
        assert_eq!(options.lengths(&[None, Some(3), None]), Ok(vec![4, 3, 48]));
        let long = Options::default().lengths(&[None, Some(3), None]).unwrap_err();
        assert!(long.contains("width is free"), "{long}");
    }
}
