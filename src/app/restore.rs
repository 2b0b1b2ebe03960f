//! Puts a backup in the place of the store; the former store is kept beside it.
//!
//! The backup is copied next to the store, opened, verified and marked with an event there;
//! only then does it take the store's name, in one rename.

use std::path::Path;
use std::path::PathBuf;

use serde_json::json;

use crate::app::Failure;
use crate::app::arguments::Restore;
use crate::app::first;
use crate::app::folder;
use crate::app::house;
use crate::app::house::Ground;
use crate::app::house::World;
use crate::app::lock;
use crate::app::print;
use crate::base::id::Id;
use crate::service::Error;
use crate::store::Rule;
use crate::store::Store;
use crate::store::change::Action;
use crate::store::change::Actor;
use crate::store::change::Cause;
use crate::store::change::Change;
use crate::store::change::Door;
use crate::store::change::Outcome;

/// `wardgate restore`
pub fn run(arguments: &Restore) -> Result<(), Failure> {
    let ground = Ground::find(&arguments.place, |_| ())?;
    let backup = &arguments.backup;
    if !backup.is_file() {
        return Err(Failure::Refused(format!("There is no backup at {}.", backup.display())));
    }
    ground.folder.make()?;
    let _lock = lock::take(&ground.folder, "restore")?;
    if !ground.folder.initialised() {
        ground.folder.tighten()?;
    }
    ground.folder.guard()?;
    let world = World::new();
    first::keys(&ground, &world)?;
    let events = house::block_on(prepare(&ground, &world, backup))?;
    let former = exchange(&ground, &world)?;
    let kept = former.map(|path| path.display().to_string());
    match arguments.place.json {
        true => print::answer(&json!({"events": events, "former_store": kept}), true),
        false => print::out(&match kept {
            Some(kept) => format!("Restored: {events} events. The former store is {kept}\n"),
            None => format!("Restored: {events} events.\n"),
        }),
    }
    Ok(())
}

/// Copies, opens, verifies, marks. A copy that fails is removed; the store was not touched.
async fn prepare(ground: &Ground, world: &World, backup: &Path) -> Result<u64, Failure> {
    let copy = incoming(ground);
    remove(&copy)?;
    let rule = house::rule(ground)?;
    let prepared = async {
        folder::copy_private(backup, &copy)?;
        if let Some(finding) = house::examine(&copy)? {
            return Err(Failure::Refused(format!(
                "The backup is not intact: {finding}. Nothing was changed."
            )));
        }
        let store = house::open_store(ground, world, &copy)?;
        let verified = verify(store.as_ref(), rule).await;
        let marked = match verified {
            Ok(events) => mark(store.as_ref(), world).await.map(|()| events),
            Err(failure) => Err(failure),
        };
        store.close().await.map_err(Error::from)?;
        marked
    };
    let result = prepared.await;
    if result.is_err() {
        remove(&copy)?;
    }
    result
}

/// Every chain, every row and every body must be right, and there must be a journal to hold them
/// against; answers how many events there are.
async fn verify(store: &dyn Store, rule: Rule) -> Result<u64, Failure> {
    let audit = store.verify().await.map_err(Error::from)?;
    if let Some((organization, sequence, why)) = audit.broken.first() {
        return Err(Failure::Refused(format!(
            "The backup is not intact: chain {organization}, record {sequence}: {why}. Nothing was changed."
        )));
    }
    let health = store.check(Some(rule)).await.map_err(Error::from)?;
    if audit.events == 0 {
        return Err(Failure::Refused(format!(
            "The backup holds {} records and no event at all. Every store has events from its \
             first day, so its journal was removed, and nothing in it can be trusted. Choose \
             another backup. Nothing was changed.",
            health.records
        )));
    }
    match health.findings.first() {
        Some(finding) => Err(Failure::Refused(format!(
            "The backup is not sound: {finding}. Nothing was changed."
        ))),
        None => Ok(audit.events),
    }
}

/// The event that says: from here on, this is a restored store.
async fn mark(store: &dyn Store, world: &World) -> Result<(), Failure> {
    let request = Id::new(world.clock.now(), world.entropy.as_ref()).map_err(Error::from)?;
    let change = Change {
        chain: 0,
        cause: Cause {
            actor: Actor::Operator,
            token: None,
            door: Door::Command,
            request,
            source: String::new(),
            reason: "restored from a backup".to_owned(),
        },
        action: Action::Operate,
        outcome: Outcome::Done,
        subject: None,
        attributes: Vec::new(),
        guards: Vec::new(),
        writes: Vec::new(),
    };
    store.commit(change).await.map_err(Error::from)?;
    Ok(())
}

/// Gives the copy the store's name. The former store keeps a name of its own the whole time, so
/// a crash in between never leaves the directory without a store.
fn exchange(ground: &Ground, world: &World) -> Result<Option<PathBuf>, Failure> {
    let (store, copy) = (ground.folder.store(), incoming(ground));
    let former = store.exists().then(|| {
        let moment = world.clock.now().to_string().replace(':', "-");
        ground.folder.root().join(format!("store.redb.before-restore-{moment}"))
    });
    if let Some(former) = &former {
        std::fs::hard_link(&store, former).map_err(|error| folder::at(former, &error))?;
        folder::sync_parent(former)?;
    }
    std::fs::rename(&copy, &store).map_err(|error| folder::at(&copy, &error))?;
    folder::sync_parent(&store)?;
    Ok(former)
}

fn incoming(ground: &Ground) -> PathBuf {
    ground.folder.root().join("store.redb.incoming")
}

fn remove(path: &Path) -> Result<(), Failure> {
    match path.exists() {
        true => std::fs::remove_file(path).map_err(|error| folder::at(path, &error)),
        false => Ok(()),
    }
}
