//! TLS: the server's certificate, and whose client certificates count. Read from files, and again when they change.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::auth::read_file;
use crate::config::TlsConfig;

/// What a client may speak inside: gRPC, or a browser's gRPC-Web over an older HTTP.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// The TLS of a server, as its files are now.
#[derive(Debug)]
pub struct Tls {
    config: TlsConfig,
    current: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    pub fn load(config: &TlsConfig) -> Result<Tls, String> {
        Ok(Tls { config: config.clone(), current: RwLock::new(Arc::new(read(config)?)) })
    }

    /// For connections from now on. What can not be read stays as it was, and is told.
    pub fn reload(&self) {
        match read(&self.config) {
            Ok(config) => *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(config),
            Err(what) => tracing::error!("the certificates stay as they were: {what}"),
        }
    }

    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn read(config: &TlsConfig) -> Result<ServerConfig, String> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let chain = certificates(&config.certificate)?;
    let key = read_file(&config.key).map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from_pem_slice(&key);
    let key = key.map_err(|error| format!("{}: holds no private key: {error}", config.key.display()))?;
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| format!("TLS cannot be set up: {error}"))?;
    let builder = match &config.client_ca {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for certificate in certificates(file)? {
                roots.add(certificate).map_err(|error| format!("{}: {error}", file.display()))?;
            }
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            let verifier = if config.is_client_required { verifier } else { verifier.allow_unauthenticated() };
            let verifier = verifier.build().map_err(|error| format!("{}: {error}", file.display()))?;
            builder.with_client_cert_verifier(verifier)
        }
    };
    let built = builder.with_single_cert(chain, key);
    let wrong = |error| {
        let (certificate, key) = (config.certificate.display(), config.key.display());
        format!("{certificate} and {key} do not go together: {error}")
    };
    let mut built = built.map_err(wrong)?;
    built.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(built)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let bytes = read_file(file).map_err(|error| error.to_string())?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    let found = found.map_err(|error| format!("{}: {error}", file.display()))?;
    if found.is_empty() {
        return Err(format!("{}: holds no certificate", file.display()));
    }
    Ok(found)
}
