//! What is counted, and the loopback door where it is read (Prometheus text).

use std::sync::atomic::AtomicI64;
use std::time::Duration;

use hyper::StatusCode;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::http::route::ROUTES;

/// The counters. Those of requests are drawn from their families once, so that counting is an
/// array access.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    rows: Vec<Row>,
    limited: Counter,
    plans: Family<Planned, Counter>,
    sockets: Gauge<i64, AtomicI64>,
    handshakes_failed: Counter,
    certificates_refused: Counter,
    register: Family<Standing, Gauge<i64, AtomicI64>>,
}

/// How things stand in the register of certificates.
#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Standing {
    standing: &'static str,
}

/// The counters of one route.
#[derive(Debug)]
struct Row {
    /// By class of status, `1xx` first.
    answers: [Counter; 5],
    seconds: Histogram,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    class: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Timed {
    route: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Planned {
    plan: &'static str,
}

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Upper bounds of durations, in seconds.
const BOUNDS: [f64; 14] = [
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0,
    5.0,
];

impl Metrics {
    /// Counters at zero, one row per route and one for what no route answers.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("wardgate");
        let answers = Family::<Answered, Counter>::default();
        let seconds = Family::<Timed, Histogram>::new_with_constructor(|| Histogram::new(BOUNDS));
        registry.register("http_answers", "Answers by route and class", answers.clone());
        registry.register("http_seconds", "Time to answer, in seconds", seconds.clone());
        let limited = Counter::default();
        registry.register("http_limited", "Requests refused by a rate limit", limited.clone());
        let plans = Family::<Planned, Counter>::default();
        registry.register("store_plans", "Searches by how the store answered", plans.clone());
        let sockets = Gauge::default();
        registry.register("http_sockets", "Open sockets", sockets.clone());
        let handshakes_failed = Counter::default();
        let help = "TLS handshakes that failed or took too long";
        registry.register("tls_handshakes_failed", help, handshakes_failed.clone());
        let certificates_refused = Counter::default();
        let help = "New certificate files that were refused";
        registry.register("tls_certificates_refused", help, certificates_refused.clone());
        let rows = ROUTES.iter().map(|route| route.name).chain(["none"]);
        let rows = rows.map(|route| Row::new(route, &answers, &seconds)).collect();
        let register = Family::<Standing, Gauge<i64, AtomicI64>>::default();
        let help = "Certificates of the register by state, and what somebody has to look at";
        registry.register("certificates", help, register.clone());
        Self {
            registry,
            rows,
            limited,
            plans,
            sockets,
            handshakes_failed,
            certificates_refused,
            register,
        }
    }

    /// Counts an answer of the route in `row`; a row past the table counts as none.
    pub fn answered(&self, row: usize, status: StatusCode, took: Duration) {
        if status == StatusCode::TOO_MANY_REQUESTS {
            self.limited.inc();
        }
        let Some(row) = self.rows.get(row).or(self.rows.last()) else { return };
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        if let Some(counter) = row.answers.get(class) {
            counter.inc();
        }
        row.seconds.observe(took.as_secs_f64());
    }

    /// The store answered a search by this plan: `unique`, `index`, `links`, `walk` or `scan`.
    pub fn planned(&self, plan: &'static str) {
        self.plans.get_or_create(&Planned { plan }).inc();
    }

    /// A socket was opened.
    pub fn socket_opened(&self) {
        self.sockets.inc();
    }

    /// A socket was closed.
    pub fn socket_closed(&self) {
        self.sockets.dec();
    }

    /// A handshake failed.
    pub fn handshake_failed(&self) {
        self.handshakes_failed.inc();
    }

    /// New certificate files were refused; the old pair is kept (TLS-04).
    pub fn certificate_refused(&self) {
        self.certificates_refused.inc();
    }

    /// How many certificates stand how, by stable words.
    pub fn certificates(&self, counts: &[(&'static str, i64)]) {
        for (standing, count) in counts {
            self.register.get_or_create(&Standing { standing }).set(*count);
        }
    }

    /// Everything, as Prometheus reads it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a text does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Row {
    fn new(
        route: &'static str,
        answers: &Family<Answered, Counter>,
        seconds: &Family<Timed, Histogram>,
    ) -> Self {
        let answers = CLASSES.map(|class| answers.get_or_create_owned(&Answered { route, class }));
        Self { answers, seconds: seconds.get_or_create_owned(&Timed { route }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_route_and_class() {
        let metrics = Metrics::new();
        metrics.answered(0, StatusCode::OK, Duration::from_micros(40));
        metrics.answered(usize::MAX, StatusCode::TOO_MANY_REQUESTS, Duration::ZERO);
        metrics.planned("index");
        metrics.certificates(&[("expired", 2), ("expired", 1)]);
        let text = metrics.text();
        assert!(text.contains("wardgate_store_plans_total{plan=\"index\"} 1"), "{text}");
        let first = ROUTES[0].name;
        let line = format!("wardgate_http_answers_total{{route=\"{first}\",class=\"2xx\"}} 1");
        assert!(text.contains(&line), "{text}");
        assert!(text.contains("route=\"none\",class=\"4xx\"} 1"));
        assert!(text.contains("wardgate_http_limited_total 1"));
        assert!(text.contains("wardgate_certificates{standing=\"expired\"} 1"), "{text}");
    }
}
