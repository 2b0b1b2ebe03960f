//! The register of certificates and the letters about their ends, with a clock that is told.

mod listener;
mod probe;
mod program;
mod register;
mod relay;
mod reminders;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::KeyPair;
use serde_json::Value;
use wardgate::base::clock::Clock;
use wardgate::base::clock::Moment;
use wardgate::base::entropy::SeededEntropy;
use wardgate::domain::duty::reminder::Policy;
use wardgate::post::Carried;
use wardgate::post::Letter;
use wardgate::post::Post;
use wardgate::post::Undelivered;
use wardgate::scim::schema::Catalogue;
use wardgate::service::Error;
use wardgate::service::Ports;
use wardgate::service::Reminding;
use wardgate::service::Settings;
use wardgate::service::certificates;
use wardgate::service::certificates::Details;
use wardgate::service::operate;
use wardgate::service::tenancy;
use wardgate::store::redb::RedbStore;

const DAY: i64 = 86_400_000_000;
/// 2026-09-21, in microseconds.
const START: i64 = 1_789_948_800_000_000;

/// Both clocks of a machine, each told what to show.
pub struct Clocks {
    civil: AtomicI64,
    ticks: AtomicI64,
}

impl Clocks {
    /// Time passes.
    pub fn pass(&self, micros: i64) {
        self.civil.fetch_add(micros, Ordering::SeqCst);
        self.ticks.fetch_add(micros, Ordering::SeqCst);
    }

    /// Somebody sets the civil clock.
    pub fn set_by(&self, micros: i64) {
        self.civil.fetch_add(micros, Ordering::SeqCst);
    }
}

impl Clock for Clocks {
    fn now(&self) -> Moment {
        Moment(self.civil.load(Ordering::SeqCst))
    }

    fn ticks(&self) -> Duration {
        Duration::from_micros(self.ticks.load(Ordering::SeqCst).unsigned_abs())
    }
}

/// A mailbox that keeps what it gets, and can be told to refuse or to fall silent.
#[derive(Default)]
pub struct Mailbox {
    pub letters: Mutex<Vec<Letter>>,
    pub mood: Mutex<Mood>,
    pub asked: tokio::sync::Notify,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Takes,
    Refuses,
    /// Takes the letter and never says so.
    Silent,
}

impl Post for Mailbox {
    fn send<'a>(&'a self, letter: &'a Letter) -> Carried<'a> {
        let mood = *self.mood.lock().unwrap();
        if mood != Mood::Refuses {
            self.letters.lock().unwrap().push(letter.clone());
        }
        self.asked.notify_one();
        match mood {
            Mood::Takes => Box::pin(std::future::ready(Ok(()))),
            Mood::Refuses => {
                let said = Undelivered::Later("the relay is down".into());
                Box::pin(std::future::ready(Err(said)))
            }
            Mood::Silent => Box::pin(std::future::pending()),
        }
    }
}

/// A house of its own for one story: `ORG0001`, a mailbox, both clocks.
pub struct Stage {
    pub ports: Arc<Ports>,
    pub clocks: Arc<Clocks>,
    pub mailbox: Arc<Mailbox>,
}

impl Stage {
    pub async fn new() -> Self {
        let mailbox = Arc::new(Mailbox::default());
        let mut reminding = Reminding::new(Policy::default(), mailbox.clone());
        reminding.help_desk = "desk@network.example".into();
        reminding.domain = "network.example".into();
        Self::with(reminding, mailbox).await
    }

    pub async fn with(reminding: Reminding, mailbox: Arc<Mailbox>) -> Self {
        let clocks = Arc::new(Clocks { civil: AtomicI64::new(START), ticks: AtomicI64::new(0) });
        let store = Arc::new(RedbStore::in_memory(clocks.clone()).unwrap());
        let ports = Ports::new(
            store,
            (clocks.clone(), Arc::new(SeededEntropy::new(7))),
            Arc::new(Catalogue::built_in().unwrap()),
            &[7; 32],
            "https://wardgate.example/scim/v2".to_owned(),
            Settings::default(),
        );
        let ports = Arc::new(ports.unwrap().reminding(reminding));
        tenancy::load(&ports).await.unwrap();
        operate::found(&ports, 1, "Northvale Health").await.unwrap();
        Self { ports, clocks, mailbox }
    }

    /// Puts a certificate that ends `days` from now into the register: its id.
    pub async fn add(&self, name: &str, days: i64) -> String {
        let owned = Details { owner: Some("owner@northvale.example".into()), ..Details::default() };
        let added = self.try_add(&self.certificate(name, 398, days), owned).await.unwrap();
        added["id"].as_str().unwrap().to_owned()
    }

    pub async fn try_add(&self, pem: &str, details: Details) -> Result<Value, Error> {
        let cause = tenancy::operator(&self.ports)?;
        certificates::add(&self.ports, cause, "ORG0001", pem.as_bytes(), details).await
    }

    /// A certificate of `life` days that ends `days` from now, in PEM.
    pub fn certificate(&self, name: &str, life: i64, days: i64) -> String {
        let ends = self.clocks.now().0 + days * DAY;
        let stamp = |micros: i64| {
            let text = Moment(micros).to_string();
            let part = |from: usize, to: usize| text[from..to].parse::<u8>().unwrap();
            rcgen::date_time_ymd(text[..4].parse().unwrap(), part(5, 7), part(8, 10))
        };
        let mut params = CertificateParams::new(vec![name.into()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = stamp(ends - life * DAY);
        params.not_after = stamp(ends);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().pem()
    }

    /// One pass; how many letters it sent.
    pub async fn pass(&self) -> u64 {
        certificates::run_once(&self.ports, self.clocks.now()).await.unwrap().sent
    }

    /// A pass every `hours` for `days`; the days (from the start) on which letters came.
    pub async fn days(&self, days: i64, hours: i64) -> Vec<i64> {
        let mut came = Vec::new();
        for _ in 0..days * 24 / hours {
            for _ in 0..self.pass().await {
                came.push((self.clocks.now().0 - START) / DAY);
            }
            self.clocks.pass(hours * DAY / 24);
        }
        came
    }

    pub fn letters(&self) -> Vec<Letter> {
        self.mailbox.letters.lock().unwrap().clone()
    }

    pub fn mood(&self, mood: Mood) {
        *self.mailbox.mood.lock().unwrap() = mood;
    }

    pub async fn show(&self, id: &str) -> Value {
        certificates::show(&self.ports, id).await.unwrap()
    }
}
