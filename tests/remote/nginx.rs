//! nginx with the configuration of `docs/ci.md`.

use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::files::{Files, read_all};
use support::tmp;
use tempfile::TempDir;

pub struct Nginx {
    dir: TempDir,
    child: Child,
    port: u16,
}

impl Nginx {
    /// Starts it, with the folder of the manual in a folder of its own.
    pub fn new() -> Self {
        let dir = tempfile::tempdir_in(tmp()).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let conf = dir.path().join("conf");
        std::fs::create_dir(dir.path().join("cache")).unwrap();
        std::fs::write(&conf, configuration(dir.path(), port)).unwrap();
        let errors = dir.path().join("errors");
        let mut command = Command::new("nginx");
        command.arg("-e").arg(&errors).arg("-c").arg(&conf).stdin(Stdio::null());
        let child =
            command.spawn().expect("these tests need nginx (Debian: apt-get install nginx)");
        let mut nginx = Self { dir, child, port };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = nginx.child.try_wait().unwrap();
            assert!(ended.is_none(), "{}", std::fs::read_to_string(&errors).unwrap_or_default());
            assert!(started.elapsed() < Duration::from_secs(30), "nginx does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        nginx
    }

    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/pyodide-pack", self.port)
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("cache/pyodide-pack")
    }

    /// Returns what it keeps, by path on the server.
    pub fn files(&self) -> Files {
        read_all(&self.folder())
    }

    /// Returns the requests so far, one per line.
    pub fn requests(&self) -> Vec<String> {
        let log = std::fs::read_to_string(self.dir.path().join("access")).unwrap_or_default();
        log.lines().map(str::to_owned).collect()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a block of the manual inside of a whole configuration.
fn configuration(dir: &Path, port: u16) -> String {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/ci.md");
    let manual = std::fs::read_to_string(manual).unwrap();
    let block = manual.split("```nginx cache\n").nth(1).and_then(|rest| rest.split("```").next());
    let dir = dir.display();
    let block =
        block.expect("the block `nginx cache`").replace("/srv/cache", &format!("{dir}/cache"));
    let others = ["proxy", "fastcgi", "uwsgi", "scgi"];
    let others = others.map(|name| format!("{name}_temp_path {dir}/{name};")).concat();
    format!(
        "daemon off;\nmaster_process off;\npid {dir}/pid;\nerror_log {dir}/errors;\nevents {{}}\n\
         http {{\nlog_format short '$request_method $uri $status';\naccess_log {dir}/access short;\n\
         {others}\nserver {{\nlisten 127.0.0.1:{port};\n{block}}}\n}}\n"
    )
}
