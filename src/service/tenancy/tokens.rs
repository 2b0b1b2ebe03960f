//! Tokens: minted, shown once, kept as a hash, ended at once.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::json;

use crate::base::clock::Moment;
use crate::base::id::Id;
use crate::base::secret::Fingerprint;
use crate::base::secret::Token;
use crate::domain::record::Kind;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Ports;
use crate::service::tenancy::MOST_DAYS;
use crate::service::tenancy::record;
use crate::service::tenancy::record::Writing;
use crate::service::tenancy::registry;

/// How many tokens of one connection may live at once, so that one can replace the other.
const LIVE: usize = 2;

/// A token as it is kept: its hash, never its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredToken {
    pub id: Id,
    /// The connection it opens; `None` for a global administrator's.
    pub connection: Option<Id>,
    /// Base64 of the SHA-256 of its text.
    pub fingerprint: String,
    /// Microseconds since 1970.
    pub created: i64,
    /// Microseconds since 1970.
    pub expires: i64,
    pub revoked: bool,
    /// How many tokens the connection had been given before; no two have the same. `None` for an
    /// administrator's, and for those that were minted before this was kept.
    #[serde(default)]
    pub ordinal: Option<u64>,
}

impl StoredToken {
    pub(super) fn hash(&self) -> Option<Fingerprint> {
        let bytes = URL_SAFE_NO_PAD.decode(&self.fingerprint).ok()?;
        bytes.try_into().ok().map(Fingerprint)
    }

    fn live(&self, now: Moment) -> bool {
        !self.revoked && now.0 < self.expires
    }
}

/// Mints a token for a connection: `{"token", "token_id", "expires"}`. Whoever counts the same
/// tokens at the same time claims the same ordinal, and only one gets it: so the limit holds
/// through whatever door a call comes, and not only where commands go one after the other.
pub async fn add(ports: &Ports, connection: &str, days: u32) -> Result<Value, Error> {
    let (one, _) = record::connection(ports, connection).await?;
    let all: Vec<(StoredToken, u64)> = record::all(ports, Kind::TOKEN).await?;
    let now = ports.clock.now();
    let own: Vec<_> = all.iter().filter(|(token, _)| token.connection == Some(one.id)).collect();
    if own.iter().filter(|(token, _)| token.live(now)).count() >= LIVE {
        let said = "Two tokens of this connection are live already. Revoke one first.";
        return Err(Error::new(ErrorKind::Conflict, said));
    }
    let ordinal = u64::try_from(own.len()).unwrap_or(u64::MAX);
    mint(ports, Some((one.id, one.organization, ordinal)), days).await
}

/// Mints a global administrator's token.
pub async fn add_admin(ports: &Ports, days: u32) -> Result<Value, Error> {
    mint(ports, None, days).await
}

/// Tokens of a connection, or all; never their text.
pub async fn list(ports: &Ports, connection: Option<&str>) -> Result<Value, Error> {
    let of = connection.and_then(Id::parse);
    let mut all: Vec<(StoredToken, u64)> = record::all(ports, Kind::TOKEN).await?;
    all.retain(|(token, _)| connection.is_none() || token.connection == of);
    let now = ports.clock.now();
    let line = |(token, _): &(StoredToken, u64)| {
        let state = match (token.revoked, token.live(now)) {
            (true, _) => "revoked",
            (false, true) => "live",
            (false, false) => "expired",
        };
        json!({
            "token_id": token.id.to_string(),
            "connection": token.connection.map(|id| id.to_string()),
            "state": state,
            "created": Moment(token.created).to_string(),
            "expires": Moment(token.expires).to_string(),
        })
    };
    Ok(all.iter().map(line).collect())
}

/// Ends a token: the next request that shows it is refused.
pub async fn revoke(ports: &Ports, token: &str) -> Result<Value, Error> {
    let id = Id::parse(token);
    let all: Vec<(StoredToken, u64)> = record::all(ports, Kind::TOKEN).await?;
    let (mut one, version) =
        all.into_iter().find(|(one, _)| Some(one.id) == id).ok_or_else(|| {
            Error::new(ErrorKind::NotFound, "No such token. `wardgate token list` shows their ids.")
        })?;
    one.revoked = true;
    let chain = chain(ports, one.connection);
    write(ports, &one, chain, Some(version), "revoked").await?;
    Ok(json!({"token_id": one.id.to_string(), "state": "revoked"}))
}

async fn mint(ports: &Ports, home: Option<(Id, u32, u64)>, days: u32) -> Result<Value, Error> {
    if !(1..=MOST_DAYS).contains(&days) {
        let said = format!("A token lives between 1 and {MOST_DAYS} days.");
        return Err(Error::new(ErrorKind::Conflict, said));
    }
    let now = ports.clock.now();
    let token = Token::mint(ports.entropy.as_ref())?;
    let life = std::time::Duration::from_secs(u64::from(days) * 86_400);
    let stored = StoredToken {
        id: Id::new(now, ports.entropy.as_ref())?,
        connection: home.map(|(connection, _, _)| connection),
        fingerprint: URL_SAFE_NO_PAD.encode(token.fingerprint().0),
        created: now.0,
        expires: now.after(life).0,
        revoked: false,
        ordinal: home.map(|(_, _, ordinal)| ordinal),
    };
    let chain = home.map_or(0, |(_, organization, _)| organization);
    write(ports, &stored, chain, None, "created").await?;
    Ok(json!({
        "token": token.expose(),
        "token_id": stored.id.to_string(),
        "expires": Moment(stored.expires).to_string(),
    }))
}

async fn write(
    ports: &Ports,
    token: &StoredToken,
    chain: u32,
    replaces: Option<u64>,
    attribute: &str,
) -> Result<(), Error> {
    let mut unique = vec![("fingerprint", token.fingerprint.as_bytes().to_vec())];
    if let (Some(connection), Some(ordinal)) = (token.connection, token.ordinal) {
        unique.push(("ordinal", [connection.0.as_slice(), &ordinal.to_be_bytes()].concat()));
    }
    let writing = Writing {
        kind: Kind::TOKEN,
        id: token.id,
        chain,
        body: token,
        unique,
        entries: Vec::new(),
        replaces,
        attributes: vec![attribute.to_owned()],
    };
    match record::write(ports, writing).await {
        Err(error) if error.kind == ErrorKind::Conflict => {
            let said = "The tokens of this connection were changed at the same time. Try again.";
            return Err(Error::new(ErrorKind::Conflict, said));
        }
        written => written?,
    }
    registry::load(ports).await
}

fn chain(ports: &Ports, connection: Option<Id>) -> u32 {
    let snapshot = ports.registry.snapshot();
    let of = |id| snapshot.connections.values().find(|one| one.id == id);
    connection.and_then(of).map_or(0, |one| one.organization)
}
