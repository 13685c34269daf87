//! Keys: a digest over everything that decides a result.

use sha2::{Digest, Sha256};

use crate::base::files;

/// A key under construction. Each field is preceded by its length, so that two lists of fields never
/// run together to the same bytes.
pub(crate) struct Key(Sha256);

impl Key {
    pub fn new(purpose: &str) -> Self {
        let mut key = Self(Sha256::new());
        key.field(purpose);
        key.field(env!("CARGO_PKG_VERSION"));
        key
    }

    pub fn field(&mut self, bytes: impl AsRef<[u8]>) {
        let bytes = bytes.as_ref();
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    /// A list of any length, closed in itself.
    pub fn list<T: AsRef<[u8]>>(&mut self, items: impl IntoIterator<Item = T>) {
        let items: Vec<T> = items.into_iter().collect();
        self.field(items.len().to_le_bytes());
        for item in items {
            self.field(item);
        }
    }

    /// 32 hexadecimal digits.
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
            let mut key = Key::new("x");
            for list in fields {
                key.list(*list);
            }
            key.finish()
        };
        assert_eq!(key(&[&["a", "b"]]), key(&[&["a", "b"]]));
        assert_ne!(key(&[&["ab"]]), key(&[&["a", "b"]]));
        assert_ne!(key(&[&["a"], &["b"]]), key(&[&["a", "b"], &[]]));
    }
}
