//! Sets up the reminders: when letters are due, and who carries them.

use std::path::Path;
use std::sync::Arc;

use crate::app::Failure;
use crate::app::folder;
use crate::app::house::Ground;
use crate::config::file::Carrier;
use crate::config::file::Mail;
use crate::config::file::MailSecurity;
use crate::config::file::Tongue;
use crate::domain::duty::reminder::Policy;
use crate::post::Nowhere;
use crate::post::Post;
use crate::post::directory::Directory;
use crate::post::letters::Language;
use crate::post::smtp::Relay;
use crate::post::smtp::Security;
use crate::post::smtp::Smtp;
use crate::service::Reminding;

/// The longest password, in bytes.
const LONGEST_PASSWORD: u64 = 4_096;

/// Reminders as the settings want them.
pub fn reminding(ground: &Ground) -> Result<Reminding, Failure> {
    let (mail, wanted) = (&ground.file.mail, &ground.file.reminders);
    let policy = Policy {
        days: wanted.days.clone(),
        last_day: wanted.last_day,
        after: wanted.after.clone(),
        proportional_below: wanted.proportional_below,
    };
    let mut reminding = Reminding::new(policy, post(ground, mail)?);
    reminding.help_desk.clone_from(&mail.help_desk);
    reminding.private_probes = wanted.private_probes;
    reminding.language = match mail.language {
        Tongue::En => Language::English,
        Tongue::Fr => Language::French,
        Tongue::Both => Language::Both,
    };
    if let Some(domain) = domain(mail) {
        reminding.domain = domain.to_owned();
    }
    Ok(reminding)
}

fn domain(mail: &Mail) -> Option<&str> {
    mail.from.split_once('@').map(|(_, domain)| domain)
}

fn post(ground: &Ground, mail: &Mail) -> Result<Arc<dyn Post>, Failure> {
    Ok(match mail.post {
        Carrier::Off => Arc::new(Nowhere),
        Carrier::Directory => {
            let place = match mail.directory.as_str() {
                "" => ground.folder.root().join("letters"),
                set => set.into(),
            };
            Arc::new(Directory::new(place, mail.from.clone()))
        }
        Carrier::Smtp => Arc::new(smtp(mail)?),
    })
}

fn smtp(mail: &Mail) -> Result<Smtp, Failure> {
    let authorities = match mail.authorities.as_str() {
        "" => None,
        path => Some(std::fs::read(path).map_err(|error| folder::at(Path::new(path), &error))?),
    };
    let credentials = match mail.user.as_str() {
        "" => None,
        user => Some((user.to_owned(), password(Path::new(&mail.password_file))?)),
    };
    let relay = Relay {
        host: mail.host.clone(),
        port: mail.port,
        security: match mail.security {
            MailSecurity::StartTls => Security::StartTls,
            MailSecurity::Tls => Security::Tls,
        },
        authorities,
        credentials,
        greeting: domain(mail).unwrap_or("wardgate.invalid").to_owned(),
        from: mail.from.clone(),
    };
    Smtp::new(relay).map_err(|said| Failure::Usage(format!("{said}.")))
}

/// The password in a file that is nobody else's.
fn password(path: &Path) -> Result<String, Failure> {
    folder::guard_own_key(path)?;
    let broken = |error| folder::at(path, &error);
    if std::fs::metadata(path).map_err(broken)?.len() > LONGEST_PASSWORD {
        let said = format!("The password file {} is too long.", path.display());
        return Err(Failure::Usage(said));
    }
    let text = std::fs::read_to_string(path).map_err(broken)?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
