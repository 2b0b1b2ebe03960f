//! The operator's door: a socket file in the data directory, one command a line.
//!
//! While a server runs, the command line speaks to it here, since the store has one owner. Who
//! may open the file may command: its mode is 0600, and it stands in its place only after the
//! mode is set.
//!
//! A file, such as an export, goes out in parts, one a line, and is whole when the answer follows
//! them. So no answer is too large, what breaks off is known to have broken off, and it is the
//! command line that opens the file, with the rights of whoever typed it: a path that the server
//! would open is one that somebody else named.
//!
//! A caller that sends nothing, or never takes its answer, holds a place for [`PATIENCE`] and no
//! longer, and holds up no stop: who has not sent a whole command by then is sent away.

use std::future::Future;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use tokio::io::AsyncBufRead;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncRead;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWrite;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::UnixListener;
use tokio::net::UnixStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::http::listener::Stop;
use crate::http::listener::stopped;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::operate;
use crate::service::operate::Command;
use crate::service::operate::files::Giving;

/// The name of the file in the data directory.
pub const FILE: &str = "control.sock";

/// The longest command, in bytes of its line: a whole sheet of sign-ins. Only the owner of the
/// data directory can send one.
const LONGEST_COMMAND: u64 = 16 * 1_024 * 1_024;

/// The longest answer, in bytes of its line: many thousand events.
const LONGEST_ANSWER: u64 = 64 * 1_024 * 1_024;

/// How long a command may take to arrive, and how long its answer to be taken.
const PATIENCE: Duration = Duration::from_secs(10);

/// Commands at the same time.
const AT_ONCE: usize = 16;

/// What goes back over the socket.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    /// A part of a file; more lines follow.
    Part(String),
    /// It was done; this is the answer.
    Ok(Value),
    /// It was refused, or failed.
    Error(Refusal),
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{said}")]
pub struct Refusal {
    /// The kind of failure, as one word.
    pub kind: String,
    /// For the operator.
    pub said: String,
}

/// Why a call had no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The server refused the command, or failed at it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The conversation broke off: whether the command was carried out is unknown.
    #[error("the server did not finish its answer: {0}")]
    Broken(#[from] io::Error),
}

/// The door, open and in its place.
#[derive(Debug)]
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
}

impl Door {
    /// Puts the socket into `directory`. A file that nobody listens at is replaced; one that
    /// somebody listens at is an error of kind `AddrInUse`.
    pub async fn open(directory: &Path) -> io::Result<Self> {
        let path = directory.join(FILE);
        if UnixStream::connect(&path).await.is_ok() {
            return Err(io::Error::from(io::ErrorKind::AddrInUse));
        }
        let draft = directory.join(".control.sock.new");
        match std::fs::remove_file(&draft) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&draft)?;
        std::fs::set_permissions(&draft, std::fs::Permissions::from_mode(0o600))?;
        std::fs::rename(&draft, &path)?;
        Ok(Self { listener, path })
    }

    /// Takes commands until `stop`, finishes those that were begun as far as that takes no
    /// longer than `drain`, and removes the file.
    pub async fn serve(self, ports: Arc<Ports>, drain: Duration, mut stop: Stop) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let accepted = tokio::select! {
                accepted = next(&self.listener, &places) => accepted,
                () = stopped(&mut stop) => break,
            };
            let Ok((stream, place)) = accepted else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (ports, stop) = (Arc::clone(&ports), stop.clone());
            tokio::spawn(async move {
                let done = converse(stream.into_split(), &ports, PATIENCE, stop).await;
                let _ = done.inspect_err(broke_off);
                drop(place);
            });
        }
        drop(self.listener);
        let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        if tokio::time::timeout(drain, places.acquire_many(all)).await.is_err() {
            let left = AT_ONCE.saturating_sub(places.available_permits());
            tracing::warn!(left, "operator's commands were still at work at the end of the time");
        }
        // A file that is gone already is as good.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The next caller, once there is a place.
async fn next(
    listener: &UnixListener,
    places: &Arc<Semaphore>,
) -> io::Result<(UnixStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, place))
}

fn broke_off(error: &io::Error) {
    tracing::debug!(cause = %error, "an operator's call broke off");
}

/// Sends `command` to the server of the data `directory`. `None` when nobody listens there.
/// A copy of a large store takes its time, so the answer may as well: a server that dies ends
/// the wait.
pub async fn call(directory: &Path, command: &Command) -> Result<Option<Value>, Failed> {
    call_for_file(directory, command, &mut |_| Ok(())).await
}

/// The same for a command whose answer is a file: shows each part of it to `take`.
pub async fn call_for_file(
    directory: &Path,
    command: &Command,
    take: &mut (dyn FnMut(&str) -> io::Result<()> + Send),
) -> Result<Option<Value>, Failed> {
    let stream = match UnixStream::connect(directory.join(FILE)).await {
        Ok(stream) => stream,
        Err(error) => match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => return Ok(None),
            _ => return Err(error.into()),
        },
    };
    let (from, mut to) = stream.into_split();
    let mut line = serde_json::to_vec(command).map_err(io::Error::other)?;
    line.push(b'\n');
    in_time(PATIENCE, to.write_all(&line)).await?;
    let mut from = BufReader::new(from);
    loop {
        let answer = read_line(&mut from, LONGEST_ANSWER).await?;
        match serde_json::from_slice(&answer).map_err(io::Error::other)? {
            Line::Part(part) => take(&part)?,
            Line::Ok(value) => return Ok(Some(value)),
            Line::Error(refusal) => return Err(refusal.into()),
        }
    }
}

