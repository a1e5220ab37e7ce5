//! `mukae keys`: keys and certificates for trials, where no identity provider and no office of certificates is at hand.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P256_SHA256,
};
use serde_json::json;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// A key that signs tokens, and the JWKS that a server checks them with
    New(New),
    /// A certificate for a server, and the authority that issued it
    Tls(Tls),
}

#[derive(Debug, Args)]
pub(crate) struct New {
    /// Where to put signing.pem, which stays secret, and jwks.json
    directory: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Tls {
    /// Where to put ca.pem, server.pem and server.key
    directory: PathBuf,
    /// A name or an address under which the server is reached; may be given several times
    #[arg(long = "name", default_values_t = ["localhost".to_owned(), "127.0.0.1".to_owned()])]
    names: Vec<String>,
    /// Also a certificate for a client of this DNS name: client.pem and client.key
    #[arg(long)]
    client: Option<String>,
}

pub(crate) fn run(verb: &Verb) -> anyhow::Result<()> {
    match verb {
        Verb::New(args) => new(&args.directory),
        Verb::Tls(args) => tls(args),
    }
}

fn new(directory: &Path) -> anyhow::Result<()> {
    let (pem, jwks) = signing_key()?;
    make(directory)?;
    let secret = directory.join("signing.pem");
    write_secret(&secret, pem.as_bytes())?;
    let public = directory.join("jwks.json");
    write_new(&public, format!("{jwks:#}\n").as_bytes(), 0o644)?;
    println!("{} signs tokens: keep it where only you can read it", secret.display());
    println!("{} goes to the server; in its configuration:\n", public.display());
    println!(
        "[auth]\n\n[[auth.issuer]]\nissuer = \"trial\"\naudience = [\"mukae\"]\nkeys = {:?}",
        public.display().to_string()
    );
    Ok(())
}

/// A new private key in a PEM, and the set with its public half.
fn signing_key() -> anyhow::Result<(String, serde_json::Value)> {
    let pem = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?.serialize_pem();
    let mut jwk = Jwk::from_encoding_key(&EncodingKey::from_ec_pem(pem.as_bytes())?, Algorithm::ES256)?;
    jwk.common.public_key_use = Some(PublicKeyUse::Signature);
    jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256)?);
    Ok((pem, json!({ "keys": [jwk] })))
}

fn tls(args: &Tls) -> anyhow::Result<()> {
    make(&args.directory)?;
    let ca_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut ca = CertificateParams::default();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.distinguished_name.push(DnType::CommonName, "mukae trial");
    let ca_certificate = ca.self_signed(&ca_key)?;
    // The key of the authority is not kept: it issues these and nothing more.
    let issuer = Issuer::new(ca, ca_key);
    let file = |name: &str| args.directory.join(name);
    let issue = |names: Vec<String>, usage, certificate: &str, key: &str| -> anyhow::Result<()> {
        let named = names.join(", ");
        let mut params = CertificateParams::new(names).with_context(|| format!("{named}: no names of a host"))?;
        params.extended_key_usages = vec![usage];
        let own = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let signed = params.signed_by(&own, &issuer)?;
        write_new(&file(certificate), signed.pem().as_bytes(), 0o644)?;
        write_secret(&file(key), own.serialize_pem().as_bytes())
    };
    write_new(&file("ca.pem"), ca_certificate.pem().as_bytes(), 0o644)?;
    issue(args.names.clone(), ExtendedKeyUsagePurpose::ServerAuth, "server.pem", "server.key")?;
    if let Some(client) = &args.client {
        issue(vec![client.clone()], ExtendedKeyUsagePurpose::ClientAuth, "client.pem", "client.key")?;
    }
    println!("clients trust {}; in the server's configuration:\n", file("ca.pem").display());
    let quoted = |name: &str| format!("{:?}", file(name).display().to_string());
    println!("[tls]\ncertificate = {}\nkey = {}", quoted("server.pem"), quoted("server.key"));
    if let Some(client) = &args.client {
        println!("client_ca = {}\n", quoted("ca.pem"));
        println!(
            "[[auth.service]]\nname = \"frontend\"\nsan = \"dns:{client}\"\ntenants = {{ asahi = [\"service\"] }}"
        );
    }
    Ok(())
}

fn make(directory: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))
}

fn write_secret(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write_new(file, bytes, 0o600)
}

/// Nothing is written over: a key that is gone is gone.
fn write_new(file: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let opened = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(file);
    let mut opened = match opened {
        Ok(opened) => opened,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("{} is there already, and is not written over; choose another directory", file.display())
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {}", file.display())),
    };
    opened.write_all(bytes).with_context(|| format!("cannot write {}", file.display()))
}
