//! Splits modules that are written by hand. Every part must be valid; browsers run them in `tests/browser`.

use std::fmt::Write;

use wasmparser::{BinaryReader, Parser, Payload, Validator};

use crate::transform::split::bytes::constant;
use crate::transform::split::{
    Limits, OWN, Split, Stays, Whole, core_with_coverage, side_with_coverage, split,
};

const LIMITS: Limits = Limits { chunk: 40, least: 1 };
const NONE: Stays = Stays { defined: &[], exports: &[], depth: 0 };
/// More than any stub takes.
const LONG: &str = "(drop (i64.const 0x7000000000000000)) (drop (i64.const 0x7000000000000001)) \
                    (drop (i64.const 0x7000000000000002)) (drop (i64.const 0x7000000000000003))";

fn module(text: &str) -> Vec<u8> {
    let bytes = wat::parse_str(text).unwrap();
    Validator::new().validate_all(&bytes).unwrap();
    bytes
}

/// Splits, and checks that every part is valid.
fn valid(bytes: &[u8], stays: &Stays, name: Option<&str>) -> Result<Split, Whole> {
    let parts = split(bytes, stays, name, LIMITS)?;
    for part in [&parts.primary].into_iter().chain(parts.chunks.iter().map(|chunk| &chunk.bytes)) {
        Validator::new().validate_all(part).unwrap();
    }
    Ok(parts)
}

/// Returns number and content of the sections.
fn sections(module: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let payloads = Parser::new(0).parse_all(module).map(Result::unwrap);
    let sections = payloads.filter_map(|payload| payload.as_section());
    sections.map(|(number, range)| (number, module[range].to_vec())).collect()
}

/// Returns the bodies of the functions that a module defines.
fn bodies(module: &[u8]) -> Vec<Vec<u8>> {
    let payloads = Parser::new(0).parse_all(module).map(Result::unwrap);
    let bodies = payloads.filter_map(|payload| match payload {
        Payload::CodeSectionEntry(body) => Some(module[body.range()].to_vec()),
        _ => None,
    });
    bodies.collect()
}

/// Returns module and name of each import.
fn imports(module: &[u8]) -> Vec<String> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(imports) = payload.unwrap() {
            let imports = imports.into_imports().map(Result::unwrap);
            names.extend(imports.map(|import| format!("{}.{}", import.module, import.name)));
        }
    }
    names
}

/// Returns a core with functions of many types, every kind of import, and every section.
fn core() -> Vec<u8> {
    let types = [
        ("", ""),
        ("i32", "i64"),
        ("i64 f32 f64", ""),
        ("v128", "v128"),
        ("funcref externref", "externref"),
        ("f64 f64", "i32 i64"),
    ];
    let mut functions = String::new();
    for (number, (params, results)) in types.iter().cycle().take(18).enumerate() {
        let (next, uses) = ((number + 1) % 18, number % 3);
        let _ = writeln!(
            functions,
            "(func $f{number} (param {params}) (result {results}) (local i32 i64 i64) {LONG}
               (global.set $own (i32.add (global.get $own) (global.get $given)))
               (i32.store8 (i32.const {uses}) (i32.const {number}))
               (call_indirect $table (type $nothing) (i32.const 1))
               (table.set $others (i32.const 0) (ref.null extern))
               (block $done (try_table (catch_all $done) (throw $tag (i32.const {next}))))
               (call $import (i32.const 1))
               unreachable)"
        );
    }
    module(&format!(
        r#"(module
          (type $nothing (func))
          (import "env" "import" (func $import (param i32)))
          (import "env" "given" (global $given i32))
          (import "env" "tag" (tag $tag (param i32)))
          (import "env" "memory" (memory 1 10))
          (table $table (export "__indirect_function_table") 3 3 funcref)
          (table $others 2 externref)
          (global $unused i32 (i32.const 3))
          (global $own (mut i32) (i32.const 1))
          (export "kept" (func $f17))
          (start $f0)
          (elem (table $table) (i32.const 0) func $f1 $f2 $import)
          {functions}
          (func $small)
          (data (i32.const 8) "data")
          (@custom "app" (after data) "custom")
        )"#
    ))
}

