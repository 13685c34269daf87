//! Checks values at the border between Rust and JavaScript, for tests. `jobs.d.ts` and `manifest.d.mts`
//! describe the values, and TypeScript checks the scripts against the same files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::engine::scripts::Script;

const JOBS: &str = include_str!("../../build-support/scripts/jobs.d.ts");
const MANIFEST: &str = include_str!("../../build-support/runtime/manifest.d.mts");

/// Panics unless the value is of this type.
pub(crate) fn check(name: &str, value: &Value) {
    let types = Types::new();
    if let Err(why) = types.check(name, value, name) {
        panic!("{why}\n{value:#}");
    }
}

/// Returns a sample value of this type.
pub(crate) fn sample(name: &str) -> Value {
    Types::new().sample(name)
}

/// Returns the types of a script's job and result.
pub(super) fn types_of(script: Script) -> [&'static str; 2] {
    match script {
        Script::Benchmark => ["BenchmarkJob", "Measured"],
        Script::Compile => ["CompileJob", "CompileResult"],
        Script::Compress => ["CompressJob", "boolean"],
        Script::Digests => ["DigestsJob", "string[]"],
        Script::Fetch => ["FetchJob", "FetchOutcome[]"],
        Script::Remote => ["RemoteJob", "RemoteAnswer"],
        Script::Repack => ["RepackJob", "Repacked"],
        Script::Replay => ["ReplayJob", "Replayed"],
        Script::Sizes => ["SizesJob", "number[][]"],
        Script::Snapshot => ["SnapshotJob", "MadeSnapshot"],
        Script::Startup => ["StartupJob", "Learned"],
        Script::Trace => ["TraceJob", "Trace"],
        Script::Uses => ["UsesJob", "Uses[]"],
    }
}

struct Field {
    name: String,
    optional: bool,
    kind: String,
}

#[derive(Default)]
struct Types {
    interfaces: BTreeMap<String, Vec<Field>>,
    aliases: BTreeMap<String, String>,
}

impl Types {
    fn new() -> Self {
        let mut types = Self::default();
        for text in [JOBS, MANIFEST] {
            types.read(text);
        }
        types
    }

    fn read(&mut self, text: &str) {
        let mut open: Option<(String, String)> = None;
        for line in text.lines().map(str::trim) {
            if let Some(rest) = line.strip_prefix("export interface ") {
                let (name, base) = rest
                    .trim_end_matches(" {")
                    .split_once(" extends ")
                    .unwrap_or((rest.trim_end_matches(" {"), ""));
                open = Some((name.to_owned(), base.to_owned()));
                self.interfaces.insert(name.to_owned(), Vec::new());
            } else if let Some(rest) = line.strip_prefix("export type ") {
                let (name, kind) = rest.trim_end_matches(';').split_once(" = ").unwrap();
                self.aliases.insert(name.to_owned(), kind.to_owned());
            } else if line == "}" {
                open = None;
            } else if let Some((name, base)) = &open
                && !line.starts_with(['/', '*'])
                && let Some((field, kind)) = line.trim_end_matches(';').split_once(": ")
            {
                let optional = field.ends_with('?');
                let field = field.trim_end_matches('?').to_owned();
                let field = Field { name: field, optional, kind: kind.to_owned() };
                self.interfaces.get_mut(name).unwrap().push(field);
                if !base.is_empty() {
                    self.aliases.insert(format!("extends {name}"), base.clone());
                }
            }
        }
        assert!(!self.interfaces.is_empty());
    }

    /// Returns the fields of an interface, including those that it inherits.
    fn fields(&self, name: &str) -> Option<Vec<&Field>> {
        let own = self.interfaces.get(name)?;
        let base = self.aliases.get(&format!("extends {name}"));
        let inherited = base.and_then(|base| self.fields(base)).unwrap_or_default();
        Some(inherited.into_iter().chain(own).collect())
    }

