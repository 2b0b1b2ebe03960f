//! Random histories of two connections against a plain map.
//!
//! After every step the gateway and the map agree: on every resource of both connections, on
//! searches, on what an earlier moment looked like, and an entity tag is another one exactly when
//! the resource reads otherwise. At the end the store finds nothing wrong with itself.

mod act;
mod look;
mod model;
mod step;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::properties;
use crate::world::Client;
use crate::world::World;
use model::Model;
use step::Step;

const STEPS: usize = 40;

/// What a connection read at a moment: users, groups.
type Faces = [BTreeMap<String, Value>; 2];

/// A history on its way.
struct Stage {
    world: World,
    clients: [Client; 2],
    model: Model,
    /// Identifiers of everything that was ever made, in the order of making.
    users: Vec<String>,
    groups: Vec<String>,
    /// What each connection read at every moment so far.
    past: Vec<(String, [Faces; 2])>,
    /// The entity tag and the face that each resource had last.
    tags: BTreeMap<String, (String, Value)>,
}

impl Stage {
    async fn new() -> Self {
        let world = properties::tireless().await;
        let (other, _) = world.other_connection(1).await;
        let clients = [world.client(), other];
        Self {
            clients,
            world,
            model: Model::default(),
            users: Vec::new(),
            groups: Vec::new(),
            past: Vec::new(),
            tags: BTreeMap::new(),
        }
    }

    /// One step, and a look around.
    async fn turn(&mut self, step: &Step, chance: u64) {
        self.world.clock.advance(std::time::Duration::from_secs(60));
        self.act(step).await;
        let now = wardgate::base::clock::Clock::now(&*self.world.clock).to_string();
        self.past.push((now, [0, 1].map(|owner| self.model.faces(owner))));
        self.look(chance).await;
    }

    /// The store agrees with itself.
    async fn finish(self) {
        let rule = wardgate::service::operate::rule(&self.world.ports.models);
        let health = self.world.ports.store.check(Some(rule)).await.unwrap();
        assert_eq!(health.findings, Vec::<String>::new());
        let audit = self.world.ports.store.verify().await.unwrap();
        assert_eq!(audit.broken, []);
        assert!(audit.events > 0);
    }
}

#[test]
fn histories_of_two_connections_agree_with_a_plain_map() {
    let mut runner = properties::runner(properties::times("WARDGATE_HISTORIES", 200));
    let done = runner.run(&step::history(STEPS), |steps| {
        properties::play(async {
            let mut stage = Stage::new().await;
            for (step, chance) in &steps {
                stage.turn(step, *chance).await;
            }
            stage.finish().await;
        });
        Ok(())
    });
    done.unwrap_or_else(|failure| panic!("{failure}"));
}
