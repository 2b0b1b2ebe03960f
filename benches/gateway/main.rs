//! `cargo bench`: the real server over TLS against a bare one, in the same run.
//!
//! ```text
//!  load        data directories of 10,000 and 1,000,000 users, made once (target/bench-data)
//!  bare        hyper + tokio-rustls in a process of its own, answers as many bytes
//!  mix         what is asked;  client, measure  rounds in turn, medians
//!  plain_read  a token check and one redb read, in a process of its own: the least a GET costs
//!  plain_redb  the rows of a create, written by redb alone with the same durability
//!  report      figures beside their targets
//! ```
//!
//! `cargo bench -- --quick` takes 10,000 users and short rounds, `--users N` another large store,
//! `--only WORD` the requests whose name holds it.
//! Nothing is asserted: machines differ, and what counts are ratios inside one run. Processor
//! time is that of the server's process alone, user and system.
#![expect(clippy::disallowed_methods, reason = "a benchmark measures time")]

mod bare;
mod client;
mod load;
mod measure;
mod mix;
mod people;
mod plain_read;
mod plain_redb;
mod process;
mod report;

use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::client::Door;
use crate::load::Site;
use crate::measure::Figure;
use crate::measure::Target;
use crate::mix::KINDS;
use crate::mix::Kind;
use crate::plain_redb::Pattern;
use crate::plain_redb::Plain;
use crate::process::Process;
use crate::report::Line;

/// The smaller store.
const FEW: usize = 10_000;
/// The larger store.
const MANY: usize = 1_000_000;
/// The server's memory for pages of its file, which the plain loop gets too.
const CACHE: usize = 128 << 20;

/// How the benchmark is run.
struct Plan {
    sizes: Vec<usize>,
    rounds: usize,
    span: Duration,
    /// Only kinds of request whose name holds this word.
    only: String,
}

impl Plan {
    fn read(words: Vec<String>) -> io::Result<Self> {
        let mut plan = Self {
            sizes: vec![FEW, MANY],
            rounds: 5,
            span: Duration::from_millis(1_500),
            only: String::new(),
        };
        let usage =
            || io::Error::other("usage: cargo bench -- [--quick] [--users N] [--only WORD]");
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--quick" => {
                    (plan.sizes, plan.rounds) = (vec![FEW], 3);
                    plan.span = Duration::from_millis(600);
                }
                "--users" => {
                    let users = words.next().and_then(|users| users.parse().ok());
                    plan.sizes = vec![FEW, users.ok_or_else(usage)?];
                }
                "--only" => plan.only = words.next().ok_or_else(usage)?,
                _ => return Err(usage()),
            }
        }
        Ok(plan)
    }
}

/// A running gateway.
struct Ours {
    site: Site,
    process: Process,
    target: Target,
}

fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    if let [flag, data] = words.as_slice() {
        match flag.as_str() {
            "--bare" => return bare::ready(Path::new(data)),
            "--plain" => return plain_read::serve(Path::new(data)),
            _ => {}
        }
    }
    let plan = Plan::read(words)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(&plan))
}

async fn run(plan: &Plan) -> io::Result<()> {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../bench-data");
    std::fs::create_dir_all(&root)?;
    let mut ours = Vec::new();
    let mut plains = Vec::new();
    for (number, users) in plan.sizes.iter().enumerate() {
        let site = load::prepare(&root, *users).await?;
        let plain = load::copy(&site, &root.join(format!("run-plain-{number}")))?;
        let site = load::copy(&site, &root.join(format!("run-{number}")))?;
        plains.push(plain);
        ours.push(start(site).await?);
    }
    let Some(first) = ours.first() else { return Ok(()) };
    let bare = start_other("--bare", &first.site).await?;
    let mut lines = Vec::new();
    for kind in KINDS.iter().filter(|kind| kind.name.contains(&plan.only)) {
        lines.push(compare(plan, kind, &bare.1, &ours).await?);
    }
    report::requests(&lines);
    report::growth(&lines);
    if KINDS.first().is_some_and(|kind| lines.iter().any(|line| line.name == kind.name)) {
        prototype(plan, &bare.1, &plains).await?;
    }
    println!();
    if !plan.only.is_empty() {
        return Ok(());
    }
    members(&lines, &ours);
    for one in &ours {
        report::memory(one.site.ids.len(), measure::memory(one.process.id())?);
    }
    println!();
    let pattern = Arc::new(pattern(&plains)?);
    let (rows, bytes) = pattern.size();
    println!("one create leaves {rows} rows with {bytes} bytes of keys and values");
    for (one, plain) in ours.iter().zip(&plains) {
        creators(plan, one, plain, &pattern).await?;
    }
    Ok(())
}

