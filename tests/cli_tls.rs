//! `youzhi serve` with a certificate of its own. That of the tests holds for 127.0.0.1 until 2120.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

#[expect(dead_code, reason = "shared by the tests of commands, each uses its part")]
mod program;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

use program::Place;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};

#[test]
fn pages_come_over_tls_and_say_so() {
    let (place, _) = Place::with_a_county();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program");
    let certificate = folder.join("certificate.pem");
    let mut command = place.command(&["serve"]);
    command.env("YOUZHI_CERTIFICATE", &certificate).env("YOUZHI_CERTIFICATE_KEY", folder.join("certificate-key.pem"));
    let serving = Place::serve(command);
    assert!(serving.url.starts_with("https://127.0.0.1:"), "{}", serving.url);

    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&certificate).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let connection = rustls::ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = rustls::StreamOwned::new(connection, TcpStream::connect(serving.address()).unwrap());
    stream.write_all(b"GET /sign-in HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("工作人员登录"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");
}
