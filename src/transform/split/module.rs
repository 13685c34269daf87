//! A module as the splitter sees it.

use std::collections::HashMap;
use std::ops::Range;

use wasmparser::{
    BinaryReaderError, ExternalKind, FuncType, GlobalType, Import, MemoryType, Parser, Payload,
    TableType, TypeRef,
};

use crate::transform::split::{OWN, Whole};

const OWN_NAMES: Whole = Whole::Private("names that the splitter adds");

/// The sections that are read, by their numbers in the format.
pub(super) mod section {
    pub(in crate::transform::split) const CUSTOM: u8 = 0;
    pub(in crate::transform::split) const TYPES: u8 = 1;
    pub(in crate::transform::split) const IMPORTS: u8 = 2;
    pub(in crate::transform::split) const FUNCTIONS: u8 = 3;
    pub(in crate::transform::split) const TABLES: u8 = 4;
    pub(in crate::transform::split) const GLOBALS: u8 = 6;
    pub(in crate::transform::split) const EXPORTS: u8 = 7;
    pub(in crate::transform::split) const ELEMENTS: u8 = 9;
    pub(in crate::transform::split) const CODE: u8 = 10;
}

/// A type, and where the module has it from: module and name of an import, or its own definition.
pub(super) struct Entity<'a, T> {
    pub import: Option<(&'a str, &'a str)>,
    pub kind: T,
}

/// What the splitter knows of a module. All lists are in the order of WebAssembly's indices: what is imported
/// comes before what is defined.
#[derive(Default)]
pub(super) struct Module<'a> {
    /// Number and content of each section, in the order of the file.
    pub sections: Vec<(u8, &'a [u8])>,
    pub types: Vec<FuncType>,
    /// The number of the type of each function.
    pub functions: Vec<u32>,
    /// How many of the functions are imported.
    pub imported_functions: usize,
    pub tables: Vec<Entity<'a, TableType>>,
    pub memories: Vec<Entity<'a, MemoryType>>,
    /// The number of the type of each tag.
    pub tags: Vec<Entity<'a, u32>>,
    pub globals: Vec<Entity<'a, GlobalType>>,
    /// The exported functions, by name.
    pub exports: HashMap<&'a str, usize>,
    /// The code of each defined function: the whole body without its size, and its instructions.
    pub bodies: Vec<Body<'a>>,
}

pub(super) struct Body<'a> {
    pub bytes: &'a [u8],
    /// Where the instructions start in `bytes`, after the local variables.
    pub code: usize,
}

impl<'a> Module<'a> {
    pub fn read(bytes: &'a [u8]) -> Result<Self, Whole> {
        let mut module = Self::default();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload?;
            if let Some((number, range)) = payload.as_section() {
                module.sections.push((number, slice(bytes, range)?));
            }
            module.take(payload, bytes)?;
        }
        let defined = module.functions.len().checked_sub(module.imported_functions);
        if defined != Some(module.bodies.len()) || module.types.is_empty() {
            return Err(Whole::Malformed);
        }
        Ok(module)
    }

    fn take(&mut self, payload: Payload<'a>, bytes: &'a [u8]) -> Result<(), Whole> {
        match payload {
            Payload::TypeSection(groups) => {
                for group in groups.into_iter_err_on_gc_types() {
                    self.types.push(group?);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    self.import(import?)?;
                }
            }
            Payload::FunctionSection(functions) => {
                for function in functions {
                    self.functions.push(function?);
                }
            }
            Payload::TableSection(tables) => {
                for table in tables {
                    self.tables.push(Entity { import: None, kind: table?.ty });
                }
            }
            Payload::MemorySection(memories) => {
                for memory in memories {
                    self.memories.push(Entity { import: None, kind: memory? });
                }
            }
            Payload::TagSection(tags) => {
                for tag in tags {
                    self.tags.push(Entity { import: None, kind: tag?.func_type_idx });
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    self.globals.push(Entity { import: None, kind: global?.ty });
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let export = export?;
                    if export.name.starts_with(OWN) {
                        return Err(OWN_NAMES);
                    }
                    if export.kind == ExternalKind::Func {
                        self.exports.insert(export.name, export.index as usize);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                let code = body.get_operators_reader()?.original_position();
                let code = code.checked_sub(range.start).ok_or(Whole::Malformed)?;
                self.bodies.push(Body { bytes: slice(bytes, range)?, code });
            }
            // Its hints name positions in bodies.
            Payload::CustomSection(custom) if custom.name().starts_with("metadata.code.") => {
                return Err(Whole::Unknown("a section about positions in the code"));
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: Import<'a>) -> Result<(), Whole> {
        if import.module == OWN || import.name.starts_with(OWN) {
            return Err(OWN_NAMES);
        }
        let from = Some((import.module, import.name));
        match import.ty {
            TypeRef::Func(kind) => {
                self.functions.push(kind);
                self.imported_functions += 1;
            }
            TypeRef::Table(kind) => self.tables.push(Entity { import: from, kind }),
            TypeRef::Memory(kind) => self.memories.push(Entity { import: from, kind }),
            TypeRef::Tag(kind) => self.tags.push(Entity { import: from, kind: kind.func_type_idx }),
            TypeRef::Global(kind) => self.globals.push(Entity { import: from, kind }),
            TypeRef::FuncExact(_) => return Err(Whole::Unknown("an exact type of functions")),
        }
        Ok(())
    }

    /// Returns the type of a function.
    pub fn type_of(&self, function: usize) -> Result<(u32, &FuncType), Whole> {
        let number = *self.functions.get(function).ok_or(Whole::Malformed)?;
        Ok((number, self.types.get(number as usize).ok_or(Whole::Malformed)?))
    }

    /// Checks that chunks of a side module can have what it defines: it exports nothing for them, because
    /// Emscripten looks at all exports of side modules.
    pub fn check_side(&self) -> Result<(), Whole> {
        let are_imported = [
            ("tables", self.tables.iter().all(|table| table.import.is_some())),
            ("memories", self.memories.iter().all(|memory| memory.import.is_some())),
            ("tags", self.tags.iter().all(|tag| tag.import.is_some())),
        ];
        let private = are_imported.iter().find(|(_, are_imported)| !are_imported);
        private.map_or(Ok(()), |(what, _)| Err(Whole::Private(what)))
    }

    /// Returns the number of an imported global.
    pub fn imported_global(&self, module: &str, name: &str) -> Option<usize> {
        self.globals.iter().position(|global| global.import == Some((module, name)))
    }
}

fn slice(bytes: &[u8], range: Range<usize>) -> Result<&[u8], Whole> {
    bytes.get(range).ok_or(Whole::Malformed)
}

impl From<BinaryReaderError> for Whole {
    fn from(error: BinaryReaderError) -> Self {
        Self::Unreadable(error.to_string())
    }
}