    fn check(&self, kind: &str, value: &Value, at: &str) -> Result<(), String> {
        let kind = kind.trim();
        let options = split(kind, '|');
        if options.len() > 1 {
            let fits = options.iter().any(|option| self.check(option, value, at).is_ok());
            return if fits { Ok(()) } else { Err(format!("{at} is not {kind}: {value}")) };
        }
        if let Some(item) = kind.strip_suffix("[]") {
            let Value::Array(items) = value else { return Err(format!("{at} is not an array")) };
            return items.iter().try_for_each(|value| self.check(item, value, &format!("{at}[]")));
        }
        if let Some(inner) = kind.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return self.check_tuple(inner, value, at);
        }
        if let Some(inner) = kind.strip_prefix("Record<string, ") {
            let Value::Object(entries) = value else { return Err(format!("{at} is not a record")) };
            let inner = inner.strip_suffix('>').unwrap();
            return entries.values().try_for_each(|v| self.check(inner, v, &format!("{at}{{}}")));
        }
        if let Some(alias) = self.aliases.get(kind) {
            return self.check(alias, value, at);
        }
        if let Some(fields) = self.fields(kind) {
            return self.check_fields(&fields, value, at);
        }
        let fits = match kind {
            "string" => value.is_string(),
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            "null" => value.is_null(),
            literal => *value == json!(literal.trim_matches('"')),
        };
        if fits { Ok(()) } else { Err(format!("{at} is not {kind}: {value}")) }
    }

    fn check_tuple(&self, inner: &str, value: &Value, at: &str) -> Result<(), String> {
        let kinds = split(inner, ',');
        let Value::Array(items) = value else { return Err(format!("{at} is not a tuple")) };
        if items.len() != kinds.len() {
            return Err(format!("{at} has {} items: {value}", items.len()));
        }
        kinds.iter().zip(items).try_for_each(|(kind, value)| {
            let (label, kind) = kind.split_once(": ").unwrap();
            self.check(kind, value, &format!("{at}.{label}"))
        })
    }

    fn check_fields(&self, fields: &[&Field], value: &Value, at: &str) -> Result<(), String> {
        let Value::Object(entries) = value else { return Err(format!("{at} is not an object")) };
        for field in fields {
            let at = format!("{at}.{}", field.name);
            match entries.get(&field.name) {
                Some(value) => self.check(&field.kind, value, &at)?,
                None if field.optional => {}
                None => return Err(format!("{at} is missing")),
            }
        }
        let unknown = entries.keys().find(|key| !fields.iter().any(|field| field.name == **key));
        unknown.map_or(Ok(()), |key| Err(format!("{at}.{key} is not described")))
    }

    fn sample(&self, kind: &str) -> Value {
        let kind = split(kind.trim(), '|')[0].trim().to_owned();
        if let Some(item) = kind.strip_suffix("[]") {
            return json!([self.sample(item)]);
        }
        if let Some(inner) = kind.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let kinds = split(inner, ',');
            return kinds
                .iter()
                .map(|kind| self.sample(kind.split_once(": ").unwrap().1))
                .collect();
        }
        if let Some(inner) = kind.strip_prefix("Record<string, ") {
            return json!({"key": self.sample(inner.strip_suffix('>').unwrap())});
        }
        if let Some(fields) = self.fields(&kind) {
            let fields = fields.iter().map(|field| (field.name.clone(), self.sample(&field.kind)));
            return Value::Object(fields.collect());
        }
        if let Some(alias) = self.aliases.get(&kind) {
            return self.sample(alias);
        }
        match kind.as_str() {
            "string" => json!("text"),
            "number" => json!(1),
            "boolean" => json!(true),
            "null" => Value::Null,
            literal => json!(literal.trim_matches('"')),
        }
    }
}

/// Splits at separators outside of brackets.
fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in text.char_indices() {
        match c {
            '[' | '<' | '{' => depth += 1,
            ']' | '>' | '}' => depth -= 1,
            c if c == separator && depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

#[test]
fn samples_match_and_other_values_do_not() {
    for name in Types::new().interfaces.keys() {
        check(name, &sample(name));
    }
    let types = Types::new();
    let mut job = sample("TraceJob");
    assert!(types.check("TraceJob", &job, "job").is_ok());
    job["network"] = json!("yes");
    assert_eq!(
        types.check("TraceJob", &job, "job").unwrap_err(),
        "job.network is not boolean: \"yes\""
    );
    job["network"] = json!(false);
    job["more"] = json!(1);
    assert_eq!(types.check("TraceJob", &job, "job").unwrap_err(), "job.more is not described");
    let mut trace = sample("Trace");
    trace["opened"] = json!([["/a", "later", ""]]);
    assert!(types.check("Trace", &trace, "trace").unwrap_err().contains("\"boot\" | \"run\""));
}
