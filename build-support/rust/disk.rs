
/// The path of a file below [`FOLDER`].
type Content = &'static str;

/// The assets that [`get`] made, each with its line in the index.
static MADE: std::sync::Mutex<Vec<(&str, &Asset)>> = std::sync::Mutex::new(Vec::new());

/// Reads the file as the last build wrote it.
fn read(content: Content) -> Cow<'static, [u8]> {
    let path = std::path::Path::new(FOLDER).join(content);
    Cow::Owned(std::fs::read(&path).unwrap_or_else(|error| {
        panic!(
            "{}: {error}\nThis program is from a development build, and reads its files there. Build again, or \
             write .verify(Verify::Always) in build.rs to embed the files",
            path.display()
        )
    }))
}

/// Returns the file at a path relative to the folder `pyodide-pack`. A query after the path is ignored.
///
/// This is a development build, so the files are those of the last build, even if it is newer than this
/// program.
#[must_use]
pub fn get(path: &str) -> Option<&'static Asset> {
    let path = path.split('?').next()?;
    // Without an index, there is no folder, and `read` says so.
    let Ok(index) = std::fs::read_to_string(INDEX) else {
        return ALL.iter().find(|asset| asset.path == path);
    };
    let mut rows = index.lines().filter_map(|line| line.rsplit_once('\t'));
    let (row, _) = rows.find(|(row, _)| row.split('\t').next() == Some(path))?;
    let mut made = MADE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((_, asset)) = made.iter().find(|(own, _)| *own == row) {
        return Some(asset);
    }
    // Leaked once for each content of a path.
    let row: &'static str = Box::leak(Box::from(row));
    let mut fields = row.split('\t');
    let path = fields.next()?;
    let asset = Asset {
        path,
        content_type: fields.next()?,
        encoding: "identity",
        integrity: fields.next()?,
        immutable: fields.next()? == "true",
        eager: fields.next()? == "true",
        copies: Box::leak(Box::new([("identity", path)])),
    };
    let asset: &'static Asset = Box::leak(Box::new(asset));
    made.push((row, asset));
    Some(asset)
}
