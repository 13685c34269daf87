//! Reads the subset of `requirements.txt` that applies to Pyodide: names, versions, extras, markers,
//! hashes, wheels by path or address, `-r` and `-c`. Everything else is an error that names it.
//!
//! Format: <https://pip.pypa.io/en/stable/reference/requirements-file-format/>

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::paths::is_wheel;
use crate::settings::env::Env;
use crate::settings::requirement::{Constraint, Requirement};
use crate::settings::text;

/// The content of a file and of the files that it includes.
#[derive(Debug, Default)]
pub(super) struct RequirementsTxt {
    pub requirements: Vec<Requirement>,
    /// Lines for pip's constraints file.
    pub constraints: Vec<Constraint>,
    /// Every file that was read.
    pub files: Vec<PathBuf>,
}

impl RequirementsTxt {
    pub fn read(path: &Path, env: &Env) -> Result<Self> {
        let mut read = Self::default();
        read.add(path, false, env)?;
        Ok(read)
    }

    fn add(&mut self, path: &Path, constraints: bool, env: &Env) -> Result<()> {
        // A unique name for each file stops cycles of includes.
        let path = &fs::canonicalize(path).map_err(|e| Error::io("read the file", path, e))?;
        if self.files.iter().any(|file| file == path) {
            return Ok(());
        }
        self.files.push(path.clone());
        for (number, line) in logical_lines(&text::read(path)?) {
            let place = Place { path, constraints, origin: format!("{}:{number}", path.display()) };
            self.add_line(&line, &place, env)?;
        }
        Ok(())
    }

    fn add_line(&mut self, written: &str, place: &Place, env: &Env) -> Result<()> {
        let Place { path, constraints, origin } = place;
        let line = &expanded(written, env);
        let dir = path.parent().unwrap_or(Path::new("."));
        for (option, to_constraints) in [
            ("-r", *constraints),
            ("--requirement", *constraints),
            ("-c", true),
            ("--constraint", true),
        ] {
            let rest = line.strip_prefix(option);
            if let Some(file) = rest.filter(|r| r.starts_with([' ', '=']) || option.len() == 2) {
                let file = dir.join(file.trim_start_matches(['=', ' ']).trim());
                return self.add(&file, to_constraints, env);
            }
        }
        if *constraints {
            let (text, written) = (line.clone(), written.to_owned());
            self.constraints.push(Constraint { text, written });
            return Ok(());
        }
        let mut words = line.split_whitespace().filter(|word| word.starts_with("--hash"));
        let hashes: Vec<_> = words.by_ref().collect();
        let text = line.split(" --hash").next().unwrap_or_default().trim();
        if text.starts_with('-') {
            return Err(refused(text, origin));
        }
        let mut requirement = if is_location(text) {
            Requirement::wheel(&absolute(text, dir), origin)?
        } else {
            Requirement::parse(text, origin)?
        };
        if written != line {
            let text = written.split(" --hash").next().unwrap_or_default().trim();
            text.clone_into(&mut requirement.written);
        }
        for hash in hashes {
            let digest = hash.trim_start_matches("--hash").trim_start_matches('=');
            let Some(sha256) = digest.strip_prefix("sha256:") else {
                return Err(Error::new(ErrorKind::Config, format!("{digest:?} is not a SHA-256"))
                    .at(origin)
                    .hint("write --hash=sha256:... ; other algorithms are not supported"));
            };
            requirement.sha256.push(sha256.to_lowercase());
        }
        self.requirements.push(requirement);
        Ok(())
    }
}

/// The place of a line.
struct Place<'a> {
    path: &'a Path,
    /// Whether its requirements are constraints.
    constraints: bool,
    /// The file and the number of the line.
    origin: String,
}

/// Replaces `${NAME}` by a variable that is set, as pip does. Names have capitals, digits and `_`.
fn expanded(line: &str, env: &Env) -> String {
    let mut parts = line.split("${");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_name = |name: &str| {
            let allowed = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            !name.is_empty() && name.chars().all(allowed)
        };
        let variable = part.split_once('}').filter(|(name, _)| is_name(name));
        match variable.and_then(|(name, rest)| Some((env.named(name)?, rest))) {
            Some((value, rest)) => text = text + &value + rest,
            None => text = text + "${" + part,
        }
    }
    text
}

fn is_location(text: &str) -> bool {
    let name_first = text.split_once('@').is_some_and(|(name, _)| !name.contains(['/', ':']));
    let first = text.split([';', ' ']).next().unwrap_or_default();
    !name_first
        && (first.contains("://")
            || first.starts_with('.')
            || first.contains('/')
            || is_wheel(first))
}

/// Makes a path relative to the file absolute. An address stays.
fn absolute(text: &str, dir: &Path) -> String {
    if text.contains("://") { text.to_owned() } else { dir.join(text).display().to_string() }
}

