//! Writes the parts of WebAssembly's binary format.
//!
//! Format: <https://webassembly.github.io/spec/core/binary/index.html>

use wasmparser::{GlobalType, MemoryType, RefType, TableType, ValType};

/// Appends an unsigned LEB128 number.
pub(super) fn number(bytes: &mut Vec<u8>, mut value: u32) {
    loop {
        let low = value.to_le_bytes()[0] & 0x7f;
        value >>= 7;
        if value == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

/// Appends `i32.const` with a number that is not negative.
pub(super) fn constant(bytes: &mut Vec<u8>, value: u32) {
    bytes.push(0x41);
    number(bytes, value);
    // The number is signed: its sixth bit of the last byte would be a sign.
    if let Some(last) = bytes.last_mut()
        && *last & 0x40 != 0
    {
        *last |= 0x80;
        bytes.push(0);
    }
}

/// Appends bytes with their length before them.
pub(super) fn block(bytes: &mut Vec<u8>, content: &[u8]) {
    number(bytes, u32::try_from(content.len()).unwrap_or(u32::MAX));
    bytes.extend_from_slice(content);
}

/// Returns the code of a type of values, or `None` if this crate does not know it.
pub(super) fn value_type(value: ValType) -> Option<u8> {
    Some(match value {
        ValType::I32 => 0x7f,
        ValType::I64 => 0x7e,
        ValType::F32 => 0x7d,
        ValType::F64 => 0x7c,
        ValType::V128 => 0x7b,
        ValType::Ref(RefType::FUNCREF) => 0x70,
        ValType::Ref(RefType::EXTERNREF) => 0x6f,
        ValType::Ref(_) => return None,
    })
}

/// Appends a type of functions.
pub(super) fn function_type(bytes: &mut Vec<u8>, params: &[u8], results: &[u8]) {
    bytes.push(0x60);
    block(bytes, params);
    block(bytes, results);
}

/// Appends a type of tables. Returns `None` for types that this crate does not know.
pub(super) fn table_type(bytes: &mut Vec<u8>, table: &TableType) -> Option<()> {
    if table.table64 || table.shared {
        return None;
    }
    bytes.push(value_type(ValType::Ref(table.element_type))?);
    limits(bytes, table.initial, table.maximum)
}

/// Appends a type of memories. Returns `None` for types that this crate does not know.
pub(super) fn memory_type(bytes: &mut Vec<u8>, memory: &MemoryType) -> Option<()> {
    if memory.memory64 || memory.shared || memory.page_size_log2.is_some() {
        return None;
    }
    limits(bytes, memory.initial, memory.maximum)
}

/// Appends a type of globals. Returns `None` for types that this crate does not know.
pub(super) fn global_type(bytes: &mut Vec<u8>, global: &GlobalType) -> Option<()> {
    if global.shared {
        return None;
    }
    bytes.push(value_type(global.content_type)?);
    bytes.push(u8::from(global.mutable));
    Some(())
}

fn limits(bytes: &mut Vec<u8>, least: u64, most: Option<u64>) -> Option<()> {
    bytes.push(u8::from(most.is_some()));
    number(bytes, u32::try_from(least).ok()?);
    if let Some(most) = most {
        number(bytes, u32::try_from(most).ok()?);
    }
    Some(())
}
