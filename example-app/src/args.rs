//! The command line: `--port N` or the variable `PORT`, and `--help`.

use std::ffi::OsString;
use std::fmt;

pub(crate) const HELP: &str = "\
Serves a SQL transpiler that runs in the browser, on this machine only.

Usage: example-app [--port N]

Options:
  --port N    the port to listen on; 0 takes any free one
              [default: the variable PORT, else the first free one from 8000 upwards]
  -h, --help  this text
";

/// The user's request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Help,
    Serve(Port),
}

/// The port to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Port {
    /// Only this port; 0 lets the system choose.
    Exactly(u16),
    /// The first free port from this one upwards.
    From(u16),
}

/// A mistake of the user, and how to correct it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\nhint: `example-app --help` lists what there is", self.0)
    }
}

impl std::error::Error for UsageError {}

/// Returns the variable `PORT`, unless it is empty.
#[expect(clippy::disallowed_methods, reason = "PORT is the server's, not the build script's")]
pub(crate) fn port_variable() -> Option<OsString> {
    std::env::var_os("PORT").filter(|value| !value.is_empty())
}

/// Reads the arguments (without the program's name), and the variable `PORT` if they name no port.
pub(crate) fn parse(
    args: impl IntoIterator<Item = OsString>,
    variable: Option<OsString>,
) -> Result<Command, UsageError> {
    let mut port = None;
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        match arg.to_str() {
            Some("-h" | "--help") => return Ok(Command::Help),
            Some("--port") => {
                let value =
                    args.next().ok_or_else(|| UsageError("--port needs a number".into()))?;
                port = Some(number("--port", &value)?);
            }
            Some(text) if text.starts_with("--port=") => {
                port = Some(number("--port", &OsString::from(&text["--port=".len()..]))?);
            }
            _ => return Err(UsageError(format!("unknown argument `{}`", arg.display()))),
        }
    }
    if port.is_none() {
        port = variable.map(|value| number("the variable PORT", &value)).transpose()?;
    }
    Ok(Command::Serve(port.map_or(Port::From(8000), Port::Exactly)))
}

fn number(what: &str, value: &OsString) -> Result<u16, UsageError> {
    value.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
        UsageError(format!("{what} is `{}`, not a number from 0 to 65535", value.display()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(args: &[&str], variable: Option<&str>) -> Result<Command, UsageError> {
        parse(args.iter().map(OsString::from), variable.map(OsString::from))
    }

    #[test]
    fn without_arguments_the_first_free_port_from_8000() {
        assert_eq!(parsed(&[], None), Ok(Command::Serve(Port::From(8000))));
    }

    #[test]
    fn a_port_in_both_spellings() {
        assert_eq!(parsed(&["--port", "9001"], None), Ok(Command::Serve(Port::Exactly(9001))));
        assert_eq!(parsed(&["--port=0"], None), Ok(Command::Serve(Port::Exactly(0))));
    }

    #[test]
    fn the_argument_wins_over_the_variable() {
        assert_eq!(parsed(&[], Some("9002")), Ok(Command::Serve(Port::Exactly(9002))));
        assert_eq!(parsed(&["--port=1"], Some("nine")), Ok(Command::Serve(Port::Exactly(1))));
    }

    #[test]
    fn help_in_both_spellings() {
        assert_eq!(parsed(&["--help"], None), Ok(Command::Help));
        assert_eq!(parsed(&["--port", "1", "-h"], Some("nine")), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        let message = |args, variable| match parsed(args, variable) {
            Ok(command) => panic!("accepted as {command:?}"),
            Err(error) => error.to_string(),
        };
        assert!(message(&["--port"], None).starts_with("--port needs a number\nhint: "));
        assert!(message(&["--port", "65536"], None).starts_with("--port is `65536`, not a number"));
        assert!(message(&["--port="], None).starts_with("--port is ``"));
        assert!(message(&["--prot", "1"], None).starts_with("unknown argument `--prot`"));
        assert!(message(&["8000"], None).starts_with("unknown argument `8000`"));
        assert!(message(&[], Some("nine")).starts_with("the variable PORT is `nine`"));
    }
}