fn refused(option: &str, origin: &str) -> Error {
    let name = option.split([' ', '=']).next().unwrap_or(option);
    let hint = match name {
        "-i" | "--index-url" | "--extra-index-url" | "--no-index" | "--trusted-host" => {
            "set the package index in pip's own configuration or environment (PIP_INDEX_URL)"
        }
        "-f" | "--find-links" => "use Builder::find_links",
        "-e" | "--editable" => "build a wheel and put it into a folder of Builder::find_links",
        _ => {
            "remove it: Pyodide supports only names, versions, extras, markers, hashes, wheels, -r and -c"
        }
    };
    Error::new(ErrorKind::Config, format!("{name} is not supported in a requirements file"))
        .at(origin)
        .hint(hint)
}

/// Returns lines with their first line number. Comments are removed, and continued lines joined.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    let mut continued = false;
    // Python's line ends: pip reads the file with `str.splitlines`.
    let text = text.replace("\r\n", "\n");
    for (number, line) in (1..).zip(text.split(is_line_end)) {
        let comment = line.find('#').filter(|&at| at == 0 || line[..at].ends_with([' ', '\t']));
        let line = line[..comment.unwrap_or(line.len())].trim();
        let (content, continues) = match line.strip_suffix('\\') {
            Some(content) => (content.trim_end(), true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| continued) {
            Some((_, last)) => {
                last.push(' ');
                last.push_str(content);
            }
            None => lines.push((number, content.to_owned())),
        }
        continued = continues;
    }
    lines.retain(|(_, line)| !line.trim().is_empty());
    lines
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::files;

    fn read(files: &[(&str, &str)]) -> Result<RequirementsTxt> {
        let dir = tempfile::tempdir().unwrap();
        for (name, content) in files {
            files::write_atomic(&dir.path().join(name), content.as_bytes()).unwrap();
        }
        let env = Env::from_values([("TOKEN".to_owned(), "secret".into())]);
        RequirementsTxt::read(&dir.path().join(files[0].0), &env)
    }

    #[test]
    fn variables_are_read_but_not_written() {
        let line = "x @ https://${TOKEN}@example.org/x-1-py3-none-any.whl?a=${UNSET}&b=${lower}";
        let read = read(&[("r.txt", line)]).unwrap();
        let requirement = &read.requirements[0];
        assert!(requirement.text.contains("//secret@example.org/"), "{}", requirement.text);
        assert!(requirement.text.ends_with("?a=${UNSET}&b=${lower}"), "{}", requirement.text);
        assert_eq!(requirement.written, line);
        let config = serde_json::to_string(requirement).unwrap();
        assert!(!config.contains("secret"), "{config}");
    }

    #[test]
    fn lines_end_as_in_python() {
        let read = read(&[("r.txt", "a\r\nb\rc\x0cd\u{2028}e")]).unwrap();
        let texts: Vec<_> = read.requirements.iter().map(|r| r.text.as_str()).collect();
        assert_eq!(texts, ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn reads_what_pip_reads() {
        let text = "# comment\n\npandas>=2 # why\nsqlglot[rs]==30.0 \\\n    --hash=sha256:AB \\\n    --hash=sha256:cd\n\
                    six; sys_platform != 'emscripten'\n-r more/base.txt\n-c limits.txt\n./w/foo-1.0-py3-none-any.whl\n\
                    bar @ https://example.org/bar-1-py3-none-any.whl#sha256=00\n";
        let files = [
            ("r.txt", text),
            ("more/base.txt", "-r ../r.txt\nnumpy\n"),
            ("limits.txt", "numpy<3\n"),
        ];
        let read = read(&files).unwrap();
        let texts: Vec<_> = read.requirements.iter().map(|r| r.text.as_str()).collect();
        assert_eq!(
            texts[..4],
            ["pandas>=2", "sqlglot[rs]==30.0", "six; sys_platform != 'emscripten'", "numpy"]
        );
        assert!(
            texts[4].ends_with("/w/foo-1.0-py3-none-any.whl") && Path::new(texts[4]).is_absolute()
        );
        assert_eq!(texts[5], "bar @ https://example.org/bar-1-py3-none-any.whl#sha256=00");
        assert_eq!(read.requirements[1].sha256, ["ab", "cd"]);
        assert!(
            read.requirements[1].origin.ends_with("r.txt:4"),
            "{}",
            read.requirements[1].origin
        );
        assert_eq!(read.constraints[0].text, "numpy<3");
        assert_eq!(read.files.len(), 3);
    }

    #[test]
    fn refuses_the_rest_by_name() {
        for (line, name) in [
            ("-e .", "-e"),
            ("--index-url https://example.org/simple", "--index-url"),
            ("--pre", "--pre"),
            ("./dir", "./dir"),
            ("git+https://example.org/x.git", "git+https"),
            ("foo==1 --hash=md5:00", "md5:00"),
        ] {
            let error = read(&[("r.txt", line)]).unwrap_err().to_string();
            assert!(
                error.contains(name) && error.contains("r.txt:1") && error.contains("hint:"),
                "{error}"
            );
        }
    }
}
