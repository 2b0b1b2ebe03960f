//! The one table of operations: the route, the guard, the description and the deed of each.

use std::fmt;

use crate::http::api::Answered;
use crate::http::api::Request;
use crate::http::api::events;
use crate::http::api::exports;
use crate::http::api::openapi;
use crate::http::api::organizations;
use crate::http::api::users;
use crate::http::reply::Media;
use crate::http::route::Carry;
use crate::http::route::Part;
use crate::http::route::Verb;
use crate::service::overview;

/// An operation.
pub struct Operation {
    /// Verb and path below `/api/v1`, with `{names}`: for logs, metrics and the description.
    pub name: &'static str,
    /// What generated clients call it.
    pub id: &'static str,
    /// The method.
    pub verb: Verb,
    /// The segments below `/api/v1`.
    pub pattern: &'static [Part],
    /// How much may be carried in.
    pub carry: Carry,
    /// What can be said with a request.
    pub parameters: &'static [Parameter],
    /// What comes back when all goes well.
    pub gives: Gives,
    /// What it is for, in one sentence.
    pub summary: &'static str,
    /// What answers.
    pub run: Run,
}

/// What answers an operation.
pub type Run = for<'a> fn(Request<'a>) -> Answered<'a>;

/// What comes back when all goes well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gives {
    /// JSON of this schema of `schemas`.
    Json(&'static str),
    /// A file of comma-separated values.
    Csv,
    /// Several files in one.
    Zip,
}

/// Something that can be said with a request.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it is said.
    pub place: Place,
    /// What it may be.
    pub shape: Shape,
    /// What it is for.
    pub about: &'static str,
    /// One that leads somewhere on most servers, for readers and for testers.
    pub sample: Option<&'static str>,
}

/// Where a parameter is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path; it must be.
    Path,
    /// In the query; it may be left out.
    Query,
}

/// What a parameter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text of one character or more.
    Text {
        /// The most characters.
        longest: usize,
    },
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number.
    Whole {
        /// The least.
        least: u64,
        /// The most.
        most: u64,
    },
    /// An RFC 3339 instant that has passed.
    Instant,
    /// `1` or `true`, `0` or `false`.
    Flag,
}

impl Gives {
    /// The media type.
    pub const fn media(self) -> Media {
        match self {
            Self::Json(_) => Media::Json,
            Self::Csv => Media::Csv,
            Self::Zip => Media::Zip,
        }
    }
}

impl Parameter {
    /// One of the query.
    pub const fn query(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, place: Place::Query, shape, about, sample: None }
    }

    /// One of the path.
    pub const fn path(name: &'static str, shape: Shape, about: &'static str) -> Self {
        Self { name, place: Place::Path, shape, about, sample: None }
    }

    /// The same with a sample.
    pub const fn such_as(self, sample: &'static str) -> Self {
        Self { sample: Some(sample), ..self }
    }
}

