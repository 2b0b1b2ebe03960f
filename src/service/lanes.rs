//! Turns of those who lost a race for a record.

use crate::base::id::Id;

/// Mutexes by record, for those whose decision was overtaken: they decide again one after the
/// other instead of overtaking each other for ever.
#[derive(Debug)]
pub struct Lanes(Vec<tokio::sync::Mutex<()>>);

impl Default for Lanes {
    fn default() -> Self {
        Self((0..256).map(|_| tokio::sync::Mutex::new(())).collect())
    }
}

impl Lanes {
    /// Waits for the lane of `id`.
    pub async fn enter(&self, id: Id) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let last = id.0.last().copied().unwrap_or(0);
        match self.0.get(usize::from(last)) {
            Some(lane) => Some(lane.lock().await),
            None => None,
        }
    }
}
