//! What comes outside the body: cursors and entity tags.

use std::sync::LazyLock;

use hyper::HeaderMap;
use hyper::header::HeaderValue;
use hyper::header::IF_MATCH;
use wardgate::base::clock::Moment;
use wardgate::base::entropy::SeededEntropy;
use wardgate::base::page_token::Sealer;
use wardgate::http::scim::tags;
use wardgate::service::MOST_TAGS;
use wardgate::service::Tags;
use wardgate::store::select::Position;

static SEALER: LazyLock<Sealer> = LazyLock::new(|| Sealer::new(&[7; 32]).expect("a key"));

/// What a cursor carries, in the order in which it is written.
type Cursor = (Position, u64, [u8; 32], Moment);

/// Any text as a page token, and any bytes as what a token holds: nothing forged opens, what was
/// sealed opens for its holder only, and what decodes encodes to the same.
pub fn cursor(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        assert_eq!(SEALER.open(text, b"holder"), None, "a forged token was opened");
    }
    let sealed = SEALER.seal(data, b"holder", &SeededEntropy::new(3)).expect("a sealed token");
    if sealed.len() <= wardgate::base::page_token::LONGEST {
        assert_eq!(SEALER.open(&sealed, b"holder").as_deref(), Some(data));
        assert_eq!(SEALER.open(&sealed, b"other"), None);
    }
    if let Ok(cursor) = postcard::from_bytes::<Cursor>(data) {
        let written = postcard::to_stdvec(&cursor).expect("postcard writes what it read");
        assert_eq!(postcard::from_bytes::<Cursor>(&written).as_ref(), Ok(&cursor));
    }
}

/// Any bytes as one or more `If-Match` fields (parted by line feeds): what is read is clean, and
/// writing it as a list reads the same.
pub fn etag_header(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n').take(90) {
        let Ok(value) = HeaderValue::from_bytes(line) else { return };
        headers.append(IF_MATCH, value);
    }
    let Ok(read) = tags::precondition(&headers) else { return };
    assert_eq!(read.if_none_match, None);
    let Some(Tags::These(listed)) = read.if_match else { return };
    assert!(!listed.is_empty() && listed.len() <= MOST_TAGS);
    assert!(listed.iter().all(|tag| !tag.contains(['"', ' ', '\r', '\n'])), "{listed:?}");
    let quoted: Vec<String> = listed.iter().map(|tag| format!("W/\"{tag}\"")).collect();
    let again = Tags::read(&quoted.join(", "), "If-Match");
    assert!(matches!(again, Ok(Tags::These(again)) if again == listed));
}
