//! The loop, with duties that fail, panic, and come to their end.

use super::*;

use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use crate::base::clock::Clock;
use crate::base::clock::SystemClock;
use crate::base::entropy::OsEntropy;
use crate::scim::schema::Catalogue;
use crate::service::Kind;
use crate::service::Settings;
use crate::store::redb::RedbStore;

fn ports() -> Arc<Ports> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let ports = Ports::new(
        Arc::new(RedbStore::in_memory(Arc::clone(&clock)).unwrap()),
        (clock, Arc::new(OsEntropy)),
        Arc::new(Catalogue::built_in().unwrap()),
        &[7; 32],
        "https://example.org/scim/v2".into(),
        Settings::default(),
    );
    Arc::new(ports.unwrap())
}

#[tokio::test]
async fn f20_failures_are_tried_again_and_panics_given_up() {
    let (failed, panicked, ended) =
        (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let (stop, stopped) = watch::channel(false);
    let stop = Arc::new(stop);
    let (fails, panics, ends) = (Arc::clone(&failed), Arc::clone(&panicked), Arc::clone(&ended));
    let duties = vec![
        Duty::new("panics", Duration::ZERO, move |_, _| {
            panics.fetch_add(1, Ordering::SeqCst);
            async { panic!("a test asks for it") }
        }),
        Duty::new("fails", Duration::ZERO, move |_, _| {
            if fails.fetch_add(1, Ordering::SeqCst) == 2 * PANICS {
                stop.send_replace(true);
            }
            async { Err(Error::new(Kind::Busy, "Not now.")) }
        }),
        Duty::new("ends", Duration::from_secs(3_600), move |_, _| {
            ends.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        })
        .and_at_stop(),
    ];
    run(ports(), duties, stopped).await;
    assert_eq!(panicked.load(Ordering::SeqCst), PANICS);
    assert_eq!(failed.load(Ordering::SeqCst), 2 * PANICS + 1);
    assert_eq!(ended.load(Ordering::SeqCst), 1);
}
