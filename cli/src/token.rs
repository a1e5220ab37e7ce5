//! `mukae token`: a token signed here, for trials without an identity provider.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};
use clap::Args as ClapArgs;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use mukae_server::Role;
use serde_json::{Value, json};

#[derive(Debug, ClapArgs)]
pub(crate) struct Args {
    /// The secret key, from `mukae keys new`
    #[arg(long)]
    key: PathBuf,
    /// Who it is for: an id, no name and no number of a person
    #[arg(long)]
    sub: String,
    /// A role at a tenant, operator@asahi, or platform-admin; may be given several times
    #[arg(long = "role", required = true)]
    roles: Vec<String>,
    /// A driver's vehicle, tenants/…/vehicles/…; may be given several times
    #[arg(long = "vehicle")]
    vehicles: Vec<String>,
    /// As whom a driver is asked, tenants/…/drivers/…; may be given several times
    #[arg(long = "driver")]
    drivers: Vec<String>,
    /// How long it is good for: 90s, 10m, 1h
    #[arg(long, default_value = "10m")]
    valid: String,
    /// The environment, if the server asks for one
    #[arg(long)]
    env: Option<String>,
    /// As the server's configuration names it
    #[arg(long, default_value = "trial")]
    iss: String,
    /// As the server's configuration names it
    #[arg(long, default_value = "mukae")]
    aud: String,
    /// As the server's configuration names it
    #[arg(long, default_value = "mukae")]
    claim: String,
}

pub(crate) fn run(args: &Args) -> anyhow::Result<()> {
    let pem = std::fs::read(&args.key).with_context(|| format!("cannot read {}", args.key.display()))?;
    let no_key = || format!("{} is no key that `mukae keys new` made", args.key.display());
    let key = EncodingKey::from_ec_pem(&pem).with_context(no_key)?;
    let mut header = Header::new(Algorithm::ES256);
    header.kid =
        Some(Jwk::from_encoding_key(&key, Algorithm::ES256).with_context(no_key)?.thumbprint(ThumbprintHash::SHA256)?);
    let now = jiff::Timestamp::now().as_second();
    let claims = claims(args, now)?;
    println!("{}", jsonwebtoken::encode(&header, &claims, &key)?);
    Ok(())
}

fn claims(args: &Args, now: i64) -> anyhow::Result<Value> {
    let mut tenants: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut platform = Vec::new();
    for role in &args.roles {
        let (name, tenant) = role.split_once('@').map_or((role.as_str(), None), |(name, tenant)| (name, Some(tenant)));
        let names = || Role::ALL.map(Role::name).join(", ");
        let known: Role = name.parse().map_err(|_| anyhow!("--role {role}: {name:?} is none of {}", names()))?;
        match (known.is_of_platform(), tenant) {
            (true, None) => platform.push(known.name()),
            (false, Some(tenant)) if mukae_server::names::is_id(tenant) => {
                tenants.entry(tenant).or_default().push(known.name());
            }
            (true, Some(_)) => bail!("--role {role}: {name} is held at no tenant; leave out `@…`"),
            (false, _) => bail!("--role {role}: say at which tenant, {name}@asahi"),
        }
    }
    let mut claims = json!({
        "iss": args.iss, "aud": args.aud, "sub": args.sub, "iat": now, "exp": now + seconds(&args.valid)?,
        args.claim.as_str(): { "tenants": tenants, "platform": platform, "vehicles": args.vehicles, "drivers": args.drivers },
    });
    if let Some(env) = &args.env {
        claims["env"] = env.as_str().into();
    }
    Ok(claims)
}

fn seconds(text: &str) -> anyhow::Result<i64> {
    let split = text.len().saturating_sub(1);
    let unit = match text.get(split..) {
        Some("s") => 1,
        Some("m") => 60,
        Some("h") => 3600,
        _ => 0,
    };
    let count =
        text.get(..split).and_then(|count| count.parse::<i64>().ok()).filter(|count| (1..=86_400).contains(count));
    let seconds = count.map(|count| count * unit).filter(|seconds| (1..=86_400).contains(seconds));
    seconds.ok_or_else(|| anyhow!("--valid {text}: write 90s, 10m or 1h, a day at most"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_have_a_unit() {
        assert_eq!([seconds("90s").unwrap(), seconds("10m").unwrap(), seconds("24h").unwrap()], [90, 600, 86_400]);
        for text in ["", "s", "10", "10 m", "0m", "-1m", "25h", "1d", "９m"] {
            assert!(seconds(text).is_err(), "{text:?}");
        }
    }
}
