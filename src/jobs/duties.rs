//! The table of duties.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use crate::base::clock::Moment;
use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates;
use crate::service::oddities;
use crate::service::rules;

/// How a duty ends, when it ends.
pub type Run = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

/// Something that is done again and again.
pub struct Duty {
    /// For the log.
    pub name: &'static str,
    /// How long after its end it begins again.
    pub period: Duration,
    /// Whether it is done once more at the stop.
    pub at_stop: bool,
    /// Does it once.
    pub run_once: Box<dyn Fn(Arc<Ports>, Moment) -> Run + Send + Sync>,
}

impl std::fmt::Debug for Duty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Duty").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Duty {
    /// A duty that is not done at the stop.
    pub fn new<F>(
        name: &'static str,
        period: Duration,
        run_once: impl Fn(Arc<Ports>, Moment) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let run_once = Box::new(move |ports, now| -> Run { Box::pin(run_once(ports, now)) });
        Self { name, period, at_stop: false, run_once }
    }

    /// The same, done once more at the stop.
    pub fn and_at_stop(self) -> Self {
        Self { at_stop: true, ..self }
    }
}

/// The duties that need nothing but the ports. What belongs to the doors (the look at the
/// certificate files, the sweep of the throttles) is added by whoever builds both.
pub fn table() -> Vec<Duty> {
    vec![
        Duty::new("oddities", Duration::from_secs(60), |ports, _| async move {
            oddities::flush(&ports).await
        })
        .and_at_stop(),
        Duty::new("rules", Duration::from_secs(30), |ports, _| async move {
            rules::upkeep(&ports).await
        }),
        Duty::new("reminders", Duration::from_secs(60), |ports, now| async move {
            certificates::run_once(&ports, now).await.map(|_passed| ())
        }),
    ]
}
