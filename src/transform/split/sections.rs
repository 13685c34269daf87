//! The sections of a module, with further items at their ends, so that no index changes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use wasmparser::BinaryReader;

use crate::transform::split::bytes::{block, number};
use crate::transform::split::module::{Module, section};
use crate::transform::split::{MAGIC, Whole};

/// The order of the sections in a file. Custom sections are anywhere.
const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

pub(super) struct Sections<'a> {
    all: Vec<(u8, Cow<'a, [u8]>)>,
    /// How many items are added to a section, and their bytes.
    added: BTreeMap<u8, (u32, Vec<u8>)>,
}

impl<'a> Sections<'a> {
    pub fn of(module: &Module<'a>) -> Self {
        let all = module.sections.iter().map(|(number, content)| (*number, Cow::from(*content)));
        Self { all: all.collect(), added: BTreeMap::new() }
    }

    /// Replaces the content of the first section with this number.
    pub fn replace(&mut self, number: u8, content: Vec<u8>) {
        if let Some((_, old)) = self.all.iter_mut().find(|(other, _)| *other == number) {
            *old = Cow::from(content);
        }
    }

    /// Adds an item to a section, which may be new.
    pub fn add(&mut self, section: u8, write: impl FnOnce(&mut Vec<u8>)) {
        let (count, bytes) = self.added.entry(section).or_default();
        *count += 1;
        write(bytes);
    }

    pub fn write(mut self) -> Result<Vec<u8>, Whole> {
        for (number, (count, items)) in std::mem::take(&mut self.added) {
            match self.all.iter().position(|(other, _)| *other == number) {
                Some(at) => {
                    let content = &self.all[at].1;
                    let mut reader = BinaryReader::new(content, 0);
                    let before = reader.read_var_u32()?;
                    let rest = content.get(reader.original_position()..).ok_or(Whole::Malformed)?;
                    self.all[at].1 = Cow::from(counted(before + count, &[rest, &items]));
                }
                None => {
                    self.all
                        .insert(self.place(number)?, (number, counted(count, &[&items]).into()));
                }
            }
        }
        let mut bytes = MAGIC.to_vec();
        for (number, content) in self.all {
            bytes.push(number);
            block(&mut bytes, &content);
        }
        Ok(bytes)
    }

    /// Returns where a new section goes: before the first one that comes later in the order.
    fn place(&self, number: u8) -> Result<usize, Whole> {
        let rank = |number: u8| ORDER.iter().position(|other| *other == number);
        let own = rank(number).ok_or(Whole::Unknown("a section"))?;
        let later =
            |number: u8| number != section::CUSTOM && rank(number).is_none_or(|rank| rank > own);
        let place = self.all.iter().position(|(other, _)| later(*other));
        Ok(place.unwrap_or(self.all.len()))
    }
}

fn counted(count: u32, items: &[&[u8]]) -> Vec<u8> {
    let mut content = Vec::new();
    number(&mut content, count);
    content.extend(items.concat());
    content
}
