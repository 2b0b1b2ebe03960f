//! The data directory of a campaign, the server on it, and the commands beside it.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use serde_json::Value;

use crate::kill::client::Door;
use crate::kill::process::Process;

/// One connection sends more than an identity provider does. The burst is as large as the rate:
/// a request that is held up for longer than a burst lasts counts as one too many.
const SETTINGS: &str = "[limits]\nrequests_per_second = 1000000\nburst = 1000000\n\
                        [server]\nmetrics = \"off\"\n[log]\nlevel = \"warn\"\n";

/// A data directory that every server of a campaign uses.
pub struct Site {
    room: tempfile::TempDir,
    ca: PathBuf,
    token: String,
}

impl Site {
    /// A fresh data directory with one connection.
    pub fn new() -> Self {
        let room = tempfile::tempdir().unwrap();
        let data = room.path().join("data");
        let output = command(&["init", "--json", "--data", data.to_str().unwrap()]).output();
        let output = output.unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "init: {complaint}");
        let made: Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        std::fs::write(data.join("wardgate.toml"), SETTINGS).unwrap();
        // Writers of a trial remove more people than the brake lets pass.
        let off = ["organization", "set", "ORG0001", "--brake-limit", "0", "--data"];
        let off = command(&[&off[..], &[data.to_str().unwrap()]].concat()).output().unwrap();
        assert!(off.status.success(), "brake: {}", String::from_utf8_lossy(&off.stderr));
        Self { ca: text("ca_file").into(), token: text("token"), room }
    }

    /// Starts a server, and waits for its ready line: the server, its door, how long it took.
    #[expect(clippy::disallowed_methods, reason = "the time to the ready line is what F01 limits")]
    pub fn start(&self) -> (Process, Door, Duration) {
        let began = Instant::now();
        let server = Process::start(&mut self.serve()).unwrap();
        let address = server.ready().unwrap_or_else(|error| {
            panic!("process {}: {error}\n{}", server.id(), self.log());
        });
        let took = began.elapsed();
        let door = Door::new(address, &self.ca, &self.token).unwrap();
        (server, door, took)
    }

    /// Starts a server and kills it after `moment`, wherever it is then.
    pub async fn start_and_kill(&self, moment: Duration) {
        let mut server = Process::start(&mut self.serve()).unwrap();
        tokio::time::sleep(moment).await;
        server.kill().unwrap();
    }

    /// Runs a command on the data directory: its standard output, or its complaint.
    pub fn run(&self, words: &[&str]) -> Result<String, String> {
        let data = self.room.path().join("data");
        let output = command(words).arg("--data").arg(data).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        match output.status.success() {
            true => Ok(said),
            false => Err(format!("{words:?} ended with {}: {said}{complaint}", output.status)),
        }
    }

    fn serve(&self) -> Command {
        let log = std::fs::File::create(self.room.path().join("log")).unwrap();
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--data"]);
        serve.arg(self.room.path().join("data")).stderr(log);
        serve
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.room.path().join("log")).unwrap_or_default()
    }
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wardgate"));
    command.args(words);
    command
}