#[test]
fn a_primary_differs_in_bodies_and_in_ends_of_sections_only() {
    let core = core();
    let mut defined = [false; 19];
    defined[3] = true;
    let stays = Stays { defined: &defined, exports: &["kept", "unknown"], depth: 1 };
    let parts = valid(&core, &stays, None).unwrap();
    let (before, after) = (bodies(&core), bodies(&parts.primary));
    let same = |number: usize| before[number] == after[number];
    assert!(same(3) && same(17) && same(18), "what ran, what is kept, and what is small");
    assert_eq!((0..19).filter(|number| same(*number)).count(), 3);
    let moved: Vec<_> = parts.chunks.iter().flat_map(|chunk| chunk.functions.clone()).collect();
    assert_eq!(moved, (0..17).filter(|number| *number != 3).collect::<Vec<_>>());
    for ((number, old), (_, new)) in sections(&core).iter().zip(sections(&parts.primary)) {
        // A count of one byte comes first.
        let grows = [1, 3, 4, 7, 9].contains(number);
        assert!(
            *number == 10 || grows && new[1..].starts_with(&old[1..]) || *old == new,
            "{number}"
        );
    }
}

#[test]
fn a_chunk_has_the_bodies_of_its_functions_at_their_indices() {
    let core = core();
    let parts = valid(&core, &NONE, None).unwrap();
    assert!(parts.chunks.len() > 3);
    let mut slot = 1;
    for chunk in &parts.chunks {
        assert_eq!(chunk.first, slot);
        slot += u32::try_from(chunk.functions.len()).unwrap();
        let (before, after) = (bodies(&core), bodies(&chunk.bytes));
        for number in &chunk.functions {
            assert_eq!(after[number + 1], before[*number], "behind the imported function");
        }
        let own = |name: &str| format!("{OWN}.{name}");
        let expected = [
            own("table:0"),
            own("table:1"),
            own("table"),
            "env.memory".to_owned(),
            "env.given".to_owned(),
            ".".to_owned(), // in the place of a global that none of these functions uses
            own("global:2"),
            "env.tag".to_owned(),
        ];
        assert_eq!(imports(&chunk.bytes), expected);
    }
}

/// Returns a side module with three functions.
fn side() -> Vec<u8> {
    let long = |calls: &str| format!("(func (param i32) {LONG} {calls})");
    module(&format!(
        r#"(module
          (@custom "dylink.0" (before first) "\01\04\08\02\00\00")
          (import "env" "__memory_base" (global $base i32))
          (import "env" "__table_base" (global i32))
          (import "env" "memory" (memory 1))
          (import "env" "__indirect_function_table" (table 1 funcref))
          (global $own i32 (i32.const 5))
          (export "own" (global $own))
          {} {} {})"#,
        long("(drop (global.get $base))"),
        long("(drop (global.get $own))"),
        long("(call 0 (i32.const 1))"),
    ))
}

#[test]
fn a_side_module_imports_its_table() {
    let side = side();
    let parts = valid(&side, &NONE, Some("table of side")).unwrap();
    assert!(imports(&parts.primary).contains(&"env.table of side".to_owned()));
    let moved: Vec<_> = parts.chunks.iter().flat_map(|chunk| chunk.functions.clone()).collect();
    assert_eq!(moved, [0, 2], "a chunk can't have a global of the module");
    let exports = |module: &[u8]| sections(module).into_iter().find(|(number, _)| *number == 7);
    assert_eq!(exports(&parts.primary), exports(&side));
}

#[test]
fn functions_that_mean_something_else_in_another_module_stay() {
    let bodies = [
        "(drop (ref.func 0))",
        "(return_call 0)",
        "(return_call_indirect (i32.const 0))",
        "(memory.init 0 (i32.const 0) (i32.const 0) (i32.const 0))",
        "(data.drop 0)",
        "(table.init 0 (i32.const 0) (i32.const 0) (i32.const 0))",
        "(elem.drop 0)",
    ];
    let functions: Vec<_> = bodies.iter().map(|body| format!("(func {LONG} {body})")).collect();
    let functions = functions.concat();
    let text = format!(
        "(module (func $first {LONG}) {functions} (memory 1) (table 1 funcref) (data \"x\") (elem func $first))"
    );
    let parts = valid(&module(&text), &NONE, None).unwrap();
    assert_eq!(parts.chunks.len(), 1);
    assert_eq!(parts.chunks[0].functions, [0]);
}