async fn converse(
    (from, mut to): (impl AsyncRead + Unpin, impl AsyncWrite + Unpin),
    ports: &Ports,
    patience: Duration,
    mut stop: Stop,
) -> io::Result<()> {
    let line = tokio::select! {
        line = in_time(patience, read_line(BufReader::new(from), LONGEST_COMMAND)) => line?,
        () = stopped(&mut stop) => return Err(io::ErrorKind::ConnectionAborted.into()),
    };
    let done = match serde_json::from_slice::<Command>(&line) {
        Ok(command) if command.is_file() => give(ports, command, (&mut to, patience)).await?,
        Ok(command) => operate::run(ports, command).await,
        Err(_) => {
            let said = "The server does not know this command. Is it of the same version?";
            Err(Error::new(Kind::Unsupported, said))
        }
    };
    let line = match done {
        Ok(value) => Line::Ok(value),
        Err(error) => Line::Error(refusal(&error)),
    };
    say(&line, (&mut to, patience)).await?;
    in_time(patience, to.shutdown()).await
}

/// Sends the parts of a file. A caller who does not take them is given up.
async fn give(
    ports: &Ports,
    command: Command,
    (to, patience): (&mut (impl AsyncWrite + Unpin), Duration),
) -> io::Result<Result<Value, Error>> {
    let mut giving = match Giving::open(ports, command).await {
        Ok(giving) => giving,
        Err(error) => return Ok(Err(error)),
    };
    loop {
        match giving.next(ports).await {
            Ok(Some(part)) => say(&Line::Part(part), (to, patience)).await?,
            Ok(None) => return Ok(giving.summary()),
            Err(error) => return Ok(Err(error)),
        }
    }
}

async fn say(
    line: &Line,
    (to, patience): (&mut (impl AsyncWrite + Unpin), Duration),
) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(line).map_err(io::Error::other)?;
    bytes.push(b'\n');
    in_time(patience, to.write_all(&bytes)).await
}

/// Waits for the other side, but not for ever.
async fn in_time<T>(
    patience: Duration,
    work: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    tokio::time::timeout(patience, work).await.map_err(io::Error::from)?
}

/// How the command line words a failure, through the socket or without.
pub fn refusal(error: &Error) -> Refusal {
    if let Some(cause) = &error.source {
        tracing::error!(target: "wardgate::fault", cause = %cause, "a command failed");
    }
    Refusal { kind: error.kind.word().into(), said: error.said.clone() }
}

async fn read_line(from: impl AsyncBufRead + Unpin, longest: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    from.take(longest).read_until(b'\n', &mut line).await?;
    if line.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_socket_that_nobody_listens_at_is_replaced_and_mode_0600() {
        let room = tempfile::tempdir().unwrap();
        assert!(call(room.path(), &Command::OrganizationList).await.unwrap().is_none());
        drop(Door::open(room.path()).await.unwrap());
        assert!(room.path().join(FILE).exists());
        assert!(call(room.path(), &Command::OrganizationList).await.unwrap().is_none());
        let door = Door::open(room.path()).await.unwrap();
        let about = std::fs::metadata(&door.path).unwrap();
        assert_eq!(about.permissions().mode() & 0o777, 0o600);
        let second = Door::open(room.path()).await.unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::AddrInUse);
    }

    fn ports() -> Arc<Ports> {
        let clock: Arc<dyn crate::base::clock::Clock> =
            Arc::new(crate::base::clock::SystemClock::new());
        let ports = Ports::new(
            Arc::new(crate::store::redb::RedbStore::in_memory(Arc::clone(&clock)).unwrap()),
            (clock, Arc::new(crate::base::entropy::OsEntropy)),
            Arc::new(crate::scim::schema::Catalogue::built_in().unwrap()),
            &[7; 32],
            "https://example.org/scim/v2".into(),
            crate::service::Settings::default(),
        );
        Arc::new(ports.unwrap())
    }

    #[tokio::test]
    async fn f18_callers_who_say_nothing_hold_up_no_stop() {
        let room = tempfile::tempdir().unwrap();
        let door = Door::open(room.path()).await.unwrap();
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let mut callers = Vec::new();
        for _ in 0..=AT_ONCE {
            callers.push(UnixStream::connect(&door.path).await.unwrap());
        }
        let served = tokio::spawn(door.serve(ports(), Duration::MAX, stopped));
        stop.send_replace(true);
        served.await.unwrap();
        assert!(!room.path().join(FILE).exists());
        drop(callers);
    }

    #[tokio::test]
    async fn f18_who_sends_nothing_or_takes_nothing_is_given_up() {
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let (ports, at_once) = (ports(), Duration::ZERO);
        for sent in [&b""[..], b"{}\n"] {
            let (mut caller, server) = tokio::io::duplex(8);
            caller.write_all(sent).await.unwrap();
            let halves = tokio::io::split(server);
            let talked = converse(halves, &ports, at_once, stopped.clone()).await;
            assert_eq!(talked.unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
    }

    #[tokio::test]
    async fn f18_a_command_has_a_longest_line() {
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let long = vec![b' '; usize::try_from(LONGEST_COMMAND).unwrap()];
        let talked = converse((&long[..], tokio::io::sink()), &ports(), PATIENCE, stopped).await;
        assert_eq!(talked.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_refusal_is_one_line_of_json() {
        let error = Error::new(Kind::Conflict, "Taken.\nBy another.");
        let line = serde_json::to_string(&Line::Error(refusal(&error))).unwrap();
        assert_eq!(line, r#"{"error":{"kind":"conflict","said":"Taken.\nBy another."}}"#);
    }
}
