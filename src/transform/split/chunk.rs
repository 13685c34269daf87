//! Writes a chunk: a module with moved functions.
//!
//! It has the types, the functions and all that is imported of the original under the same indices, so bodies are
//! copied byte by byte. It imports no function: what a body calls is in a slot of the private table. A function that
//! none calls has a body that traps, and the first type, whatever its own type is.

use std::collections::BTreeMap;

use crate::transform::split::bytes::{
    block, constant, global_type, memory_type, number, table_type,
};
use crate::transform::split::module::{Module, section};
use crate::transform::split::plan::{ChunkPlan, Plan};
use crate::transform::split::primary::index;
use crate::transform::split::{MAGIC, OWN, Whole, stub};

/// A body without variables whose first instruction is `unreachable`.
const TRAP: [u8; 4] = [3, 0, 0x00, 0x0b];
/// An immutable global of the type `i32`.
const PLACEHOLDER: [u8; 2] = [0x7f, 0];

const UNKNOWN: Whole = Whole::Unknown("a type of tables, memories or globals");

/// What a function of a chunk is.
enum Content<'a> {
    Moved(&'a [u8]),
    /// In this slot.
    Called(u32),
}

pub(super) fn write(module: &Module, plan: &Plan, chunk: &ChunkPlan) -> Result<Vec<u8>, Whole> {
    let mut contents = BTreeMap::new();
    for function in &chunk.functions {
        let body = function.checked_sub(module.imported_functions);
        let body = body.and_then(|number| module.bodies.get(number)).ok_or(Whole::Malformed)?;
        contents.insert(*function, Content::Moved(body.bytes));
    }
    for function in &chunk.calls {
        let slot = plan.called.get(function).ok_or(Whole::Malformed)?;
        contents.insert(*function, Content::Called(*slot));
    }
    let table = index(module.tables.len());
    let (mut functions, mut code) = (Vec::new(), Vec::new());
    for bytes in [&mut functions, &mut code] {
        number(bytes, index(module.functions.len()));
    }
    for function in 0..module.functions.len() {
        let Some(content) = contents.get(&function) else {
            functions.push(0);
            code.extend(TRAP);
            continue;
        };
        let (kind, signature) = module.type_of(function)?;
        number(&mut functions, kind);
        match content {
            Content::Moved(body) => block(&mut code, body),
            Content::Called(slot) => {
                stub::forward(&mut code, signature.params().len(), *slot, kind, table);
            }
        }
    }

    let types = module.sections.iter().find(|(number, _)| *number == section::TYPES);
    let (_, types) = types.ok_or(Whole::Malformed)?;
    let imports = imports(module, plan, chunk)?;
    let elements = elements(plan, chunk, table);
    let mut bytes = MAGIC.to_vec();
    for (number, content) in [
        (section::TYPES, *types),
        (section::IMPORTS, &imports),
        (section::FUNCTIONS, &functions),
        (section::ELEMENTS, &elements),
        (section::CODE, &code),
    ] {
        bytes.push(number);
        block(&mut bytes, content);
    }
    Ok(bytes)
}

/// Puts the moved functions into their slots.
fn elements(plan: &Plan, chunk: &ChunkPlan, table: u32) -> Vec<u8> {
    let first = chunk.functions.first().and_then(|function| plan.moved.get(function));
    let mut bytes = vec![1, 2];
    number(&mut bytes, table);
    constant(&mut bytes, first.copied().unwrap_or_default());
    bytes.extend([0x0b, 0]);
    number(&mut bytes, index(chunk.functions.len()));
    for function in &chunk.functions {
        number(&mut bytes, index(*function));
    }
    bytes
}

fn imports(module: &Module, plan: &Plan, chunk: &ChunkPlan) -> Result<Vec<u8>, Whole> {
    let mut imports = Imports::default();
    for (number, table) in module.tables.iter().enumerate() {
        imports.add(table.import, &format!("table:{number}"), 1);
        table_type(&mut imports.bytes, &table.kind).ok_or(UNKNOWN)?;
    }
    imports.add(None, "table", 1);
    imports.bytes.extend([0x70, 0]);
    number(&mut imports.bytes, plan.table_size());
    for (number, memory) in module.memories.iter().enumerate() {
        imports.add(memory.import, &format!("memory:{number}"), 2);
        memory_type(&mut imports.bytes, &memory.kind).ok_or(UNKNOWN)?;
    }
    let globals = chunk.globals.last().map_or(0, |last| last + 1);
    for (number, global) in module.globals.iter().take(globals).enumerate() {
        if chunk.globals.contains(&number) {
            imports.add(global.import, &format!("global:{number}"), 3);
            global_type(&mut imports.bytes, &global.kind).ok_or(UNKNOWN)?;
        } else {
            imports.add(Some(("", "")), "", 3);
            imports.bytes.extend(PLACEHOLDER);
        }
    }
    for (number, tag) in module.tags.iter().enumerate() {
        imports.add(tag.import, &format!("tag:{number}"), 4);
        imports.bytes.push(0);
        self::number(&mut imports.bytes, tag.kind);
    }
    let mut section = Vec::new();
    number(&mut section, imports.count);
    section.extend(imports.bytes);
    Ok(section)
}

#[derive(Default)]
struct Imports {
    count: u32,
    bytes: Vec<u8>,
}

impl Imports {
    /// Begins an import: from where the original has it, or from the primary's own exports.
    fn add(&mut self, from: Option<(&str, &str)>, own: &str, kind: u8) {
        let (module, name) = from.unwrap_or((OWN, own));
        self.count += 1;
        block(&mut self.bytes, module.as_bytes());
        block(&mut self.bytes, name.as_bytes());
        self.bytes.push(kind);
    }
}
