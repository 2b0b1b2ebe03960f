//! SIGKILL at random moments under fifty writers (F01), and again while the server recovers
//! (F02): what was acknowledged is there, what was not is wholly there or wholly not.
//!
//! `WARDGATE_KILLS` says how often (5 without it), `WARDGATE_SEED` repeats a run.

mod chance;
mod compare;
mod events;
mod ledger;
mod site;
mod writer;

#[path = "../../benches/gateway/client.rs"]
mod client;
#[path = "../../benches/gateway/process.rs"]
mod process;

use std::time::Duration;

use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::kill::chance::Chance;
use crate::kill::client::Client;
use crate::kill::client::Door;
use crate::kill::ledger::Ledger;
use crate::kill::site::Site;

/// Writers at the same time.
const WRITERS: usize = 50;
/// The longest time from the start of the process to its ready line (F01).
const RESTART: Duration = Duration::from_secs(2);

/// One campaign at a time: the others would eat the time to restart.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// What a campaign saw.
#[derive(Default)]
struct Tally {
    kills: u32,
    slowest: Duration,
    lost: Vec<String>,
    half: Vec<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn f01_no_acknowledged_write_is_lost_by_a_kill_under_fifty_writers() {
    let _alone = ALONE.lock().await;
    let kills = number("WARDGATE_KILLS", 5);
    campaign("f01", kills, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f02_a_kill_during_recovery_changes_nothing() {
    let _alone = ALONE.lock().await;
    let kills = number("WARDGATE_KILLS", 5).div_ceil(10);
    campaign("f02", kills, 5).await;
}

/// A create whose answer was never read is refused when it is repeated, and there is one.
#[tokio::test(flavor = "multi_thread")]
async fn con02_a_create_that_is_cut_off_after_its_commit_is_refused_when_repeated() {
    let _alone = ALONE.lock().await;
    let site = Site::new();
    let (_server, door, _) = site.start();
    let mut second = Client::connect(&door).await.unwrap();
    for turn in 0..50 {
        let name = format!("cut.off.{turn}@example.org");
        let body = json!({"userName": name, "schemas": [writer::USER]}).to_string();
        let stream = send(&door, &body).await;
        while found(&mut second, &name).await == 0 {}
        drop(stream);
        let again = second.send(Method::POST, "/scim/v2/Users", body.into()).await.unwrap();
        assert_eq!(again.status, 409);
        assert_eq!(found(&mut second, &name).await, 1);
    }
}

/// A create whose client is gone before it was read is done once: by the first try or by the
/// second.
#[tokio::test(flavor = "multi_thread")]
async fn con02_a_create_whose_client_hung_up_at_once_is_done_once() {
    let _alone = ALONE.lock().await;
    let site = Site::new();
    let (_server, door, _) = site.start();
    let mut second = Client::connect(&door).await.unwrap();
    for turn in 0..50 {
        let name = format!("hung.up.{turn}@example.org");
        let body = json!({"userName": name, "schemas": [writer::USER]}).to_string();
        drop(send(&door, &body).await);
        let again = second.send(Method::POST, "/scim/v2/Users", body.into()).await.unwrap();
        assert!([201, 409].contains(&again.status), "{}", again.status);
        assert_eq!(found(&mut second, &name).await, 1);
    }
    assert!(site.run(&["check"]).is_ok());
}

/// Kills the server `kills` times under load, and after each kill up to `more` times while it
/// starts again.
async fn campaign(name: &str, kills: u32, more: u64) {
    let seed = u64::from(number("WARDGATE_SEED", std::process::id()));
    let mut chance = Chance::new(seed);
    let site = Site::new();
    let mut ledger = Ledger::default();
    let mut tally = Tally::default();
    let (mut server, mut door, _) = site.start();
    ledger.groups = writer::groups(&door).await;
    for turn in 0..kills {
        let moment = Duration::from_millis(100 + chance.below(500));
        writer::storm(&door, &mut server, &mut ledger, &mut chance, moment).await;
        tally.kills += 1;
        for _ in 0..more {
            let moment = Duration::from_micros(chance.below(60_000));
            site.start_and_kill(moment).await;
            tally.kills += 1;
        }
        let took;
        (server, door, took) = site.start();
        tally.slowest = tally.slowest.max(took);
        compare::everything(&site, &door, &mut ledger, &mut tally).await;
        let case = format!("{name}, seed {seed}, kill {turn}");
        assert!(tally.lost.is_empty(), "{case}: lost: {:#?}", tally.lost);
        assert!(tally.half.is_empty(), "{case}: half-applied: {:#?}", tally.half);
        assert!(took <= RESTART, "{case}: ready only after {took:?}");
    }
    let (acknowledged, slowest) = (ledger.acknowledged, tally.slowest.as_millis());
    println!(
        "{name}: {} kills, {acknowledged} acknowledged writes, {} lost, {} half-applied, \
         slowest restart {slowest} ms, seed {seed}",
        tally.kills,
        tally.lost.len(),
        tally.half.len()
    );
}

/// How many people bear the name.
async fn found(client: &mut Client, name: &str) -> u64 {
    let answer = client.send(Method::GET, &writer::search(name), Bytes::new()).await.unwrap();
    parse(&answer.body)["totalResults"].as_u64().unwrap()
}

/// Sends a create whole, and does not wait. An answer to something else is read first: a socket
/// that is closed with bytes unread is reset, and a reset may overtake the request.
async fn send(door: &Door, body: &str) -> TlsStream<TcpStream> {
    let mut stream = door.open().await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert_ne!(stream.read(&mut [0; 4_096]).await.unwrap(), 0);
    let authorization = door.authorization.to_str().unwrap();
    let length = body.len();
    let request = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nhost: localhost\r\nauthorization: {authorization}\r\n\
         content-type: application/scim+json\r\ncontent-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

fn parse(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "how long a test runs is said by the environment")]
fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().map_or(otherwise, |text| text.parse().expect(name))
}
