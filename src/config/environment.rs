//! The environment, read once.
//!
//! Unknown `WARDGATE_*` names are left alone: container platforms inject such names for a
//! service called wardgate (`WARDGATE_SERVICE_HOST`).

use std::path::PathBuf;

use serde::de::DeserializeOwned;

use crate::config::BadSetting;
use crate::config::file::File;

/// What the environment says. Every variable goes over the key of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `WARDGATE_CONFIG`: the settings file.
    pub config: Option<PathBuf>,
    /// `WARDGATE_DATA`: the data directory.
    pub data: Option<PathBuf>,
    /// The other variables that are set, with their values.
    set: Vec<(&'static str, String)>,
}

/// The variables that go over a key, and how each is taken.
const OVERRIDES: [(&str, Apply); 10] = [
    ("WARDGATE_LISTEN", |file, text| put(&mut file.server.listen, text)),
    ("WARDGATE_BASE_URL", |file, text| put(&mut file.server.base_url, text)),
    ("WARDGATE_CERTIFICATE", |file, text| put(&mut file.server.certificate, text)),
    ("WARDGATE_KEY", |file, text| put(&mut file.server.key, text)),
    ("WARDGATE_METRICS", |file, text| put(&mut file.server.metrics, text)),
    ("WARDGATE_REQUESTS_PER_SECOND", |file, text| {
        text.parse().map(|rate| file.limits.requests_per_second = rate).is_ok()
    }),
    ("WARDGATE_CACHE", |file, text| put(&mut file.store.cache, text)),
    ("WARDGATE_LOG", |file, text| put(&mut file.log.level, text)),
    ("WARDGATE_LOG_FORMAT", |file, text| put(&mut file.log.format, text)),
    ("WARDGATE_SCHEMAS", |file, text| put(&mut file.schemas.directory, text)),
];

type Apply = fn(&mut File, &str) -> bool;

impl Environment {
    /// Reads the environment of the process.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn read() -> Result<Self, BadSetting> {
        let mut found = Vec::new();
        for name in ["WARDGATE_CONFIG", "WARDGATE_DATA"].into_iter().chain(names()) {
            match std::env::var(name) {
                Ok(value) => found.push((name, value)),
                Err(std::env::VarError::NotPresent) => {}
                Err(std::env::VarError::NotUnicode(_)) => return Err(bad(name)),
            }
        }
        Ok(Self::of(found))
    }

    /// An environment of these variables.
    pub fn of(variables: Vec<(&'static str, String)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in variables {
            match name {
                "WARDGATE_CONFIG" => environment.config = Some(value.into()),
                "WARDGATE_DATA" => environment.data = Some(value.into()),
                _ => environment.set.push((name, value)),
            }
        }
        environment
    }

    /// Puts what is set over the file.
    pub fn apply(&self, file: &mut File) -> Result<(), BadSetting> {
        for (name, value) in &self.set {
            let apply = OVERRIDES.iter().find(|(known, _)| known == name);
            if apply.is_some_and(|(_, apply)| !apply(file, value)) {
                return Err(bad(name));
            }
        }
        Ok(())
    }
}

/// The names of the variables that go over a key.
pub fn names() -> impl Iterator<Item = &'static str> {
    OVERRIDES.iter().map(|(name, _)| *name)
}

/// Takes a text as the file would take it in quotes.
fn put<T: DeserializeOwned>(place: &mut T, text: &str) -> bool {
    match T::deserialize(toml::Value::String(text.to_owned())) {
        Ok(value) => {
            *place = value;
            true
        }
        Err(_) => false,
    }
}

fn bad(name: &str) -> BadSetting {
    BadSetting(format!(
        "The environment variable {name} does not fit; see the key of that name in wardgate.toml."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_goes_over_the_file() {
        let mut file = File::default();
        let set = vec![("WARDGATE_METRICS", "off".to_owned()), ("WARDGATE_CACHE", "2 MiB".into())];
        Environment::of(set).apply(&mut file).unwrap();
        assert_eq!(file.server.metrics.0, None);
        assert_eq!(file.store.cache.0, 2 << 20);
    }

    #[test]
    fn a_value_that_does_not_fit_is_named_and_not_repeated() {
        for name in ["WARDGATE_LISTEN", "WARDGATE_CACHE", "WARDGATE_REQUESTS_PER_SECOND"] {
            let environment = Environment::of(vec![(name, "sesame".into())]);
            let said = environment.apply(&mut File::default()).unwrap_err().0;
            assert!(said.contains(name) && !said.contains("sesame"), "{said}");
        }
    }
}
