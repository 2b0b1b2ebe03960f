//! The first start: a data directory with keys, a store, and someone who may knock.
//!
//! The store is filled under another name and renamed when it is whole: an interrupted first
//! start has not happened.

use serde::Serialize;
use serde_json::Value;

use crate::app::Failure;
use crate::app::arguments::Init;
use crate::app::development;
use crate::app::folder;
use crate::app::house;
use crate::app::house::Ground;
use crate::app::house::World;
use crate::app::lock;
use crate::app::print;
use crate::service::operate;

/// What a first start makes; the tokens are shown here and never again.
#[derive(Clone, Serialize)]
pub struct First {
    /// What clients call us.
    pub base_url: String,
    /// The CA that clients must trust; empty when the settings name a certificate of one's own.
    pub ca_file: String,
    /// `ORG####`
    pub organization: String,
    /// The id of the connection.
    pub connection: String,
    /// The connection's bearer token.
    pub token: String,
    /// A global administrator's bearer token.
    pub admin_token: String,
}

/// Who is made first.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The number in `ORG####`.
    pub number: u32,
    /// The organization's name.
    pub name: String,
}

impl Default for Wish {
    fn default() -> Self {
        Self { number: 1, name: "First organization".to_owned() }
    }
}

/// `wardgate init`
pub fn run(arguments: &Init) -> Result<(), Failure> {
    let ground = Ground::find(&arguments.place, |_| ())?;
    unused(&ground)?;
    ground.folder.make()?;
    let _lock = lock::take(&ground.folder, "init")?;
    unused(&ground)?;
    let wish =
        Wish { number: arguments.organization_number, name: arguments.organization_name.clone() };
    let port = ground.file.server.listen.port();
    let first = house::block_on(make(&ground, &World::new(), &wish, port))?;
    match arguments.place.json {
        true => print::out(&format!("{}\n", json(&first))),
        false => print::out(&text(&first)),
    }
    Ok(())
}

/// Refuses a directory that holds a store. Asked again under the lock: another start may have
/// made one meanwhile.
fn unused(ground: &Ground) -> Result<(), Failure> {
    if !ground.folder.initialised() {
        return Ok(());
    }
    let root = ground.folder.root().display();
    let said = format!("The data directory {root} holds a store already; nothing was changed.");
    Err(Failure::Refused(said))
}

/// Makes everything in a directory that is locked and holds no store.
pub async fn make(
    ground: &Ground,
    world: &World,
    wish: &Wish,
    port: u16,
) -> Result<First, Failure> {
    let place = &ground.folder;
    place.tighten()?;
    keys(ground, world)?;
    let unfinished = place.root().join("store.redb.first");
    if unfinished.exists() {
        std::fs::remove_file(&unfinished).map_err(|error| folder::at(&unfinished, &error))?;
    }
    let store = house::open_store(ground, world, &unfinished)?;
    let ports = house::ports(ground, world, store.clone(), ground.base_url(port)).await?;
    let made = operate::found(&ports, wish.number, &wish.name).await?;
    store.close().await.map_err(crate::service::Error::from)?;
    drop((ports, store));
    std::fs::rename(&unfinished, place.store()).map_err(|error| folder::at(&unfinished, &error))?;
    folder::sync_parent(&place.store())?;
    Ok(First {
        base_url: ground.base_url(port),
        ca_file: ca_file(ground),
        organization: word(&made, "organization")?,
        connection: word(&made, "connection")?,
        token: word(&made, "token")?,
        admin_token: word(&made, "admin_token")?,
    })
}

/// Makes the keys and certificates that are missing.
pub fn keys(ground: &Ground, world: &World) -> Result<(), Failure> {
    folder::cursor_key(&ground.folder, world.entropy.as_ref())?;
    if !ground.file.server.certificate.is_empty() {
        return Ok(());
    }
    let url = ground.file.server.base_url.trim_start_matches("https://");
    let authority = url.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    let listen = ground.file.server.listen.ip().to_string();
    let names: Vec<String> =
        [listen.as_str(), host].into_iter().filter_map(development::name_of_host).collect();
    development::certificates(&ground.folder, &names, world.clock.now())
}

fn ca_file(ground: &Ground) -> String {
    match ground.file.server.certificate.is_empty() {
        true => ground.folder.ca().display().to_string(),
        false => String::new(),
    }
}

/// The result as JSON on one line.
pub fn json(first: &First) -> String {
    serde_json::to_string(first).unwrap_or_default()
}

/// The result for people, with three lines that work when pasted.
pub fn text(first: &First) -> String {
    let First { base_url, ca_file, organization, connection, token, admin_token } = first;
    let ca = match ca_file.as_str() {
        "" => String::new(),
        path => format!("--cacert {} ", quoted(path)),
    };
    let curl = format!("curl {ca}-H 'Authorization: Bearer {token}'");
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada.field@example.org","active":true}"#;
    let filter = r#"filter=userName eq "ada.field@example.org""#;
    format!(
        "\n\
         Made for you. The tokens are shown this once:\n\n  \
         Base URL      {base_url}\n  \
         CA file       {ca_file}\n  \
         Organization  {organization}\n  \
         Connection    {connection}\n  \
         Bearer token  {token}\n  \
         Admin token   {admin_token}\n\n\
         Try it: list people, make one, find her.\n\n\
         {curl} '{base_url}/Users'\n\
         {curl} -H 'Content-Type: application/scim+json' -d '{user}' '{base_url}/Users'\n\
         {curl} --get --data-urlencode '{filter}' '{base_url}/Users'\n\n"
    )
}

/// A path as one word of a shell.
fn quoted(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-+".contains(&b);
    match path.bytes().all(plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

fn word(answer: &Value, name: &str) -> Result<String, Failure> {
    let word = answer.get(name).and_then(Value::as_str).map(str::to_owned);
    word.ok_or_else(|| Failure::Refused(format!("The store answered without a {name}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_a_quote_stays_one_word() {
        assert_eq!(quoted("/a/b.pem"), "/a/b.pem");
        assert_eq!(quoted("/it's here/ca.pem"), r"'/it'\''s here/ca.pem'");
    }
}
