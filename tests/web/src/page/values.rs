//! Arguments and results.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use pyodide_pack_web::{Error, Miss, Python};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use crate::page::checks::Checks;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Part {
    name: String,
    size: Option<u32>,
    empty: (),
}

fn part() -> Part {
    Part { name: "a".to_owned(), size: None, empty: () }
}

fn by_number() -> BTreeMap<i32, String> {
    [(-3, "c"), (1, "a"), (20, "b")].map(|(key, text)| (key, text.to_owned())).into()
}

/// What Python receives.
pub(crate) async fn arguments(python: &Python, checks: &mut Checks) -> Result<(), Error> {
    shows(python, checks, "no arguments", (), "()").await?;
    shows(python, checks, "Option::None", (None::<i32>,), "(None,)").await?;
    shows(python, checks, "()", ((), ((), 1)), "(None, [None, 1])").await?;
    shows(python, checks, "None in a list", (vec![Some(1), None],), "([1, None],)").await?;
    let none = BTreeMap::from([("a", None::<bool>)]);
    shows(python, checks, "None in a map", (none,), "({'a': None},)").await?;
    let expected = "({'name': 'a', 'size': None, 'empty': None},)";
    shows(python, checks, "a struct", (part(),), expected).await?;
    let expected = "([{'name': 'a', 'size': None, 'empty': None}],)";
    shows(python, checks, "a list of structs", (vec![part()],), expected).await?;
    let expected = "({-3: 'c', 1: 'a', 20: 'b'},)";
    shows(python, checks, "a map with numbers as keys", (by_number(),), expected).await?;
    let nested = BTreeMap::from([(u64::MAX, by_number())]);
    let expected = "({18446744073709551615: {-3: 'c', 1: 'a', 20: 'b'}},)";
    shows(python, checks, "a map in a map", (nested,), expected).await?;
    shows(python, checks, "Vec<u8>", (vec![1_u8, 255],), "([1, 255],)").await?;
    let largest = (u64::MAX, i64::MIN, u128::MAX, vec![2_i64]);
    let expected = "(18446744073709551615, -9223372036854775808, 340282366920938463463374607431768211455, [2])";
    shows(python, checks, "large numbers", largest, expected).await?;
    let bytes: Result<(String, Vec<u8>), Error> =
        python.call("api.octets", (ByteBuf::from([1, 255]),)).await;
    checks.same("an argument: ByteBuf", bytes, Ok::<_, Error>(("memoryview", [1, 255])));
    let wrong: Result<(), Error> = python.call("api.show", 1).await;
    checks.fails("arguments that are no tuple", wrong, &["write `(argument,)`"]);
    Ok(())
}

async fn shows(
    python: &Python,
    checks: &mut Checks,
    name: &str,
    args: impl Serialize,
    expected: &str,
) -> Result<(), Error> {
    let shown: Result<String, Error> = python.call("api.show", args).await;
    checks.same(&format!("an argument: {name}"), shown, Ok::<_, Error>(expected));
    Ok(())
}

/// What Rust receives.
pub(crate) async fn results(python: &Python, checks: &mut Checks) -> Result<(), Error> {
    let none: Option<i32> = python.run("None").await?;
    checks.same("a result: None", none, None::<i32>);
    let nested: Vec<Option<i32>> = python.run("[1, None]").await?;
    checks.same("a result: None in a list", nested, [Some(1), None]);
    let same: Result<BTreeMap<i32, String>, Error> = python.call("api.same", (by_number(),)).await;
    checks.same("a result: a map with numbers as keys", same, Ok::<_, Error>(by_number()));
    let names: BTreeMap<String, Option<bool>> = python.run("{'a': True, 'b': None}").await?;
    let expected = BTreeMap::from([("a", Some(true)), ("b", None)]);
    checks.same("a result: a map with strings as keys", names, expected);
    let same: Part = python.call("api.same", (part(),)).await?;
    checks.same("a result: a struct", same, part());
    let bytes: Vec<u8> = python.run("bytes([1, 255])").await?;
    checks.same("a result: bytes as Vec<u8>", bytes, [1, 255]);
    let bytes: ByteBuf = python.run("bytes([1, 255])").await?;
    checks.same("a result: bytes as ByteBuf", bytes.into_vec(), [1, 255]);
    let list: Vec<u8> = python.run("[1, 255]").await?;
    checks.same("a result: a list as Vec<u8>", list, [1, 255]);
    let set: BTreeSet<i32> = python.run("{3, 1}").await?;
    checks.same("a result: a set", set, BTreeSet::from([1, 3]));
    let mixed: (String, f64, bool) = python.run("('a', 2, True)").await?;
    checks.same("a result: a tuple", mixed, ("a", 2.0, true));
    let largest: (u64, i64, u128, i64) =
        python.run("(2 ** 64 - 1, -(2 ** 63), 2 ** 128 - 1, 2)").await?;
    checks.same("a result: large numbers", largest, (u64::MAX, i64::MIN, u128::MAX, 2));
    let wrong: Result<i32, Error> = python.run("'text'").await;
    let text = wrong.map_err(|error| error.to_string());
    let expected = Err::<i32, _>("invalid type: string \"text\", expected i32");
    checks.same("a result of another type", text, expected);
    let unsendable: Result<i32, Error> = python.run("[object()]").await;
    checks.fails("a result that can't be sent", unsendable, &["result[0] is <object object"]);
    Ok(())
}

/// What `on_miss` heard.
#[derive(Clone, Default)]
pub(crate) struct Misses(Rc<RefCell<Vec<Miss>>>);

impl Misses {
    pub(crate) fn listener(&self) -> impl FnMut(Miss) + 'static {
        let heard = Rc::clone(&self.0);
        move |miss| heard.borrow_mut().push(miss)
    }

    /// Imports an untraced module, and checks what was heard.
    pub(crate) async fn check(&self, python: &Python, checks: &mut Checks) -> Result<(), Error> {
        self.0.take();
        python.run::<()>("import wave").await?;
        let heard = self.0.take();
        let wave = heard.iter().find(|miss| miss.path.contains("/wave."));
        checks.same("a miss has a stack", wave.map(|miss| miss.stack.is_empty()), Some(false));
        checks.same("and a line for build.rs", python.misses().is_empty(), false);
        Ok(())
    }
}