impl PartialEq for Operation {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Operation {}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

const NAMED: Shape = Shape::Text { longest: 64 };
const ORGANIZATION: Parameter =
    Parameter::path("id", NAMED, "`ORG####`, or the id.").such_as("ORG0001");
const KIND: Parameter =
    Parameter::path("kind", Shape::Word(&KINDS), "Which of the five exports.").such_as("users");
const AS_OF: Parameter =
    Parameter::query("asOf", Shape::Instant, "As of an instant that has passed; else now.");
const MARK: Parameter =
    Parameter::query("bom", Shape::Flag, "Begin files with a byte order mark, for Excel.");
const START: Parameter = Parameter::query(
    "startIndex",
    Shape::Whole { least: 1, most: 1_000_000_000 },
    "Which one comes first, from 1.",
);
const COUNT: Parameter = Parameter::query(
    "count",
    Shape::Whole { least: 0, most: overview::LARGEST_PAGE },
    "At most this many; 100 if left out.",
);

/// The words of the five exports.
const KINDS: [&str; 5] =
    ["users", "delegates-pcvc", "delegates-econsult", "scheduling", "deactivated"];

/// The table.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "GET /api/v1/openapi.json",
        id: "describe",
        verb: Verb::Get,
        pattern: &[Part::Word("openapi.json")],
        carry: Carry::Nothing,
        parameters: &[],
        gives: Gives::Json("Description"),
        summary: "Describe this API: the document that is read here.",
        run: openapi::describe,
    },
    Operation {
        name: "GET /api/v1/organizations",
        id: "listOrganizations",
        verb: Verb::Get,
        pattern: &[Part::Word("organizations")],
        carry: Carry::Nothing,
        parameters: &[START, COUNT],
        gives: Gives::Json("Organizations"),
        summary: "List the organizations that the caller administers, by number.",
        run: organizations::list,
    },
    Operation {
        name: "GET /api/v1/organizations/{id}",
        id: "readOrganization",
        verb: Verb::Get,
        pattern: &[Part::Word("organizations"), Part::Name],
        carry: Carry::Nothing,
        parameters: &[ORGANIZATION],
        gives: Gives::Json("Organization"),
        summary: "Read one organization.",
        run: organizations::read,
    },
    Operation {
        name: "GET /api/v1/organizations/{id}/exports/{kind}",
        id: "export",
        verb: Verb::Get,
        pattern: &[Part::Word("organizations"), Part::Name, Part::Word("exports"), Part::Name],
        carry: Carry::Nothing,
        parameters: &[ORGANIZATION, KIND, AS_OF, MARK],
        gives: Gives::Csv,
        summary: "Take one of the five exports of an organization; each leaves its events.",
        run: exports::one,
    },
    Operation {
        name: "GET /api/v1/exports/{kind}",
        id: "exportSeveral",
        verb: Verb::Get,
        pattern: &[Part::Word("exports"), Part::Name],
        carry: Carry::Nothing,
        parameters: &[
            KIND,
            Parameter::query(
                "organizations",
                Shape::Text { longest: 4_096 },
                "`ORG####` or ids between commas; all that the caller administers if left out.",
            )
            .such_as("ORG0001,ORG0001"),
            AS_OF,
            MARK,
        ],
        gives: Gives::Zip,
        summary: "Take one export of several organizations: a zip file with a folder each and \
                  `manifest.json`.",
        run: exports::several,
    },
    Operation {
        name: "GET /api/v1/events",
        id: "listEvents",
        verb: Verb::Get,
        pattern: &[Part::Word("events")],
        carry: Carry::Nothing,
        parameters: &[
            Parameter::query(
                "organization",
                NAMED,
                "Whose: `ORG####`, an id, or `network`, which is meant if it is left out.",
            )
            .such_as("ORG0001"),
            Parameter::query(
                "from",
                Shape::Whole { least: 1, most: 9_007_199_254_740_991 },
                "From this sequence number on; from the first if left out.",
            ),
            Parameter::query(
                "limit",
                Shape::Whole { least: 1, most: overview::LARGEST_PAGE },
                "At most this many; 100 if left out.",
            ),
        ],
        gives: Gives::Json("Events"),
        summary: "Read what was done, by whom, why, and how it ended.",
        run: events::list,
    },
    Operation {
        name: "GET /api/v1/users",
        id: "listUsers",
        verb: Verb::Get,
        pattern: &[Part::Word("users")],
        carry: Carry::Nothing,
        parameters: &[
            Parameter::query("organization", NAMED, "At home in this one: `ORG####` or an id.")
                .such_as("ORG0001"),
            Parameter::query(
                "q",
                Shape::Text { longest: 256 },
                "A part of the name or the username, whatever its accents and letter case.",
            ),
            Parameter::query(
                "inactive",
                Shape::Word(&["no", "also", "only"]),
                "Whether those who cannot sign in are listed; `no` if left out.",
            ),
            Parameter::query(
                "sortBy",
                Shape::Word(&["fullName", "username", "lastAccess", "status"]),
                "By which column; by last and first name if left out.",
            ),
            Parameter::query(
                "sortOrder",
                Shape::Word(&["ascending", "descending"]),
                "Which way; `ascending` if left out.",
            ),
            START,
            COUNT,
            AS_OF,
        ],
        gives: Gives::Json("Users"),
        summary: "List people: name, default location, username, last sign-in, status.",
        run: users::list,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use crate::domain::report::kind::Kind;
    use crate::http::api::schemas;

    #[test]
    fn every_operation_is_described_and_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = OPERATIONS.iter().map(|one| one.name).collect();
        let ids: BTreeSet<&str> = OPERATIONS.iter().map(|one| one.id).collect();
        assert_eq!((names.len(), ids.len()), (OPERATIONS.len(), OPERATIONS.len()));
        for one in OPERATIONS {
            assert!(one.summary.ends_with('.'), "{one:?}");
            assert!(one.parameters.iter().all(|one| one.about.ends_with('.')), "{one:?}");
            if let Gives::Json(schema) = one.gives {
                assert!(schemas::all().contains_key(schema), "{one:?} gives {schema}");
            }
            let mut path = String::from("/api/v1");
            let mut named = one.parameters.iter().filter(|one| one.place == Place::Path);
            for part in one.pattern {
                path.push('/');
                match part {
                    Part::Word(word) => path.push_str(word),
                    _ => path.push_str(&format!("{{{}}}", named.next().unwrap().name)),
                }
            }
            assert!(named.next().is_none(), "{one:?}");
            assert!(one.name.ends_with(&format!(" {path}")), "{one:?} is at {path}");
        }
        assert_eq!(KINDS, Kind::ALL.map(Kind::word));
    }
}
