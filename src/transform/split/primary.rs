//! Writes the primary: the module with stubs in the place of the moved functions.
//!
//! Everything new comes last in its section, so that no index changes, and no other byte of code.

use std::collections::BTreeMap;

use crate::transform::split::bytes::{block, constant, number};
use crate::transform::split::module::{Module, section};
use crate::transform::split::plan::Plan;
use crate::transform::split::sections::Sections;
use crate::transform::split::stub::{self, Names};
use crate::transform::split::{OWN, TableName, Whole};

const TABLE_KIND: u8 = 1;
const MEMORY_KIND: u8 = 2;
const GLOBAL_KIND: u8 = 3;
const TAG_KIND: u8 = 4;

pub(super) fn write(module: &Module, plan: &Plan, table: &TableName) -> Result<Vec<u8>, Whole> {
    let mut sections = Sections::of(module);
    let base = |name| Some(u32::try_from(module.imported_global("env", name)?).unwrap_or(u32::MAX));
    let names = Names {
        table: index(module.tables.len()),
        load: index(module.types.len()),
        bases: [base("__memory_base"), base("__table_base")],
    };
    add_table(&mut sections, plan, table);
    let dispatchers = add_dispatchers(&mut sections, module, plan, &names)?;
    if *table == TableName::Exported {
        add_exports(&mut sections, module, plan);
    }
    sections.add(section::ELEMENTS, |bytes| {
        // Into a table with a number, from an offset, functions.
        bytes.push(2);
        number(bytes, names.table);
        constant(bytes, index(1 + plan.moved.len()));
        bytes.extend([0x0b, 0]);
        number(bytes, index(plan.called.len()));
        let mut called: Vec<_> = plan.called.iter().collect();
        called.sort_by_key(|(_, slot)| **slot);
        for (function, _) in called {
            number(bytes, index(*function));
        }
    });
    sections.replace(section::CODE, code(module, plan, &dispatchers, &names)?);
    sections.write()
}

fn add_table(sections: &mut Sections, plan: &Plan, table: &TableName) {
    let kind = |bytes: &mut Vec<u8>| {
        bytes.extend([0x70, 0]); // functions, without a maximum
        number(bytes, plan.table_size());
    };
    match table {
        TableName::Imported(name) => sections.add(section::IMPORTS, |bytes| {
            block(bytes, b"env");
            block(bytes, name.as_bytes());
            bytes.push(TABLE_KIND);
            kind(bytes);
        }),
        TableName::Exported => sections.add(section::TABLES, kind),
    }
}

/// Returns the number of the dispatcher for each type of moved functions.
fn add_dispatchers(
    sections: &mut Sections,
    module: &Module,
    plan: &Plan,
    names: &Names,
) -> Result<BTreeMap<u32, u32>, Whole> {
    let mut dispatchers = BTreeMap::new();
    sections.add(section::TYPES, stub::load_type);
    for function in plan.moved.keys() {
        let (number, kind) = module.type_of(*function)?;
        let next = dispatchers.len();
        if dispatchers.contains_key(&number) {
            continue;
        }
        dispatchers.insert(number, index(module.functions.len() + next));
        let mut result = Ok(());
        sections.add(section::TYPES, |bytes| result = stub::dispatcher_type(bytes, kind));
        result?;
        sections.add(section::FUNCTIONS, |bytes| self::number(bytes, names.load + 1 + index(next)));
    }
    Ok(dispatchers)
}

/// Exports what chunks import and the module defines.
fn add_exports(sections: &mut Sections, module: &Module, plan: &Plan) {
    let mut export = |name: String, kind: u8, number: usize| {
        sections.add(section::EXPORTS, |bytes| {
            block(bytes, format!("{OWN}:{name}").as_bytes());
            bytes.push(kind);
            self::number(bytes, index(number));
        });
    };
    export("table".to_owned(), TABLE_KIND, module.tables.len());
    for (number, table) in module.tables.iter().enumerate() {
        if table.import.is_none() {
            export(format!("table:{number}"), TABLE_KIND, number);
        }
    }
    for (number, memory) in module.memories.iter().enumerate() {
        if memory.import.is_none() {
            export(format!("memory:{number}"), MEMORY_KIND, number);
        }
    }
    for (number, tag) in module.tags.iter().enumerate() {
        if tag.import.is_none() {
            export(format!("tag:{number}"), TAG_KIND, number);
        }
    }
    for (number, global) in module.globals.iter().enumerate() {
        if global.import.is_none() && plan.globals.contains(&number) {
            export(format!("global:{number}"), GLOBAL_KIND, number);
        }
    }
}

fn code(
    module: &Module,
    plan: &Plan,
    dispatchers: &BTreeMap<u32, u32>,
    names: &Names,
) -> Result<Vec<u8>, Whole> {
    let mut code = Vec::new();
    number(&mut code, index(module.bodies.len() + dispatchers.len()));
    for (number, body) in module.bodies.iter().enumerate() {
        let function = module.imported_functions + number;
        match plan.moved.get(&function) {
            None => block(&mut code, body.bytes),
            Some(slot) => {
                let (kind, signature) = module.type_of(function)?;
                let dispatcher = *dispatchers.get(&kind).ok_or(Whole::Malformed)?;
                stub::stub(&mut code, signature.params().len(), *slot, dispatcher);
            }
        }
    }
    let mut in_order: Vec<_> = dispatchers.iter().map(|(kind, number)| (*number, *kind)).collect();
    in_order.sort_unstable();
    for (_, kind) in in_order {
        let signature = module.types.get(kind as usize).ok_or(Whole::Malformed)?;
        stub::dispatcher(&mut code, signature.params().len(), kind, names);
    }
    Ok(code)
}

/// Returns an index of WebAssembly. There are never more than 32 bits of them.
pub(super) fn index(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
