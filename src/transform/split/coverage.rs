//! Makes a module note which of its functions ran.
//!
//! Every body starts by setting a flag: in the core a global that it exports, in a side module a byte behind its
//! other memory. Nothing else differs, so the app runs as it does without the notes.

use wasmparser::BinaryReader;

use crate::transform::split::bytes::{block, constant, function_type, number};
use crate::transform::split::module::{Module, section};
use crate::transform::split::primary::index;
use crate::transform::split::sections::Sections;
use crate::transform::split::{OWN, Whole};

/// The subsection of `dylink.0` with the size of the module's memory.
const MEMORY: u32 = 1;
const I32_CONST_1: [u8; 2] = [0x41, 1];
const GLOBAL_GET: u8 = 0x23;
const I32_STORE8: u8 = 0x3a;
const I32_ADD: u8 = 0x6a;
const I32: u8 = 0x7f;
const LOCAL_GET: u8 = 0x20;
const UNREACHABLE: u8 = 0x00;
const IF: u8 = 0x04;
const RETURN: u8 = 0x0f;
const I32_EQ: u8 = 0x46;
const NO_TYPE: u8 = 0x40;
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

/// Adds flags to a side module. Its export `pyodide-pack` returns their address for 0, their number for 1, where the
/// module's functions start in the table for 2, and the number of imported functions for 3.
pub(super) fn side(module: &Module) -> Result<Vec<u8>, Whole> {
    let base = module.imported_global("env", "__memory_base");
    let base = index(base.ok_or(Whole::Unknown("no address in the memory"))?);
    let dylink = module.sections.first().filter(|(number, _)| *number == section::CUSTOM);
    let (_, dylink) = dylink.ok_or(Whole::Malformed)?;
    let (dylink, flags) = with_memory(dylink, index(module.bodies.len()))?;

    let mut sections = Sections::of(module);
    sections.replace(section::CUSTOM, dylink);
    sections.add(section::TYPES, |bytes| function_type(bytes, &[I32], &[I32]));
    sections.add(section::FUNCTIONS, |bytes| number(bytes, index(module.types.len())));
    sections.add(section::EXPORTS, |bytes| {
        block(bytes, OWN.as_bytes());
        bytes.push(0);
        number(bytes, index(module.functions.len()));
    });
    let set = |code: &mut Vec<u8>, function: u32| {
        code.push(GLOBAL_GET);
        number(code, base);
        code.extend(I32_CONST_1);
        code.extend([I32_STORE8, 0]);
        number(code, flags + function);
    };
    let (mut code, bodies) = (Vec::new(), with_flags(module, set)?);
    number(&mut code, index(module.bodies.len() + 1));
    code.extend(bodies);
    let table = module.imported_global("env", "__table_base");
    let answers = answers(&[
        [global_get(base), constant_of(flags), vec![I32_ADD]].concat(),
        constant_of(index(module.bodies.len())),
        table.map_or_else(|| constant_of(0), |table| global_get(index(table))),
        constant_of(index(module.imported_functions)),
    ]);
    block(&mut code, &answers);
    sections.replace(section::CODE, code);
    sections.write()
}

/// Returns the body of a function whose argument is the number of the value that it returns.
fn answers(values: &[Vec<u8>]) -> Vec<u8> {
    let mut body = vec![0];
    for (number, value) in (0..).zip(values) {
        body.extend([LOCAL_GET, 0]);
        constant(&mut body, number);
        body.extend([I32_EQ, IF, NO_TYPE]);
        body.extend(value);
        body.extend([RETURN, END]);
    }
    body.extend([UNREACHABLE, END]);
    body
}

fn global_get(global: u32) -> Vec<u8> {
    let mut code = vec![GLOBAL_GET];
    number(&mut code, global);
    code
}

fn constant_of(value: u32) -> Vec<u8> {
    let mut code = Vec::new();
    constant(&mut code, value);
    code
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

/// Returns the section `dylink.0` with more memory, and the size that it had.
fn with_memory(section: &[u8], more: u32) -> Result<(Vec<u8>, u32), Whole> {
    let mut reader = BinaryReader::new(section, 0);
    let mut content = Vec::new();
    block(&mut content, reader.read_string()?.as_bytes());
    let mut size = None;
    while !reader.eof() {
        let kind = reader.read_var_u32()?;
        let length = reader.read_var_u32()? as usize;
        let bytes = reader.read_bytes(length)?;
        number(&mut content, kind);
        if kind != MEMORY {
            block(&mut content, bytes);
            continue;
        }
        let mut memory = BinaryReader::new(bytes, 0);
        let old = memory.read_var_u32()?;
        let mut changed = Vec::new();
        number(&mut changed, old.checked_add(more).ok_or(Whole::Malformed)?);
        changed.extend(bytes.get(memory.original_position()..).unwrap_or_default());
        block(&mut content, &changed);
        size = Some(old);
    }
    Ok((content, size.ok_or(Whole::Unknown("no memory"))?))
}
