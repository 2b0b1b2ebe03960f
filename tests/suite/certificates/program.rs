//! The register through the program itself, alone and beside a running server.

use super::*;

use std::io::BufRead;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

struct House {
    directory: tempfile::TempDir,
}

/// Ends with the story.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill().and_then(|()| self.0.wait());
    }
}

impl House {
    fn new() -> Self {
        let house = Self { directory: tempfile::tempdir().unwrap() };
        house.json(&["init"]);
        let settings = "[mail]\npost = \"directory\"\nfrom = \"gate@network.example\"\n\
                        help_desk = \"desk@network.example\"\n";
        std::fs::write(house.data().join("wardgate.toml"), settings).unwrap();
        house
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardgate"));
        command.args(words).arg("--data").arg(self.data());
        command.env("WARDGATE_METRICS", "off").env("WARDGATE_LOG", "error");
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.command(words).arg("--json").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{words:?}: {said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn serve(&self) -> Server {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut server = Server(child);
        let mut lines = BufReader::new(server.0.stdout.take().unwrap()).lines();
        assert!(lines.next().unwrap().unwrap().starts_with("ready "));
        server
    }
}

/// A self-signed certificate whose time is over, and its key.
fn pair() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["feed.northvale.example".into()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[test]
fn ce8_a_server_registers_its_own_certificate_and_commands_reach_it() {
    let house = House::new();
    let server = house.serve();
    let of = ["certificate", "list", "--organization", "network"];
    let listed = house.json(&of);
    let own: Vec<&Value> = listed
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["kind"] == "certificate" && row["use"] == "gateway-tls")
        .collect();
    assert_eq!(own.len(), 1, "{listed}");
    assert_eq!(own[0]["owner"], "desk@network.example");
    drop(server);
    let _server = house.serve();
    assert_eq!(house.json(&of), listed, "a second start writes nothing");
    let (pem, _) = pair();
    let file = house.file("feed.pem", &pem);
    let words = ["certificate", "add", &file, "--organization", "ORG0001", "--owner"];
    let added = house.json(&[&words[..], &["owner@northvale.example", "--use", "client"]].concat());
    assert_eq!((&added["state"], &added["use"]), (&"expired".into(), &"client".into()));
    let due = house.json(&["certificate", "remind", "--dry-run"]);
    assert_eq!(due[0]["id"], added["id"]);
}

#[test]
fn ce2_the_program_refuses_a_key_and_writes_what_it_is_asked_to() {
    let house = House::new();
    let (pem, key) = pair();
    let file = house.file("both.pem", &format!("{pem}{key}"));
    let words =
        ["certificate", "add", &file, "--organization", "ORG0001", "--owner", "a@b.example"];
    let refused = house.run(&words);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("private key"));
    let file = house.file("feed.pem", &pem);
    let words =
        ["certificate", "add", &file, "--organization", "ORG0001", "--owner", "a@b.example"];
    let id = house.json(&words)["id"].as_str().unwrap().to_owned();
    assert_eq!(house.json(&["certificate", "remind"])["sent"], 1);
    assert_eq!(house.json(&["certificate", "remind"])["sent"], 0);
    house.json(&["certificate", "test-mail", "a@b.example"]);
    let letters = std::fs::read_dir(house.data().join("letters")).unwrap().count();
    assert_eq!(letters, 2);
    let picture = house.directory.path().join("t.svg");
    house.json(&["certificate", "timeline", "--output", picture.to_str().unwrap()]);
    assert!(std::fs::read_to_string(picture).unwrap().starts_with("<svg"));
    assert!(house.json(&["certificate", "timeline"]).is_array());
    let sheet = house.run(&["certificate", "export"]);
    assert!(String::from_utf8_lossy(&sheet.stdout).starts_with("\"Organization\","));
    let calendar = house.run(&["certificate", "calendar", "--output", "-"]);
    assert!(String::from_utf8_lossy(&calendar.stdout).starts_with("BEGIN:VCALENDAR\r\n"));
    assert_eq!(house.json(&["certificate", "remove", &id])["state"], "removed");
    assert_eq!(house.run(&["certificate", "show", &id]).status.code(), Some(1));
    assert_eq!(house.json(&["check"])["findings"], serde_json::json!([]));
}
