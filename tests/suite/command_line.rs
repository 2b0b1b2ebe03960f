//! The program itself: what it prints, how it ends, what it refuses.

use std::io::BufRead;
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use serde_json::Value;

/// A data directory that no program has seen yet.
pub struct Place {
    _directory: tempfile::TempDir,
    pub data: std::path::PathBuf,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        Self { _directory: directory, data }
    }

    /// With what `init --json` says.
    pub fn initialised() -> (Self, Value) {
        let place = Self::new();
        let made = place.json(&["init"]);
        (place, made)
    }

    pub fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wardgate"));
        command.args(words).arg("--data").arg(&self.data);
        command.env("WARDGATE_METRICS", "off").env("WARDGATE_LOG", "error");
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.program(words).output().unwrap()
    }

    pub fn json(&self, words: &[&str]) -> Value {
        let output = self.program(words).arg("--json").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A running server and its ready line.
    pub fn serve(&self) -> Server {
        let mut command = self.program(&["serve", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = lines.next().unwrap().unwrap();
        Server { child, ready, lines: Box::new(lines.map_while(Result::ok)) }
    }
}

pub struct Server {
    child: Child,
    ready: String,
    lines: Box<dyn Iterator<Item = String>>,
}

impl Server {
    /// Asks it to end; its exit code, and what it still printed.
    pub fn end(mut self, how: &str) -> (Option<i32>, Vec<String>) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([how, &id]).status().unwrap().success());
        let code = self.child.wait().unwrap().code();
        (code, self.lines.by_ref().collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has ended already when the story went well.
        let _gone = self.child.kill().and_then(|()| self.child.wait());
    }
}

pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).trim().to_owned()
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

