//! The operator's door: a socket file in the data directory, one command a line.
//!
//! While a server runs, the command line speaks to it here, since the store has one owner. Who
//! may open the file may command: its mode is 0600, and it stands in its place only after the
//! mode is set.

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use tokio::io::AsyncBufReadExt;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::io::BufReader;
use tokio::net::UnixListener;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

use crate::http::listener::Stop;
use crate::http::listener::stopped;
use crate::service::Error;
use crate::service::Kind;
use crate::service::Ports;
use crate::service::operate;
use crate::service::operate::Command;

/// The name of the file in the data directory.
pub const FILE: &str = "control.sock";

/// The longest line, in bytes, either way.
const LONGEST: u64 = 64 * 1_024 * 1_024;

/// How long a command may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// Commands at the same time.
const AT_ONCE: usize = 16;

/// What goes back over the socket.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
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

    /// Takes commands until `stop`, finishes those that were begun, and removes the file.
    pub async fn serve(self, ports: Arc<Ports>, mut stop: Stop) {
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                () = stopped(&mut stop) => break,
            };
            let Ok((stream, _)) = accepted else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let ports = Arc::clone(&ports);
            tokio::spawn(async move {
                let done = converse(stream, &ports).await;
                let _ = done.inspect_err(broke_off);
                drop(place);
            });
        }
        let all = u32::try_from(AT_ONCE).unwrap_or(u32::MAX);
        // Fails only when closed, which nobody does.
        let _ = places.acquire_many(all).await;
        // A file that is gone already is as good.
        let _ = std::fs::remove_file(&self.path);
    }
}

fn broke_off(error: &io::Error) {
    tracing::debug!(cause = %error, "an operator's call broke off");
}

/// Sends `command` to the server of the data `directory`. `None` when nobody listens there.
pub async fn call(directory: &Path, command: &Command) -> Result<Option<Value>, Failed> {
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
    to.write_all(&line).await?;
    let answer = read_line(from).await?;
    match serde_json::from_slice(&answer).map_err(io::Error::other)? {
        Line::Ok(value) => Ok(Some(value)),
        Line::Error(refusal) => Err(refusal.into()),
    }
}

async fn converse(stream: UnixStream, ports: &Ports) -> io::Result<()> {
    let (from, mut to) = stream.into_split();
    let line =
        tokio::time::timeout(PATIENCE, read_line(from)).await.map_err(io::Error::other)??;
    let done = match serde_json::from_slice::<Command>(&line) {
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
    let mut bytes = serde_json::to_vec(&line).map_err(io::Error::other)?;
    bytes.push(b'\n');
    to.write_all(&bytes).await?;
    to.shutdown().await
}

/// How the command line words a failure, through the socket or without.
pub fn refusal(error: &Error) -> Refusal {
    if let Some(cause) = &error.source {
        tracing::error!(target: "wardgate::fault", cause = %cause, "a command failed");
    }
    Refusal { kind: error.kind.word().into(), said: error.said.clone() }
}

async fn read_line(from: impl tokio::io::AsyncRead + Unpin) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    BufReader::new(from.take(LONGEST)).read_until(b'\n', &mut line).await?;
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

    #[test]
    fn a_refusal_is_one_line_of_json() {
        let error = Error::new(Kind::Conflict, "Taken.\nBy another.");
        let line = serde_json::to_string(&Line::Error(refusal(&error))).unwrap();
        assert_eq!(line, r#"{"error":{"kind":"conflict","said":"Taken.\nBy another."}}"#);
    }
}
