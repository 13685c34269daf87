
/// A file's bytes in one encoding.
type Content = &'static [u8];

fn read(content: Content) -> Cow<'static, [u8]> {
    Cow::Borrowed(content)
}

/// Returns the file at a path relative to the folder `pyodide-pack`. A query after the path is ignored.
#[must_use]
pub fn get(path: &str) -> Option<&'static Asset> {
    let path = path.split('?').next()?;
    ALL.iter().find(|asset| asset.path == path)
}
