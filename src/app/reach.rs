//! Carries a command to the running server, or to the store when none runs.

use std::path::Path;

use serde_json::Value;

use crate::app::Failure;
use crate::app::arguments::Place;
use crate::app::house;
use crate::app::house::Ground;
use crate::app::house::World;
use crate::app::import;
use crate::app::lock;
use crate::http::control;
use crate::service::Error;
use crate::service::Stage;
use crate::service::operate;
use crate::service::operate::Command;

/// Runs a command where the store is open.
pub fn execute(place: &Place, command: Command) -> Result<Value, Failure> {
    let ground = Ground::find(place, |_| ())?;
    ground.must_be_initialised()?;
    house::block_on(async {
        match remote(&ground, &command).await {
            Some(answer) => answer,
            None => alone(&ground, command).await,
        }
    })
}

/// The running server's answer; `None` when nobody listens at the socket.
async fn remote(ground: &Ground, command: &Command) -> Option<Result<Value, Failure>> {
    let root = ground.folder.root();
    let call = control::call(root, command);
    let called = match command {
        Command::Import { .. } => import::watched(call, async || stage(root).await).await,
        _ => call.await,
    };
    called.map_err(|failed| Failure::Refused(failed.to_string())).transpose()
}

/// How far the server has come with an import; nothing when it cannot say.
async fn stage(root: &Path) -> Option<Stage> {
    let answer = control::call(root, &Command::ImportProgress).await.ok().flatten()?;
    serde_json::from_value(answer).ok()
}

/// Opens the store, runs the command, closes the store.
async fn alone(ground: &Ground, command: Command) -> Result<Value, Failure> {
    let _lock = lock::take(&ground.folder, "command")?;
    ground.folder.guard()?;
    if matches!(command, Command::Check) {
        return check(ground).await;
    }
    let world = World::new();
    let store = house::open_store(ground, &world, &ground.folder.store())?;
    let base_url = ground.base_url(ground.file.server.listen.port());
    let ports = house::ports(ground, &world, store.clone(), base_url).await?;
    let long = matches!(command, Command::Import { .. });
    let work = operate::run(&ports, command);
    let answer = match long {
        true => import::watched(work, async || ports.progress.stage()).await,
        false => work.await,
    };
    store.close().await.map_err(Error::from)?;
    Ok(answer?)
}

/// Checks a store that nothing else has open, whatever it holds: a record that is damaged must not
/// keep the check from being made. The pages come first, for what is wrong with them must not be
/// taken for rows.
async fn check(ground: &Ground) -> Result<Value, Failure> {
    let path = ground.folder.store();
    if let Some(finding) = house::examine(&path)? {
        return Ok(serde_json::json!({"findings": [finding]}));
    }
    let rule = house::rule(ground)?;
    let store = house::open_store(ground, &World::new(), &path)?;
    let health = store.check(Some(rule)).await;
    store.close().await.map_err(Error::from)?;
    Ok(serde_json::to_value(health.map_err(Error::from)?).map_err(Error::internal)?)
}
