//! A server of ours as a child process. It never outlives its handle.

use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::net::SocketAddr;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

/// A child that says `ready https://HOST:PORT` when it accepts connections.
pub struct Process {
    child: Child,
    ready: Receiver<SocketAddr>,
}

/// Longer than this nobody waits for the ready line.
const PATIENCE: Duration = Duration::from_secs(60);

impl Process {
    /// Starts the child.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let Some(output) = child.stdout.take() else {
            return Err(io::Error::other("the child has no standard output"));
        };
        let (found, ready) = mpsc::channel();
        // Reads on until the child ends, so that it never meets a closed or a full pipe.
        std::thread::spawn(move || {
            let lines = BufReader::new(output).lines().map_while(Result::ok);
            for line in lines.filter(|line| line.starts_with("ready https://")) {
                let address = line.trim_start_matches("ready https://").parse();
                // Nobody may be waiting any more.
                let _ = address.map(|address| found.send(address));
            }
        });
        Ok(Self { child, ready })
    }

    /// Waits for the ready line: where the child listens.
    pub fn ready(&self) -> io::Result<SocketAddr> {
        let late = "the server ended, or said nothing, before it was ready";
        self.ready.recv_timeout(PATIENCE).map_err(|_| io::Error::other(late))
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL; returns when the process is gone.
    pub fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(drop)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may be gone already, and then there is nothing to end.
        let _ = self.kill();
    }
}
