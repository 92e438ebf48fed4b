//! A network on the command line: any text, with the zoo's names as what a shell offers.

use clap::{
    Arg, Command, Error,
    builder::{PossibleValue, StringValueParser, TypedValueParser},
};
use std::ffi::OsStr;

/// Takes whatever is given: a name may have parameters, or be a file's. Whoever builds the network says what is
/// wrong with it.
#[derive(Clone, Copy, Debug)]
pub struct NetworkName;

impl TypedValueParser for NetworkName {
    type Value = String;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue>>> {
        Some(Box::new(zoo::names().into_iter().map(PossibleValue::new)))
    }
}
