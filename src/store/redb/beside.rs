//! What a change wrote beside its subject, for the event.

use sha2::{Digest, Sha256};

use crate::base::id::Id;
use crate::store::change::Beside;
use crate::store::redb::row::Stored;
use crate::store::redb::stage::Stage;
use crate::store::redb::stage::Turn;

impl Turn {
    /// Hashes of the body before and after; zeros where there is none.
    pub(super) fn hashes(&self) -> ([u8; 32], [u8; 32]) {
        let hash = |stored: &Option<Stored>| {
            stored.as_ref().map_or([0; 32], |stored| Sha256::digest(&stored.body).into())
        };
        (hash(&self.before), hash(&self.after))
    }

    /// What is told of it where it is not the subject; `None` when its body is the same.
    fn beside(&self, id: Id) -> Option<Beside> {
        let head = self.after.as_ref().or(self.before.as_ref())?.head;
        let before = self.before.as_ref().map(|stored| &stored.body);
        if before == self.after.as_ref().map(|stored| &stored.body) {
            return None;
        }
        let (before, after) = self.hashes();
        Some(Beside { kind: head.kind, id, before, after })
    }
}

impl Stage<'_, '_> {
    /// The records whose bodies are written or removed beside the subject's. A change without a
    /// subject tells of none.
    pub(super) fn beside(&self, subject: Option<Id>) -> Vec<Beside> {
        let Some(subject) = subject else { return Vec::new() };
        let others = self.records.iter().filter(|(id, _)| **id != subject);
        others.filter_map(|(id, turn)| turn.beside(*id)).collect()
    }
}
