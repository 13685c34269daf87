//! Which functions move, into which chunks, and what they need there.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use wasmparser::{BinaryReader, Operator, OperatorsReader};

use crate::transform::split::module::{Body, Module};
use crate::transform::split::stub;
use crate::transform::split::{Limits, Stays, TableName, Whole};

/// The slot of the function that loads chunks, in the private table.
pub(super) const LOAD_SLOT: u32 = 0;
/// The private table has the function that loads chunks, then the moved functions, then the functions that they
/// call.
pub(super) struct Plan {
    pub chunks: Vec<ChunkPlan>,
    /// The slots of the moved functions, by number of the function.
    pub moved: BTreeMap<usize, u32>,
    /// The slots of the functions of the primary that moved functions call.
    pub called: BTreeMap<usize, u32>,
    /// The globals that moved functions use.
    pub globals: BTreeSet<usize>,
}

#[derive(Default)]
pub(super) struct ChunkPlan {
    /// The functions, which have consecutive slots.
    pub functions: Vec<usize>,
    /// What they call, without themselves.
    pub calls: BTreeSet<usize>,
    pub globals: BTreeSet<usize>,
}

/// What a body refers to.
#[derive(Default)]
struct Uses {
    calls: BTreeSet<usize>,
    globals: BTreeSet<usize>,
}

impl Plan {
    /// Plans chunks. `stays` says what is left.
    pub fn new(
        module: &Module,
        stays: &Stays,
        table: &TableName,
        limits: Limits,
    ) -> Result<Self, Whole> {
        let exported = exported(module, stays)?;
        let mut chunks: Vec<ChunkPlan> = Vec::new();
        let (mut bytes, mut all) = (usize::MAX, 0);
        for (number, body) in module.bodies.iter().enumerate() {
            let function = module.imported_functions + number;
            let stays = stays.defined.get(number) == Some(&true) || exported.contains(&function);
            if stays || !is_worth_it(module, function, body)? {
                continue;
            }
            let Some(uses) = Uses::of(body)? else { continue };
            if *table != TableName::Exported && !uses.are_imported(module) {
                continue;
            }
            // Functions of one C file are neighbours, and call each other.
            if bytes >= limits.chunk {
                chunks.push(ChunkPlan::default());
                bytes = 0;
            }
            bytes += body.bytes.len();
            all += body.bytes.len();
            if let Some(chunk) = chunks.last_mut() {
                chunk.functions.push(function);
                chunk.calls.extend(uses.calls);
                chunk.globals.extend(uses.globals);
            }
        }
        if all < limits.least {
            return Err(Whole::Small);
        }
        Ok(Self::with_slots(chunks))
    }

    fn with_slots(mut chunks: Vec<ChunkPlan>) -> Self {
        let (mut moved, mut called, mut globals) =
            (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        let mut slots = LOAD_SLOT + 1..;
        for chunk in &mut chunks {
            for function in &chunk.functions {
                chunk.calls.remove(function);
                moved.extend(slots.next().map(|slot| (*function, slot)));
            }
            globals.extend(&chunk.globals);
        }
        for function in chunks.iter().flat_map(|chunk| &chunk.calls) {
            if !called.contains_key(function) {
                called.extend(slots.next().map(|slot| (*function, slot)));
            }
        }
        Self { chunks, moved, called, globals }
    }

    /// Returns the size of the private table.
    pub fn table_size(&self) -> u32 {
        u32::try_from(1 + self.moved.len() + self.called.len()).unwrap_or(u32::MAX)
    }
}

/// Returns the exported functions that stay, with those that they call.
fn exported(module: &Module, stays: &Stays) -> Result<HashSet<usize>, Whole> {
    let named = stays.exports.iter().filter_map(|name| module.exports.get(name).copied());
    let mut all: HashSet<usize> = named.collect();
    let mut last: Vec<_> = all.iter().copied().collect();
    for _ in 0..stays.depth {
        let mut next = Vec::new();
        for function in last {
            let body = function.checked_sub(module.imported_functions);
            let Some(body) = body.and_then(|number| module.bodies.get(number)) else { continue };
            let calls = Uses::of(body)?.map(|uses| uses.calls).unwrap_or_default();
            next.extend(calls.into_iter().filter(|call| all.insert(*call)));
        }
        last = next;
    }
    Ok(all)
}

/// Returns whether a body is larger than what takes its place.
fn is_worth_it(module: &Module, function: usize, body: &Body) -> Result<bool, Whole> {
    let params = module.type_of(function)?.1.params().len();
    Ok(body.bytes.len() > stub::largest(params))
}

impl Uses {
    /// Returns `None` if a body would not be the same elsewhere.
    fn of(body: &Body) -> Result<Option<Self>, Whole> {
        let mut uses = Self::default();
        let code = body.bytes.get(body.code..).ok_or(Whole::Malformed)?;
        let mut operators = OperatorsReader::new(BinaryReader::new(code, 0));
        while !operators.eof() {
            match operators.read()? {
                Operator::Call { function_index } => {
                    uses.calls.insert(function_index as usize);
                }
                Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                    uses.globals.insert(global_index as usize);
                }
                // The identity of a function, the depth of the stack, and segments are those of one module.
                Operator::RefFunc { .. }
                | Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::ReturnCallRef { .. }
                | Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. } => return Ok(None),
                _ => {}
            }
        }
        Ok(Some(uses))
    }

    /// Returns whether all globals are imported ones, which chunks can import, too.
    fn are_imported(&self, module: &Module) -> bool {
        let is_imported = |global: &usize| {
            module.globals.get(*global).is_some_and(|global| global.import.is_some())
        };
        self.globals.iter().all(is_imported)
    }
}
