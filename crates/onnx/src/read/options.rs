//! How a model is read beyond what its file says.

/// How a model is read beyond what its file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Images a run, where the file leaves that free; an input that does not gives its own.
    pub batch: usize,
    /// Height and width of the inputs that have them, where the file leaves them free.
    pub input: Option<(usize, usize)>,
}

impl Default for Options {
    /// One image of the size that the file says.
    fn default() -> Self {
        Self { batch: 1, input: None }
    }
}

/// Axes of inputs, by their number: those of rows of features, of sequences and of maps.
const ROW: &[&str] = &["batch", "channels"];
const SEQUENCE: &[&str] = &["batch", "channels", "width"];
const MAP: &[&str] = &["batch", "channels", "height", "width"];

impl Options {
    /// What is asked for of an axis that can be free.
    fn asked(self, axis: &str) -> Option<usize> {
        match axis {
            "batch" => Some(self.batch),
            "height" => self.input.map(|(h, _)| h),
            "width" => self.input.map(|(_, w)| w),
            _ => None,
        }
    }

    /// The lengths of an input's axes, some of which the file leaves free; `Err` says what doesn't fit.
    pub(crate) fn lengths(self, declared: &[Option<usize>]) -> Result<Vec<usize>, String> {
        let axes = axes(declared).ok_or_else(|| {
            format!("of {} axes: the lab's have 2 to 4, N×C, N×C×W or N×C×H×W", declared.len())
        })?;
        let length = |(own, axis): (&Option<usize>, &&str)| {
            own.or(self.asked(axis)).ok_or_else(|| match *axis {
                "channels" => "whose channels are free".to_owned(),
                axis => format!("whose {axis} is free: give --input HxW"),
            })
        };
        declared.iter().zip(axes).map(length).collect()
    }

    /// Refuses what none of the inputs is: what was asked for would be ignored.
    pub(crate) fn demand(self, inputs: &[Vec<Option<usize>>]) -> Result<(), String> {
        for axis in MAP {
            let Some(asked) = self.asked(axis) else { continue };
            let found = inputs.iter().filter_map(|input| {
                let axes = axes(input)?;
                let own = axes.iter().position(|a| a == axis).map(|at| input[at]);
                // A sequence is a map of one row.
                own.or((axes == SEQUENCE && *axis == "height").then_some(Some(1)))
            });
            let found: Vec<Option<usize>> = found.collect();
            if found.iter().any(|own| own.is_none_or(|own| own == asked)) {
                continue;
            }
            return Err(match found[..] {
                [Some(own), ..] if *axis == "batch" => {
                    format!("has an input whose batch is {own}, not {asked}: give --batch {own}")
                }
                [Some(own), ..] => format!("has an input whose {axis} is {own}, not {asked}"),
                _ => format!("has no input with a {axis}: leave out --input"),
            });
        }
        Ok(())
    }
}

/// What the axes of an input are.
const fn axes(input: &[Option<usize>]) -> Option<&'static [&'static str]> {
    match input.len() {
        2 => Some(ROW),
        3 => Some(SEQUENCE),
        4 => Some(MAP),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_axes_get_the_lengths_asked_for_and_others_keep_theirs() {
        let options = Options { batch: 4, input: Some((32, 48)) };
        assert_eq!(options.lengths(&[None, Some(3), None, Some(9)]), Ok(vec![4, 3, 32, 9]));
        assert_eq!(options.lengths(&[Some(1), Some(3), None]), Ok(vec![1, 3, 48]));
        assert_eq!(options.lengths(&[None, Some(3)]), Ok(vec![4, 3]));
        let open = Options::default().lengths(&[None, Some(3), None, None]).unwrap_err();
        assert!(open.contains("height is free: give --input"), "{open}");
        for (axes, expected) in [(vec![None; 2], "channels are free"), (vec![Some(1); 5], "5 axes")]
        {
            let wrong = options.lengths(&axes).unwrap_err();
            assert!(wrong.contains(expected), "{wrong}");
        }
        assert_eq!(options.lengths(&[None, Some(3), None]), Ok(vec![4, 3, 48]));
    }

    #[test]
    fn what_is_asked_for_is_what_some_input_has() {
        let options = Options { batch: 4, input: Some((32, 48)) };
        let row = vec![Some(1), Some(3)];
        let map = |batch, size| vec![batch, Some(3), size, None];
        let refusal =
            |inputs: &[Vec<Option<usize>>]| options.demand(inputs).err().unwrap_or_default();
        assert_eq!(refusal(&[row.clone(), map(None, None)]), "");
        assert_eq!(refusal(&[map(Some(4), Some(32)), map(Some(1), Some(9))]), "");
        for (inputs, expected) in [
            (vec![row.clone()], "batch is 1, not 4: give --batch 1"),
            (vec![map(None, Some(9)), row], "height is 9, not 32"),
            (vec![vec![None, Some(3)]], "no input with a height: leave out --input"),
            (vec![vec![None, Some(3), None]], "height is 1, not 32"),
        ] {
            assert!(refusal(&inputs).contains(expected), "{}", refusal(&inputs));
        }
    }
}