#[test]
fn init_prints_six_words_once_and_refuses_a_second_time() {
    let (place, made) = Place::initialised();
    let names: Vec<&String> = made.as_object().unwrap().keys().collect();
    assert_eq!(
        names,
        ["base_url", "ca_file", "organization", "connection", "token", "admin_token"]
    );
    assert_eq!(made["organization"], "ORG0001");
    assert!(made["token"].as_str().unwrap().starts_with("wg_"));
    assert!(Path::new(made["ca_file"].as_str().unwrap()).is_file());
    let before = bytes(&place.data.join("store.redb"));
    let again = place.run(&["init"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(again.stdout.is_empty() && said(&again).contains("nothing was changed"));
    assert_eq!(bytes(&place.data.join("store.redb")), before);
}

#[test]
fn the_first_start_makes_everything_and_the_next_reuses_it() {
    let place = Place::new();
    let first = place.serve();
    assert!(first.ready.starts_with("ready https://127.0.0.1:"), "{}", first.ready);
    let (code, printed) = first.end("-TERM");
    assert_eq!(code, Some(0));
    let printed = printed.join("\n");
    assert_eq!(printed.matches("\ncurl ").count(), 3, "{printed}");
    let certificate = bytes(&place.data.join("server.pem"));
    let next = place.serve();
    let (code, printed) = next.end("-INT");
    assert_eq!((code, printed), (Some(0), Vec::new()));
    assert_eq!(bytes(&place.data.join("server.pem")), certificate);
}

#[test]
fn commands_reach_the_running_server_and_the_store_alike() {
    let (place, made) = Place::initialised();
    let server = place.serve();
    let added = place.json(&["organization", "add", "--number", "2", "--name", "Northern Shore"]);
    assert_eq!(added["organization"], "ORG0002");
    let words = ["connection", "add", "--organization", "ORG0002", "--name", "E", "--dialect"];
    let connection = place.json(&[&words[..], &["entra"]].concat());
    assert!(connection["token"].as_str().unwrap().starts_with("wg_"));
    assert_ne!(connection["connection"], made["connection"]);
    let (code, _) = server.end("-TERM");
    assert_eq!(code, Some(0));
    assert_eq!(place.json(&["organization", "list"]).as_array().unwrap().len(), 2);
    assert_eq!(place.json(&["check"])["findings"], serde_json::json!([]));
    let id = connection["connection"].as_str().unwrap();
    assert_eq!(place.json(&["token", "list", id]).as_array().unwrap().len(), 1);
}

#[test]
fn f23_a_second_process_is_refused_and_the_holder_is_named() {
    let (place, _) = Place::initialised();
    let server = place.serve();
    let second = place.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(second.status.code(), Some(1));
    let holder = format!("process {} (wardgate serve)", server.child.id());
    assert!(said(&second).contains(&holder), "{}", said(&second));
    server.end("-TERM");
}

#[test]
fn key01_a_start_refuses_loose_modes() {
    let (place, _) = Place::initialised();
    for name in ["server.key.pem", "cursor.key", "store.redb", "ca.key.pem"] {
        let path = place.data.join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        for words in [&["serve", "--listen", "127.0.0.1:0"][..], &["check"]] {
            let refused = place.run(words);
            assert_eq!(refused.status.code(), Some(1), "{name}");
            assert!(said(&refused).contains(name) && said(&refused).contains("chmod 600"));
        }
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn a_backup_taken_while_serving_is_restored_and_the_former_store_kept() {
    let (place, _) = Place::initialised();
    let server = place.serve();
    let backup = place.data.with_file_name("copy.redb");
    let target = backup.to_str().unwrap();
    place.json(&["backup", target]);
    let mode = std::fs::metadata(&backup).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "a backup holds personal data");
    let refused = place.run(&["restore", target]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("in use by"), "{}", said(&refused));
    place.json(&["organization", "add", "--number", "2", "--name", "After the backup"]);
    assert_eq!(server.end("-TERM").0, Some(0));
    let restored = place.json(&["restore", target]);
    assert!(Path::new(restored["former_store"].as_str().unwrap()).is_file());
    assert_eq!(place.json(&["organization", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(place.json(&["audit", "verify"])["broken"], serde_json::json!([]));
    let events = place.json(&["audit", "show", "network", "--limit", "1000"]);
    let last = events.as_array().unwrap().last().unwrap();
    assert_eq!(
        (&last["action"], &last["reason"]),
        (&Value::from("Operate"), &Value::from("restored from a backup"),)
    );
}

#[test]
fn a_backup_that_is_no_store_changes_nothing() {
    let (place, _) = Place::initialised();
    let before = bytes(&place.data.join("store.redb"));
    let rubbish = place.data.with_file_name("rubbish");
    std::fs::write(&rubbish, vec![7; 100_000]).unwrap();
    for backup in [rubbish.to_str().unwrap(), "/no/such/file"] {
        let refused = place.run(&["restore", backup]);
        assert_eq!(refused.status.code(), Some(1), "{}", said(&refused));
    }
    assert_eq!(bytes(&place.data.join("store.redb")), before);
    assert!(!place.data.join("store.redb.incoming").exists());
}

#[test]
fn mistakes_end_with_one_sentence_and_exit_code_2() {
    let place = Place::new();
    let settings = place.data.with_file_name("wardgate.toml");
    std::fs::write(&settings, "[limits]\nburst = 1000\npage_maximum = 1001\n").unwrap();
    let file = settings.to_str().unwrap();
    let bad = [
        (&["serve", "--config", file][..], "wardgate.toml, line 3, key limits.page_maximum"),
        (&["serve", "--listen", "here"], "--listen"),
        (&["serve", "--loud"], "--loud"),
        (&["connection", "add", "--organization", "ORG0001"], "--name"),
        (&["init", "--organization-number", "0"], "--organization-number"),
    ];
    for (words, named) in bad {
        let refused = place.run(words);
        assert_eq!(refused.status.code(), Some(2), "{words:?}");
        let said = said(&refused);
        assert!(said.contains(named) && said.lines().count() == 1, "{said}");
        assert!(refused.stdout.is_empty());
    }
    assert!(!place.data.exists(), "nothing was made");
}

/// Changes the bytes of the first stored record that holds `text`, behind the store's back.
fn alter(path: &Path, text: &str, change: impl Fn(&mut [u8])) {
    use redb::ReadableTable;
    let database = redb::Database::open(path).unwrap();
    let transaction = database.begin_write().unwrap();
    {
        let mut table = transaction.open_table(wardgate::store::redb::tables::RECORDS).unwrap();
        let (key, mut row) = table
            .iter()
            .unwrap()
            .map(|row| row.unwrap())
            .map(|(key, row)| (key.value().to_vec(), row.value().to_vec()))
            .find(|(_, row)| row.windows(text.len()).any(|part| part == text.as_bytes()))
            .unwrap();
        let at = row.windows(text.len()).position(|part| part == text.as_bytes()).unwrap();
        change(&mut row[at..at + text.len()]);
        table.insert(key.as_slice(), row.as_slice()).unwrap();
    }
    transaction.commit().unwrap();
}

#[test]
fn aud03_check_and_restore_refuse_an_altered_body() {
    let (place, made) = Place::initialised();
    let store = place.data.join("store.redb");
    let connection = made["connection"].as_str().unwrap();
    // Whether it still reads as what it was or as nothing at all, the check is made and tells.
    for (text, with) in [("First c", b'X'), (" connection", b'"')] {
        alter(&store, text, |text| text[0] = with);
        let found = place.run(&["check"]);
        assert_eq!(found.status.code(), Some(1), "{}", said(&found));
        let printed = String::from_utf8_lossy(&found.stdout).into_owned();
        let sentence = format!("record {connection} of the network: its body is not the one");
        assert!(printed.contains(&sentence), "{printed}");
        assert!(printed.contains("in all, 1 records differ"), "{printed}");
        assert!(!printed.contains("connection\""), "{printed}");
    }
    let target = Place::new();
    let refused = target.run(&["restore", store.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("its body and its checksum do not fit"), "{}", said(&refused));
    assert!(!target.data.join("store.redb").exists());
    assert!(!target.data.join("store.redb.incoming").exists());
}

#[test]
fn aud02_a_backup_without_a_journal_is_not_restored() {
    let (place, _) = Place::initialised();
    let store = place.data.join("store.redb");
    {
        let database = redb::Database::open(&store).unwrap();
        let transaction = database.begin_write().unwrap();
        for table in [wardgate::store::redb::tables::EVENTS, wardgate::store::redb::tables::HEADS] {
            transaction.open_table(table).unwrap().retain(|_, _| false).unwrap();
        }
        transaction.commit().unwrap();
    }
    let target = Place::new();
    let refused = target.run(&["restore", store.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let said = said(&refused);
    assert!(said.contains("no event at all") && said.contains("Choose another backup"), "{said}");
    assert!(!target.data.join("store.redb").exists());
}

#[test]
fn f05_check_and_restore_see_a_page_that_changed_on_disk() {
    let (place, _) = Place::initialised();
    let store = place.data.join("store.redb");
    let mut whole = bytes(&store);
    let text = b"First connection";
    let places: Vec<usize> = whole
        .windows(text.len())
        .enumerate()
        .filter(|(_, part)| part == text)
        .map(|(at, _)| at)
        .collect();
    places.into_iter().for_each(|at| whole[at] = b'W');
    std::fs::write(&store, &whole).unwrap();
    let found = place.run(&["check"]);
    assert_eq!(found.status.code(), Some(1), "{}", said(&found));
    let printed = String::from_utf8_lossy(&found.stdout).into_owned();
    assert!(printed.contains("checksums"), "{printed}");
    let target = Place::new();
    let refused = target.run(&["restore", store.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("checksums"), "{}", said(&refused));
    assert!(!target.data.join("store.redb").exists());
}

#[test]
fn access_is_told_in_words_and_in_json_with_and_without_a_server() {
    let (place, _) = Place::initialised();
    let unknown = place.run(&["access", "show", "nobody@hospital.example"]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(said(&unknown).contains("no such person"), "{}", said(&unknown));
    let both = || {
        let nobody = place.run(&["access", "who", "--module", "Provider's Office"]);
        assert_eq!(nobody.status.code(), Some(0), "{}", said(&nobody));
        assert_eq!(String::from_utf8_lossy(&nobody.stdout), "Nobody.\n");
        let told = place.json(&["access", "who", "--service", "eVisit"]);
        assert_eq!(told, serde_json::json!({"people": [], "next": null}));
    };
    both();
    for (words, told) in [
        (&["access", "who", "--module", "Surgery"][..], "Known are: ADMINISTRATOR"),
        (&["access", "who"][..], "Ask for one of"),
        (&["access", "who", "--room", "NOWHERE"][..], "no such room system"),
        (&["access", "who", "--service", "eVisit", "--as-of", "today"][..], "RFC 3339"),
    ] {
        let refused = place.run(words);
        assert_eq!(refused.status.code(), Some(1), "{words:?}");
        assert!(said(&refused).contains(told), "{}", said(&refused));
    }
    let server = place.serve();
    both();
    drop(server);
}

#[test]
fn a_backup_replaces_no_file_and_says_so_with_and_without_a_server() {
    let (place, _) = Place::initialised();
    let target = place.data.with_file_name("taken");
    std::fs::write(&target, "something of somebody's").unwrap();
    let nowhere = place.data.with_file_name("nowhere").join("copy");
    let both = || {
        for (target, told) in [(&target, "exists already"), (&nowhere, "cannot be made")] {
            let refused = place.run(&["backup", target.to_str().unwrap()]);
            assert_eq!(refused.status.code(), Some(1));
            let said = said(&refused);
            assert!(said.contains(told) && said.lines().count() == 1, "{said}");
        }
        assert_eq!(bytes(&target), b"something of somebody's");
    };
    both();
    let server = place.serve();
    both();
    assert_eq!(server.end("-TERM").0, Some(0));
}
