//! Keys: digests over everything that decides a result.

use sha2::{Digest, Sha256};

use crate::base::files;
use crate::cache::code::{self, Floor};

/// A key under construction. The length of each field precedes it, so different lists of fields never
/// produce the same bytes.
pub(crate) struct Key(Sha256);

impl Key {
    /// Starts a key for results of code on `floor`. The key contains this crate's version and its code up
    /// to that floor: the version does not change during development.
    pub fn new(purpose: &str, floor: Floor) -> Self {
        let mut key = Self(Sha256::new());
        key.field(purpose);
        key.field(env!("CARGO_PKG_VERSION"));
        key.field(code::digest(floor));
        key
    }

    pub fn field(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// Adds a list of any length as one field.
    pub fn list<T: AsRef<[u8]>>(&mut self, items: impl IntoIterator<Item = T>) {
        let items: Vec<T> = items.into_iter().collect();
        self.field(items.len().to_le_bytes());
        for item in items {
            self.field(item);
        }
    }

    /// Returns 32 hexadecimal digits.
    pub fn finish(self) -> String {
        files::hex(&self.0.finalize())[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_do_not_run_together() {
        let key = |fields: &[&[&str]]| {
            let mut key = Key::new("x", Floor::Base);
            for list in fields {
                key.list(*list);
            }
            key.finish()
        };
        assert_eq!(key(&[&["a", "b"]]), key(&[&["a", "b"]]));
        assert_ne!(key(&[&["ab"]]), key(&[&["a", "b"]]));
        assert_ne!(key(&[&["a"], &["b"]]), key(&[&["a", "b"], &[]]));
    }

    #[test]
    fn the_floor_counts() {
        let key = |floor| Key::new("x", floor).finish();
        assert_ne!(key(Floor::Run), key(Floor::Transform));
    }
}
