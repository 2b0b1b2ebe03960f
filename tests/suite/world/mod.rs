//! The stage of the stories: the real router over the real store in memory, with a clock that
//! stands still, repeatable chance, and clients that check what is true of every answer.

mod client;
mod watched;

pub use client::Client;
pub use client::Reply;
pub use client::encode;
pub use watched::Gate;
pub use watched::Watched;

use std::sync::Arc;

use serde_json::Value;
use wardgate::base::clock::FixedClock;
use wardgate::base::clock::Moment;
use wardgate::base::entropy::SeededEntropy;
use wardgate::http::gateway::Gateway;
use wardgate::http::limits::Limits;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Ports;
use wardgate::service::Settings;
use wardgate::service::operate;
use wardgate::service::operate::Command;
use wardgate::service::tenancy;
use wardgate::store::Store;
use wardgate::store::redb::RedbStore;

/// Where the gateway of a story believes to be.
pub const BASE: &str = "https://wardgate.example/scim/v2";

/// The extension that every person has.
pub const PERSON: &str = "urn:ietf:params:scim:schemas:extension:wardgate:2.0:User";

/// A gateway of its own for one story.
pub struct World {
    pub ports: Arc<Ports>,
    pub gateway: Arc<Gateway>,
    pub clock: Arc<FixedClock>,
    token: String,
    admin: String,
    /// The id of the first connection.
    pub connection: String,
}

impl World {
    /// Organization `ORG0001` with one connection.
    pub async fn new() -> Self {
        Self::with(Catalogue::built_in().unwrap(), Settings::default(), Limits::default()).await
    }

    /// The same, with the custom resource types of `tests/fixtures/schemas`.
    pub async fn with_custom_types() -> Self {
        let read = |name: &str| {
            let path = format!("{}/tests/fixtures/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(path).unwrap()
        };
        let names = ["device.json", "placement.json", "okta-role.json"];
        let texts: Vec<String> = names.iter().map(|name| read(name)).collect();
        let schemas: Vec<(&str, &str)> =
            names.iter().zip(&texts).map(|(name, text)| (*name, text.as_str())).collect();
        let catalogue = Catalogue::read(&schemas, &[("types.json", &read("types.json"))]).unwrap();
        Self::with(catalogue, Settings::default(), Limits::default()).await
    }

    /// A gateway with settings of its own.
    pub async fn with(catalogue: Catalogue, settings: Settings, limits: Limits) -> Self {
        Self::over(|store| store, catalogue, settings, limits).await
    }

    /// The same, with the store inside something that watches it.
    pub async fn over(
        wrap: impl FnOnce(Arc<dyn Store>) -> Arc<dyn Store>,
        catalogue: Catalogue,
        settings: Settings,
        limits: Limits,
    ) -> Self {
        let clock = Arc::new(FixedClock::at(Moment(1_790_000_000_000_000)));
        let store = wrap(Arc::new(RedbStore::in_memory(clock.clone()).unwrap()));
        let chance = Arc::new(SeededEntropy::new(7));
        let ports = Ports::new(
            store,
            (clock.clone(), chance),
            Arc::new(catalogue),
            &[7; 32],
            BASE.to_owned(),
            settings,
        );
        let ports = Arc::new(ports.unwrap());
        tenancy::load(&ports).await.unwrap();
        let founded = operate::found(&ports, 1, "Northvale Health").await.unwrap();
        let text = |name: &str| founded[name].as_str().unwrap().to_owned();
        let gateway = Gateway::new(ports.clone(), limits);
        Self {
            gateway,
            clock,
            token: text("token"),
            admin: text("admin_token"),
            connection: text("connection"),
            ports,
        }
    }

    /// The identity provider of the first connection.
    pub fn client(&self) -> Client {
        Client::new(self.gateway.clone(), Some(&self.token))
    }

    /// A caller with the global administrator's token.
    pub fn admin(&self) -> Client {
        Client::new(self.gateway.clone(), Some(&self.admin))
    }

    /// A caller with any token, or none.
    pub fn caller(&self, token: Option<&str>) -> Client {
        Client::new(self.gateway.clone(), token)
    }

    /// The token of the first connection, as its owner saw it once.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Runs an operator's command.
    pub async fn run(&self, command: Command) -> Value {
        Box::pin(operate::run(&self.ports, command)).await.unwrap()
    }

    /// A second organization with a connection: its client and the connection's id.
    pub async fn other_organization(&self, number: u32) -> (Client, String) {
        let name = format!("Organization {number}");
        self.run(Command::OrganizationAdd { number, name, parent: None }).await;
        self.other_connection(number).await
    }

    /// One more connection of an organization: its client and the connection's id.
    pub async fn other_connection(&self, number: u32) -> (Client, String) {
        let command = Command::ConnectionAdd {
            organization: format!("ORG{number:04}"),
            name: "Another connection".into(),
            dialect: Default::default(),
        };
        let made = self.run(command).await;
        let token = made["token"].as_str().unwrap();
        let id = made["connection"].as_str().unwrap().to_owned();
        (Client::new(self.gateway.clone(), Some(token)), id)
    }

    /// Changes a setting of the first connection: `strict=true`.
    pub async fn set(&self, setting: &str) {
        let connection = self.connection.clone();
        self.run(Command::ConnectionSet { connection, settings: vec![setting.into()] }).await;
    }

    /// The events of an organization's chain (0 is the network's), oldest first.
    pub async fn events(&self, chain: u32) -> Vec<wardgate::store::change::Event> {
        self.ports.store.events(chain, 1, 100_000).await.unwrap()
    }
}
