//! The code that takes the place of moved functions.
//!
//! A stub passes its arguments and the number of its slot to a dispatcher. There is one for each type of functions.
//! It calls the function in the slot, and before, if the slot is empty, the function that loads chunks. The load
//! returns before the call, so nothing of it is on the stack then.

use wasmparser::FuncType;

use crate::transform::split::Whole;
use crate::transform::split::bytes::{block, constant, function_type, number, value_type};
use crate::transform::split::plan::LOAD_SLOT;

const LOCAL_GET: u8 = 0x20;
const GLOBAL_GET: u8 = 0x23;
const TABLE_GET: u8 = 0x25;
const CALL: u8 = 0x10;
const CALL_INDIRECT: u8 = 0x11;
const REF_IS_NULL: u8 = 0xd1;
const IF: u8 = 0x04;
const NO_RESULT: u8 = 0x40;
const END: u8 = 0x0b;
const I32: u8 = 0x7f;

/// What dispatchers refer to.
pub(super) struct Names {
    /// The number of the private table.
    pub table: u32,
    /// The number of the type of the function that loads chunks.
    pub load: u32,
    /// The numbers of the globals with the addresses of a side module, which it gets as arguments.
    pub bases: [Option<u32>; 2],
}

/// Appends the type of the function that loads chunks: slot, base in the memory, and base in the table.
pub(super) fn load_type(types: &mut Vec<u8>) {
    function_type(types, &[I32; 3], &[]);
}

/// Appends the type of the dispatcher for functions of a type.
pub(super) fn dispatcher_type(types: &mut Vec<u8>, of: &FuncType) -> Result<(), Whole> {
    let codes = |values: &[wasmparser::ValType]| {
        values.iter().map(|value| value_type(*value)).collect::<Option<Vec<_>>>()
    };
    let unknown = || Whole::Unknown("a type of values");
    let mut params = codes(of.params()).ok_or_else(unknown)?;
    params.push(I32);
    function_type(types, &params, &codes(of.results()).ok_or_else(unknown)?);
    Ok(())
}

/// Returns the most bytes that a stub can have.
pub(super) fn largest(params: usize) -> usize {
    let arguments: usize = (0..params).map(|local| if local < 128 { 2 } else { 4 }).sum();
    1 + arguments + 5 + 5 + 1
}

/// Appends the body of a stub.
pub(super) fn stub(code: &mut Vec<u8>, params: usize, slot: u32, dispatcher: u32) {
    let mut body = vec![0]; // no local variables
    arguments(&mut body, params);
    constant(&mut body, slot);
    body.push(CALL);
    number(&mut body, dispatcher);
    body.push(END);
    block(code, &body);
}

/// Appends the body of a dispatcher for functions whose type has this number.
pub(super) fn dispatcher(code: &mut Vec<u8>, params: usize, kind: u32, names: &Names) {
    let slot = u32::try_from(params).unwrap_or(u32::MAX);
    let mut body = vec![0];
    local(&mut body, slot);
    body.push(TABLE_GET);
    number(&mut body, names.table);
    body.extend([REF_IS_NULL, IF, NO_RESULT]);
    local(&mut body, slot);
    for base in names.bases {
        match base {
            Some(global) => {
                body.push(GLOBAL_GET);
                number(&mut body, global);
            }
            None => constant(&mut body, 0),
        }
    }
    constant(&mut body, LOAD_SLOT);
    indirect(&mut body, names.load, names.table);
    body.push(END);
    arguments(&mut body, params);
    local(&mut body, slot);
    indirect(&mut body, kind, names.table);
    body.push(END);
    block(code, &body);
}

/// Appends the body of a function that is in a slot of the private table.
pub(super) fn forward(code: &mut Vec<u8>, params: usize, slot: u32, kind: u32, table: u32) {
    let mut body = vec![0];
    arguments(&mut body, params);
    constant(&mut body, slot);
    indirect(&mut body, kind, table);
    body.push(END);
    block(code, &body);
}

fn arguments(body: &mut Vec<u8>, params: usize) {
    for number in (0..).take(params) {
        local(body, number);
    }
}

fn local(body: &mut Vec<u8>, local: u32) {
    body.push(LOCAL_GET);
    number(body, local);
}

fn indirect(body: &mut Vec<u8>, kind: u32, table: u32) {
    body.push(CALL_INDIRECT);
    number(body, kind);
    number(body, table);
}
