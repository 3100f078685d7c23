//! A small HTTP/1.1 client that waits: one connection, kept alive. It shows what a browser would have got.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection that is made when it is first needed, and again after it broke.
pub struct Client {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
    cookie: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(of, _)| of == name).map_or("", |(_, value)| value)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The number that a fault's page shows.
    pub fn reference(&self) -> Option<String> {
        let text = self.text();
        let (_, rest) = text.split_once("故障编号 <code>")?;
        Some(rest.split_once('<')?.0.to_owned())
    }
}

impl Client {
    /// A client without a session.
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None, cookie: String::new() }
    }

    /// Another connection of the same person.
    pub fn another(&self) -> Self {
        Self { address: self.address, stream: None, cookie: self.cookie.clone() }
    }

    /// The same person at another address: the program was started anew.
    pub fn moved_to(&mut self, address: SocketAddr) {
        (self.address, self.stream) = (address, None);
    }

    /// Signs in and keeps the session.
    pub fn sign_in(&mut self, login: &str, password: &str) {
        let answer = self.post("/sign-in", &[("login", login), ("password", password)]).expect("signing in");
        assert_eq!(answer.status, 303, "{login} signs in: {}", answer.text());
        answer.header("set-cookie").split(';').next().expect("a cookie").clone_into(&mut self.cookie);
    }

    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: youzhi\r\ncookie: {}\r\n\r\n", self.cookie).as_bytes())
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let encoded = |text: &str| youzhi::web::forms::url_encode(text);
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let body = body.join("&");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: youzhi\r\ncookie: {}\r\nsec-fetch-site: same-origin\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n",
            self.cookie,
            body.len()
        );
        self.send(&[head.as_bytes(), body.as_bytes()].concat())
    }

    fn send(&mut self, request: &[u8]) -> Result<Answer> {
        let mut stream = if let Some(stream) = self.stream.take() {
            stream
        } else {
            let stream = TcpStream::connect(self.address)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_mins(1)))?;
            BufReader::new(stream)
        };
        stream.get_mut().write_all(request)?;
        let answer = read(&mut stream)?;
        // A connection that failed half-way is not used again.
        if answer.header("connection") != "close" {
            self.stream = Some(stream);
        }
        Ok(answer)
    }
}

fn read(stream: &mut BufReader<TcpStream>) -> Result<Answer> {
    let mut line = String::new();
    let mut next = |stream: &mut BufReader<TcpStream>| -> Result<String> {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    };
    let wrong = |what: &str| Error::new(ErrorKind::InvalidData, what.to_owned());
    let first = next(stream)?;
    let status = first.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(|| wrong(&first))?;
    let mut headers = Vec::new();
    loop {
        let header = next(stream)?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer { status, headers, body: Vec::new() };
    if answer.header("transfer-encoding") == "chunked" {
        loop {
            let size = usize::from_str_radix(&next(stream)?, 16).map_err(|_| wrong("the length of a chunk"))?;
            let mut chunk = vec![0; size + 2];
            stream.read_exact(&mut chunk)?;
            if size == 0 {
                break;
            }
            answer.body.extend_from_slice(&chunk[..size]);
        }
    } else {
        answer.body = vec![0; answer.header("content-length").parse().unwrap_or(0)];
        stream.read_exact(&mut answer.body)?;
    }
    Ok(answer)
}