async fn start(site: Site) -> io::Result<Ours> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardgate"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(&site.data);
    let process = Process::start(&mut command)?;
    let address = process.ready()?;
    let door = Door::new(address, &site.data.join("ca.pem"), &site.token)?;
    let target = Target::open(&door, process.id()).await?;
    Ok(Ours { site, process, target })
}

/// Another server of this program: `--bare` or `--plain`.
async fn start_other(flag: &str, site: &Site) -> io::Result<(Process, Target)> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(flag).arg(&site.data);
    let process = Process::start(&mut command)?;
    let door = Door::new(process.ready()?, &site.data.join("ca.pem"), &site.token)?;
    let target = Target::open(&door, process.id()).await?;
    Ok((process, target))
}

/// The bare server and the prototype in turn, store by store.
async fn prototype(plan: &Plan, bare: &Target, plains: &[Site]) -> io::Result<()> {
    let Some(kind) = KINDS.first() else { return Ok(()) };
    let mut line = Line {
        name: "GET by id, prototype",
        size: 0,
        bare: Figure::default(),
        ours: Vec::new(),
        target: None,
    };
    let mut bares = Vec::new();
    for site in plains {
        let (_process, target) = start_other("--plain", site).await?;
        let work = (kind.work)(site);
        line.size = target.probe(&work).await?.1;
        let mut figures = Vec::new();
        for _ in 0..plan.rounds {
            bares.push(bare.round(&work, plan.span, 200, Some(line.size)).await?);
            figures.push(target.round(&work, plan.span, kind.status, None).await?);
        }
        line.ours.push((site.ids.len(), measure::median(&figures)));
    }
    line.bare = measure::median(&bares);
    let lines = [line];
    report::requests(&lines);
    report::growth(&lines);
    Ok(())
}

/// The bare server and ours in turn, several rounds.
async fn compare(plan: &Plan, kind: &Kind, bare: &Target, ours: &[Ours]) -> io::Result<Line> {
    eprintln!("measuring: {}", kind.name);
    let mut works = Vec::new();
    let mut size = 0;
    for one in ours {
        // The answer to the probe is thrown away with its work: a real round starts anew.
        let (status, bytes) = one.target.probe(&(kind.work)(&one.site)).await?;
        if status == kind.status {
            size = bytes;
        } else {
            eprintln!("{} users: {} is answered {status}", one.site.ids.len(), kind.name);
        }
        works.push((kind.work)(&one.site));
    }
    let mut figures: Vec<Vec<Figure>> = vec![Vec::new(); ours.len()];
    let mut bares = Vec::new();
    let idle = works.first().cloned().ok_or_else(|| io::Error::other("no store"))?;
    for _ in 0..plan.rounds {
        bares.push(bare.round(&idle, plan.span, 200, Some(size)).await?);
        for ((one, work), figures) in ours.iter().zip(&works).zip(&mut figures) {
            figures.push(one.target.round(work, plan.span, kind.status, None).await?);
        }
    }
    let medians = figures.iter().map(|figures| measure::median(figures));
    let users = ours.iter().map(|one| one.site.ids.len());
    Ok(Line {
        name: kind.name,
        size,
        bare: measure::median(&bares),
        ours: users.zip(medians).collect(),
        target: kind.target,
    })
}

/// The large group against the group of ten, in each store.
fn members(lines: &[Line], ours: &[Ours]) {
    let [.., few, many] = lines else { return };
    for (((_, few), (_, many)), one) in few.ours.iter().zip(&many.ours).zip(ours) {
        let name = format!("member in a group of {} against 10", one.site.large);
        report::ratio(&name, *many, *few, 0.90);
    }
}

/// The rows of a user in the middle of the smallest store.
fn pattern(plains: &[Site]) -> io::Result<Pattern> {
    let site = plains.first().ok_or_else(|| io::Error::other("no store"))?;
    let middle = site.ids.len() / 2 + 1_234;
    let id = site.ids.get(middle).ok_or_else(|| io::Error::other("too few users"))?;
    Pattern::read(&site.data.join("store.redb"), middle, *id)
}

/// Sixteen who create, against the plain loop on a copy of the same file.
async fn creators(plan: &Plan, one: &Ours, plain: &Site, pattern: &Arc<Pattern>) -> io::Result<()> {
    let users = one.site.ids.len();
    let work = mix::create(&one.site);
    let plain = Plain::open(&plain.data.join("store.redb"), CACHE, pattern.clone())?;
    let (mut ours, mut loops) = (Vec::new(), Vec::new());
    for _ in 0..plan.rounds {
        loops.push(tokio::task::block_in_place(|| plain.round(measure::SOCKETS, plan.span))?);
        ours.push(one.target.round(&work, plan.span, 201, None).await?);
    }
    let name = format!("16 creators, plain redb loop ({users} users)");
    report::ratio(&name, measure::median(&ours), measure::median(&loops), 0.70);
    Ok(())
}
