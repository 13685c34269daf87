//! A server on this machine with programmed responses, which records its requests.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A request. Names of headers are in lower case.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Request {
    /// Returns the last part of the address.
    pub fn name(&self) -> &str {
        self.target.rsplit('/').next().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Returns the first requested byte, 0 without `Range`.
    pub fn from(&self) -> usize {
        let range = self.header("range").strip_prefix("bytes=").and_then(|r| r.strip_suffix('-'));
        range.map_or(0, |from| from.parse().unwrap())
    }

    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = reader.by_ref().lines().map_while(Result::ok);
        let first = lines.next()?;
        let mut words = first.split(' ').map(str::to_owned);
        let (method, target) = (words.next()?, words.next()?);
        let headers = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
            let (name, value) = line.split_once(": ")?;
            Some((name.to_lowercase(), value.to_owned()))
        });
        let headers: BTreeMap<_, _> = headers.collect();
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self { method, target, headers, body })
    }
}

/// A response.
#[derive(Debug, Clone)]
pub struct Answer {
    status: &'static str,
    headers: String,
    body: Vec<u8>,
    /// The number of pieces of the body, and the pause before each.
    pieces: usize,
    pause: Duration,
}

impl Answer {
    pub fn new(status: &'static str, body: &[u8]) -> Self {
        let length = format!("Content-Length: {}\r\n", body.len());
        let pause = Duration::ZERO;
        Self { status, headers: length, body: body.to_vec(), pieces: 1, pause }
    }

    pub fn ok(body: &[u8]) -> Self {
        Self::new("200 OK", body)
    }

    /// Returns the requested part of a body: all of it, or the rest.
    pub fn ranged(request: &Request, body: &[u8]) -> Self {
        if request.from() == 0 {
            return Self::ok(body);
        }
        let rest = body.get(request.from()..).filter(|rest| !rest.is_empty());
        let Some(rest) = rest else { return Self::new("416 Range Not Satisfiable", b"") };
        let range = format!("bytes {}-{}/{}", request.from(), body.len() - 1, body.len());
        Self::new("206 Partial Content", rest).header("Content-Range", &range)
    }

    pub fn redirect(to: &str) -> Self {
        Self::new("302 Found", b"").header("Location", to)
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.extend([name, ": ", value, "\r\n"]);
        self
    }

    /// Sets a length other than that of the body, or no length.
    pub fn length(mut self, length: Option<usize>) -> Self {
        let rest = self.headers.split_once("\r\n").unwrap().1.to_owned();
        let line = length.map(|length| format!("Content-Length: {length}\r\n"));
        self.headers = line.unwrap_or_default() + &rest;
        self
    }

    /// Ends the connection after this part of the body, whatever the length says.
    pub fn cut(mut self, at: usize) -> Self {
        self.body.truncate(at);
        self
    }

    pub fn slow(mut self, pieces: usize, pause: Duration) -> Self {
        (self.pieces, self.pause) = (pieces, pause);
        self
    }

    fn write(&self, stream: &mut TcpStream) -> std::io::Result<()> {
        let Self { status, headers, .. } = self;
        write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}\r\n")?;
        for piece in self.body.chunks(self.body.len().div_ceil(self.pieces).max(1)) {
            std::thread::sleep(self.pause);
            stream.write_all(piece)?;
            stream.flush()?;
        }
        stream.shutdown(Shutdown::Write)
    }
}

pub struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Responds with the result of `answer`, which receives a request and the number of earlier requests
    /// for its target. `tunnel` names the destination of a CONNECT.
    pub fn new(answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::with_tunnel(answer, None)
    }

    pub fn with_tunnel(
        answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static,
        tunnel: Option<String>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (log, answer) = (Arc::clone(&requests), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, answer, tunnel) = (Arc::clone(&log), Arc::clone(&answer), tunnel.clone());
                std::thread::spawn(move || {
                    let mut stream = stream;
                    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
                    let Some(request) = Request::read(&stream) else { return };
                    let before = {
                        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
                        log.push(request.clone());
                        log.iter().filter(|old| old.target == request.target).count() - 1
                    };
                    match tunnel.filter(|_| request.method == "CONNECT") {
                        Some(to) => connect(stream, &to),
                        // The client may have closed the connection.
                        None => drop(answer(&request, before).write(&mut stream)),
                    }
                });
            }
        });
        Self { address, requests }
    }

    /// Returns the address of a folder, with a trailing slash.
    pub fn url(&self) -> String {
        format!("http://{}/dist/", self.address)
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the requests for a file, by its name.
    pub fn requests_of(&self, name: &str) -> Vec<Request> {
        self.requests().into_iter().filter(|request| request.name() == name).collect()
    }
}

fn connect(mut client: TcpStream, to: &str) {
    let mut server = TcpStream::connect(to).unwrap();
    client.write_all(b"HTTP/1.1 200 Connection Established\r\n\r\n").unwrap();
    let (mut from_client, mut to_server) =
        (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_client, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let _ = std::io::copy(&mut server, &mut client);
    let _ = client.shutdown(Shutdown::Both);
}

/// Returns an address without a listener.
pub fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/dist/", listener.local_addr().unwrap())
}
