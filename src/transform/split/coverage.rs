//! Makes a module note which of its functions ran.
//!
//! Every body starts by setting a flag, a global that the module exports. Nothing else differs, so the app runs as it
//! does without the notes.

use crate::transform::split::bytes::{block, number};
use crate::transform::split::module::{Module, section};
use crate::transform::split::primary::index;
use crate::transform::split::sections::Sections;
use crate::transform::split::{OWN, Whole};

const I32_CONST_1: [u8; 2] = [0x41, 1];
const GLOBAL_SET: u8 = 0x24;
const END: u8 = 0x0b;

/// Adds flags to the core. The export `pyodide-pack:N` is 1 if the defined function N ran.
pub(super) fn core(module: &Module) -> Result<Vec<u8>, Whole> {
    let mut sections = Sections::of(module);
    let first = module.globals.len();
    for function in 0..module.bodies.len() {
        // A mutable `i32`, at first 0.
        sections.add(section::GLOBALS, |bytes| bytes.extend([0x7f, 1, 0x41, 0, END]));
        sections.add(section::EXPORTS, |bytes| {
            block(bytes, format!("{OWN}:{function}").as_bytes());
            bytes.push(3);
            number(bytes, index(first + function));
        });
    }
    let set = |code: &mut Vec<u8>, function: u32| {
        code.extend(I32_CONST_1);
        code.push(GLOBAL_SET);
        number(code, index(first) + function);
    };
    let (mut code, bodies) = (Vec::new(), with_flags(module, set)?);
    number(&mut code, index(module.bodies.len()));
    code.extend(bodies);
    sections.replace(section::CODE, code);
    sections.write()
}

/// Returns all bodies, each with these instructions at its start.
fn with_flags(module: &Module, set: impl Fn(&mut Vec<u8>, u32)) -> Result<Vec<u8>, Whole> {
    let mut bodies = Vec::new();
    for (number, body) in module.bodies.iter().enumerate() {
        let (variables, code) = body.bytes.split_at_checked(body.code).ok_or(Whole::Malformed)?;
        let mut noted = variables.to_vec();
        set(&mut noted, index(number));
        noted.extend(code);
        block(&mut bodies, &noted);
    }
    Ok(bodies)
}