#[test]
fn modules_that_are_not_understood_stay_whole() {
    let whole = |text: &str, name| {
        split(&wat::parse_str(text).unwrap(), &NONE, name, LIMITS).err().unwrap().to_string()
    };
    let with = |other: &str| format!("(module (func {LONG}) {other})");
    assert!(whole(&with("(type (struct))"), None).starts_with("it can't be read: "));
    let unknown = "it has a type of tables, memories or globals that is unknown";
    assert_eq!(whole(&with("(memory i64 1)"), None), unknown);
    assert_eq!(whole(&with("(memory 1 1 shared)"), None), unknown);
    assert_eq!(whole(&with("(table i64 1 funcref)"), None), unknown);
    let hints = "(@custom \"metadata.code.branch_hint\" (before code) \"\")";
    assert!(whole(&with(hints), None).contains("positions in the code"));
    assert_eq!(whole(&with("(table 1 funcref)"), Some("name")), "it defines tables");
    assert_eq!(whole(&with("(memory 1)"), Some("name")), "it defines memories");
    assert_eq!(whole(&with("(tag)"), Some("name")), "it defines tags");
    let own = "(export \"pyodide-pack:5\" (func 0))";
    assert_eq!(whole(&with(own), None), "it defines names that the splitter adds");
    let own = format!("(module (import \"pyodide-pack\" \"x\" (func)) (func {LONG}))");
    assert_eq!(whole(&own, None), "it defines names that the splitter adds");
    let noting = core_with_coverage(&module(&with("(export \"pyodide-pack\" (func 0))")));
    assert!(matches!(noting, Err(Whole::Private(_))));
    assert_eq!(whole("(module (func))", None), "too few of its functions did not run");
    assert_eq!(whole("(module)", None), "it is malformed");
}

#[test]
fn every_body_of_a_noting_core_sets_its_flag() {
    let core = core();
    let noting = core_with_coverage(&core).unwrap();
    Validator::new().validate_all(&noting).unwrap();
    for (number, (before, after)) in bodies(&core).iter().zip(bodies(&noting)).enumerate() {
        let variables = before.iter().zip(&after).take_while(|(one, other)| one == other).count();
        // Three globals come before the flags.
        let flag = [0x41, 1, 0x24, u8::try_from(3 + number).unwrap()];
        assert!(after[variables..].starts_with(&flag) || after.windows(4).any(|part| part == flag));
        assert_eq!(after.len(), before.len() + 4);
    }
}

#[test]
fn a_noting_side_module_has_memory_for_its_flags() {
    let (side, noting) = (side(), side_with_coverage(&side()).unwrap());
    Validator::new().validate_all(&noting).unwrap();
    let dylink = |module: &[u8]| sections(module)[0].1.clone();
    let mut expected = dylink(&side);
    // Behind the name, the kind and the length of the subsection: three more bytes than 8.
    assert_eq!(expected[11], 8);
    expected[11] += 3;
    assert_eq!(dylink(&noting), expected);
    for (number, body) in bodies(&noting).iter().take(3).enumerate() {
        let flag = [0x41, 1, 0x3a, 0, 8 + u8::try_from(number).unwrap()];
        assert!(body.windows(5).any(|part| part == flag), "{number}: {body:x?}");
    }
    assert_eq!(bodies(&noting).len(), 4, "the last one tells where the flags are");
}

#[test]
fn numbers_are_encoded_as_they_are_read() {
    for value in [0, 63, 64, 127, 128, 8191, 8192, 1 << 20, (1 << 31) - 1] {
        let mut bytes = Vec::new();
        constant(&mut bytes, value);
        let mut reader = BinaryReader::new(&bytes[1..], 0);
        assert_eq!(reader.read_var_i32().unwrap(), i32::try_from(value).unwrap());
        assert!(reader.eof());
    }
}

#[test]
fn survives_hostile_modules() {
    let core = core();
    for end in 0..core.len() {
        let _ = split(&core[..end], &NONE, None, LIMITS);
        let _ = core_with_coverage(&core[..end]);
    }
    for at in 0..core.len() {
        for value in [0, 0xff] {
            let mut bytes = core.clone();
            bytes[at] = value;
            let is_valid = Validator::new().validate_all(&bytes).is_ok();
            if let (Ok(parts), true) = (split(&bytes, &NONE, None, LIMITS), is_valid) {
                Validator::new().validate_all(&parts.primary).unwrap();
                for chunk in &parts.chunks {
                    Validator::new().validate_all(&chunk.bytes).unwrap();
                }
            }
        }
    }
}
