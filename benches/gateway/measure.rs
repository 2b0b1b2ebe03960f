//! Rounds of requests, and what they cost the server.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use bytes::Bytes;
use hyper::Method;
use tokio::sync::Mutex;

use crate::client::Client;
use crate::client::Door;

/// Sockets that are kept open to each server.
pub const SOCKETS: usize = 16;

/// A request.
pub struct Ask {
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub path: String,
    /// Its body.
    pub body: Bytes,
}

/// Makes the next request of a socket.
pub type Work = Arc<dyn Fn(usize) -> Ask + Send + Sync>;

/// A server under measurement.
pub struct Target {
    process: u32,
    clients: Vec<Arc<Mutex<Client>>>,
}

/// What one round came to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figure {
    /// Requests answered in a second.
    pub speed: f64,
    /// Processor time of the server for one, in microseconds.
    pub micros: f64,
    /// Answers with another status than a good one has.
    pub refused: u64,
}

impl Target {
    /// Opens the sockets.
    pub async fn open(door: &Door, process: u32) -> io::Result<Self> {
        let mut clients = Vec::new();
        for _ in 0..SOCKETS {
            clients.push(Arc::new(Mutex::new(Client::connect(door).await?)));
        }
        Ok(Self { process, clients })
    }

    /// Sends one request of `work`: the status and the size of the answer.
    pub async fn probe(&self, work: &Work) -> io::Result<(u16, usize)> {
        let Some(client) = self.clients.first() else { return Err(io::Error::other("no socket")) };
        let ask = work(0);
        let answer = client.lock().await.send(ask.method, &ask.path, ask.body).await?;
        Ok((answer.status, answer.body.len()))
    }

    /// Sends requests through every socket for `span`; a good answer has `status`. With a `size`
    /// the paths are those of the bare server.
    pub async fn round(
        &self,
        work: &Work,
        span: Duration,
        status: u16,
        size: Option<usize>,
    ) -> io::Result<Figure> {
        let began = Instant::now();
        let before = processor_time(self.process)?;
        let mut tasks = tokio::task::JoinSet::new();
        for (socket, client) in self.clients.iter().enumerate() {
            let (client, work) = (client.clone(), work.clone());
            let next = move || {
                let ask = work(socket);
                match size {
                    Some(size) => Ask { path: format!("/{size}{}", ask.path), ..ask },
                    None => ask,
                }
            };
            tasks.spawn(keep_asking(client, next, (began, span), status));
        }
        let (mut answers, mut refused) = (0, 0);
        while let Some(ended) = tasks.join_next().await {
            let (more, bad) = ended.map_err(io::Error::other)??;
            (answers, refused) = (answers + more, refused + bad);
        }
        let spent = processor_time(self.process)? - before;
        Ok(Figure { refused, ..figure(answers, began.elapsed(), spent) })
    }
}

/// Sends one request after another for a `span`. Answers how many were answered, and how many of
/// these with another status than a good one has.
async fn keep_asking(
    client: Arc<Mutex<Client>>,
    next: impl Fn() -> Ask,
    (began, span): (Instant, Duration),
    status: u16,
) -> io::Result<(u64, u64)> {
    let mut client = client.lock().await;
    let (mut answers, mut refused) = (0_u64, 0_u64);
    while began.elapsed() < span {
        let Ask { method, path, body } = next();
        let answer = client.send(method, &path, body).await?;
        refused += u64::from(answer.status != status);
        answers += 1;
    }
    Ok((answers, refused))
}

/// The figure of `count` things done in `took`, with `spent` microseconds of processor time.
pub fn figure(count: u64, took: Duration, spent: f64) -> Figure {
    let count = count.max(1) as f64;
    Figure { speed: count / took.as_secs_f64(), micros: spent / count, refused: 0 }
}

/// Processor time of a process so far, in microseconds: user and system time of all threads.
pub fn processor_time(process: u32) -> io::Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name of the program stands in brackets and may hold blanks.
    let fields = stat.rsplit(')').next().unwrap_or_default();
    let ticks: Vec<f64> =
        fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
    // Linux counts in hundredths of a second here, whatever its own clock does.
    Ok(ticks.iter().sum::<f64>() * 10_000.0)
}

/// Resident memory of a process, and the most it ever had, in MiB.
pub fn memory(process: u32) -> io::Result<(f64, f64)> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = |name: &str| {
        let found = status.lines().find_map(|line| line.strip_prefix(name));
        let number = found.and_then(|rest| rest.split_whitespace().next());
        number.and_then(|number| number.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
    };
    Ok((line("VmRSS:"), line("VmHWM:")))
}

/// The figure in the middle, of each number by itself; refusals are added up.
pub fn median(figures: &[Figure]) -> Figure {
    let middle = |number: fn(&Figure) -> f64| {
        let mut numbers: Vec<f64> = figures.iter().map(number).collect();
        numbers.sort_by(f64::total_cmp);
        numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Figure {
        speed: middle(|figure| figure.speed),
        micros: middle(|figure| figure.micros),
        refused: figures.iter().map(|figure| figure.refused).sum(),
    }
}
