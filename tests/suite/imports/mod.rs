//! A description of the network, taken over: through the operator's command, on the real store in
//! memory, and with the real program.

mod commands;
mod damaged;
mod properties;
mod sample;
mod stories;

use std::path::Path;

use serde_json::Value;
use wardgate::service::import::Source;
use wardgate::service::operate;
use wardgate::service::operate::Command;

use crate::world::World;

/// A folder with a description in it.
struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.put(name, text);
        }
        folder
    }

    fn put(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Runs an import of everything in a folder.
async fn import(world: &World, folder: &Folder) -> Value {
    run(world, folder.path(), false).await
}

/// What an import would do.
async fn rehearse(world: &World, folder: &Folder) -> Value {
    run(world, folder.path(), true).await
}

async fn run(world: &World, path: &Path, dry_run: bool) -> Value {
    let source = Source::Path(path.to_owned());
    let organization = Some("ORG0001".to_owned());
    let command = Command::Import { source, organization, dry_run };
    operate::run(&world.ports, command).await.unwrap()
}

/// The refusals of a report, one line each.
fn refusals(report: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let one: wardgate::service::import::Refusal = serde_json::from_value(one.clone()).unwrap();
        one.to_string()
    };
    report["refusals"].as_array().unwrap().iter().map(line).collect()
}

/// `create update close unchanged` of a sort.
fn counts(report: &Value, sort: &str) -> [u64; 4] {
    let all = report["summary"].as_array().unwrap();
    let Some(row) = all.iter().find(|row| row["kind"] == sort) else { return [0; 4] };
    ["create", "update", "close", "unchanged"].map(|name| row[name].as_u64().unwrap())
}

/// Whether a report speaks of no difference at all.
fn is_nothing(report: &Value) -> bool {
    report["changes"].as_array().unwrap().is_empty() && refusals(report).is_empty()
}

/// How many events there are in all chains of a world.
async fn events(world: &World) -> u64 {
    world.ports.store.verify().await.unwrap().events
}

/// Nothing is wrong with the store, by the rule of the resource types.
async fn assert_sound(world: &World) {
    let health = world.run(Command::Check).await;
    assert_eq!(health["findings"], serde_json::json!([]));
}

/// The network of the stories.
const SHEETS: [(&str, &str); 6] = [
    (
        "organizations.csv",
        "orgNumber,displayName,kind,parent\n,North,region,\nORG0002,Cove,,North\n",
    ),
    ("sites.csv", "siteCode,displayName,organization\nNVH,North Vale,\nCOVE,Cove,ORG0002\n"),
    ("room-systems.csv", "systemName,site\nNVA_001,NVH\nNVA_002,ORG0001/NVH\n"),
    (
        "people.csv",
        "userName,givenName,familyName,email,services,assignments,homeOrganization\n\
         ada@x.example,Ada,Field,ada@x.example,eVisit;eConsult,ORG0001/NVH=ED Normal,\n\
         bo@x.example,Bo,Hill,bo@x.example,PCVC,,ORG0001\n\
         cy@x.example,Cy,Dune,,,,ORG0002\n",
    ),
    ("delegations.csv", "delegator,delegate,service\nada@x.example,bo@x.example,eVisit\n"),
    ("schedulers.csv", "systemName,userName\nNVA_001,ada@x.example\nNVA_001,bo@x.example\n"),
];
