//! Letters as files in a directory: for test systems, and for a look at what would be sent.

use std::path::PathBuf;

use crate::post::Carried;
use crate::post::Letter;
use crate::post::Post;
use crate::post::Undelivered;
use crate::post::message;

/// A directory that takes letters as `.eml` files, named by their Message-ID: a letter that is
/// sent again takes the place of its twin.
#[derive(Clone, Debug)]
pub struct Directory {
    place: PathBuf,
    from: String,
}

impl Directory {
    /// Letters from `from` go into `place`, which is made when it is not there.
    pub fn new(place: PathBuf, from: String) -> Self {
        Self { place, from }
    }

    fn write(&self, letter: &Letter) -> Result<(), Undelivered> {
        let mail = message::of(letter, &self.from)?.formatted();
        let safe = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
        let name: String = letter.message_id.chars().map(safe).take(120).collect();
        let broken = |error: std::io::Error| {
            Undelivered::Later(format!("the directory of letters cannot be written: {error}"))
        };
        std::fs::create_dir_all(&self.place).map_err(broken)?;
        let half = self.place.join(format!(".{name}.part"));
        std::fs::write(&half, mail).map_err(broken)?;
        std::fs::rename(&half, self.place.join(format!("{name}.eml"))).map_err(broken)
    }
}

impl Post for Directory {
    fn send<'a>(&'a self, letter: &'a Letter) -> Carried<'a> {
        Box::pin(std::future::ready(self.write(letter)))
    }
}
