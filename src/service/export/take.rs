//! Taking an export: opened, then taken some bytes at a time.

use std::borrow::Cow;

use crate::base::clock::Moment;
use crate::domain::report::file_name::file_name;
use crate::domain::report::kind::Kind;
use crate::domain::report::table::MARK;
use crate::scim::error::ScimType;
use crate::service::Error;
use crate::service::Kind as ErrorKind;
use crate::service::Work;
use crate::service::export::event;
use crate::service::export::event::Told;
use crate::service::export::facts::Reading;
use crate::service::export::organization;
use crate::service::export::organization::Organization;
use crate::service::export::rows::Rows;
use crate::sheet::write::Summary;
use crate::sheet::write::Writer;

/// What is to be exported.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Which of the five.
    pub kind: Kind,
    /// Of whom: `ORG####` or an id.
    pub organization: String,
    /// As of when; `None` is now.
    pub at: Option<Moment>,
    /// Whether the file begins with a byte order mark (Q13).
    pub mark: bool,
}

/// An export on its way out. Without its last bytes it is not whole.
#[derive(Debug)]
pub struct Taking {
    kind: Kind,
    organization: Organization,
    mark: bool,
    at: Moment,
    taken: Moment,
    /// Whether an event tells of its end; a file that is only compared is given to nobody.
    given: bool,
    rows: Rows,
    sheet: Option<Writer<Vec<u8>>>,
    summary: Option<Summary>,
}

impl Taking {
    /// Begins an export. Its event is kept before anything is read; a refusal leaves one too.
    ///
    /// # Errors
    ///
    /// `Denied` for a connection, `NotFound` for an organization that is not there or not the
    /// caller's (EX10), `invalidValue` for an instant that has not come.
    pub async fn open(work: Work<'_>, ask: &Ask) -> Result<Self, Error> {
        let now = work.ports.clock.now();
        let error = match ask.at {
            Some(at) if at >= now => unfit(
                "An export is as of an instant that has passed. Leave the instant out for now.",
            ),
            _ => return Self::of_the_past(work, ask).await,
        };
        event::ended(work, Some(ask.kind), None, &error).await?;
        Err(error)
    }

    /// The same as of an instant of which it is known that it has passed.
    pub(super) async fn of_the_past(work: Work<'_>, ask: &Ask) -> Result<Self, Error> {
        let organization = match admit(work, ask).await {
            Ok(organization) => organization,
            Err(error) => {
                event::ended(work, Some(ask.kind), None, &error).await?;
                return Err(error);
            }
        };
        let begun = event::begun(work, (ask.kind, ""), organization.named()).await?;
        let at = ask.at.unwrap_or(begun.at);
        let about = (ask.kind, organization, ask.mark);
        Self::begin(work, about, (at, begun.at), true).await
    }

    /// Makes the file of an event once more, to compare it with another; it is given to nobody.
    pub(super) async fn again(
        work: Work<'_>,
        told: &Told,
        organization: &str,
    ) -> Result<Self, Error> {
        let organization = organization::find(work, organization).await?;
        let why = " again, to compare it with a file";
        let begun = event::begun(work, (told.kind, why), organization.named()).await?;
        let about = (told.kind, organization, told.mark);
        Self::begin(work, about, (told.at, begun.at), false).await
    }

    async fn begin(
        work: Work<'_>,
        (kind, organization, mark): (Kind, Organization, bool),
        (at, taken): (Moment, Moment),
        given: bool,
    ) -> Result<Self, Error> {
        let reading = Reading { work, organization: &organization, at };
        let opened = match Rows::open(kind, reading).await {
            Ok((headers, rows)) => {
                let headers = headers.iter().map(Cow::as_ref);
                let sheet = Writer::start(Vec::new(), mark, headers).map_err(Error::internal);
                sheet.map(|sheet| (rows, sheet))
            }
            Err(error) => Err(error),
        };
        match opened {
            Ok((rows, sheet)) => {
                let (sheet, summary) = (Some(sheet), None);
                Ok(Self { kind, organization, mark, at, taken, given, rows, sheet, summary })
            }
            Err(error) => {
                event::ended(work, Some(kind), Some(organization.named()), &error).await?;
                Err(error)
            }
        }
    }

    /// What the file is called: the time in it is when it was taken, on the organization's clock.
    pub fn name(&self) -> String {
        let Organization { number, zone, .. } = &self.organization;
        file_name(self.kind, *number, self.taken, zone)
    }

    /// Of which of the five kinds it is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The number of the organization.
    pub fn organization(&self) -> u32 {
        self.organization.number
    }

    /// As of when it is.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// When it was taken.
    pub fn taken(&self) -> Moment {
        self.taken
    }

    /// Rows, bytes, neutralised cells and hash; none before the last bytes were given.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    /// The next bytes, whole lines of UTF-8; none after the last. The last ones come after the
    /// event that says what the file is (EX9).
    pub async fn next(&mut self, work: Work<'_>) -> Result<Option<Vec<u8>>, Error> {
        let Some(sheet) = self.sheet.take() else { return Ok(None) };
        match self.more(work, sheet).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) => {
                let named = self.organization.named();
                event::ended(work, Some(self.kind), Some(named), &error).await?;
                Err(error)
            }
        }
    }

    async fn more(&mut self, work: Work<'_>, mut sheet: Writer<Vec<u8>>) -> Result<Vec<u8>, Error> {
        let reading = Reading { work, organization: &self.organization, at: self.at };
        while let Some(rows) = self.rows.next(reading).await? {
            for row in rows {
                sheet.pivot_row(&row.lead, &row.marks, MARK).map_err(Error::internal)?;
            }
            let bytes = sheet.take();
            if !bytes.is_empty() {
                self.sheet = Some(sheet);
                return Ok(bytes);
            }
        }
        let (bytes, summary) = sheet.finish().map_err(Error::internal)?;
        if self.given {
            let what = (self.kind, self.at, self.mark);
            event::done(work, what, self.organization.named(), &summary).await?;
        }
        self.summary = Some(summary);
        Ok(bytes)
    }
}

/// Whether the caller may have what is asked.
async fn admit(work: Work<'_>, ask: &Ask) -> Result<Organization, Error> {
    let organization = organization::find(work, &ask.organization).await?;
    organization.known_at(ask.at)?;
    Ok(organization)
}

fn unfit(said: &str) -> Error {
    Error::new(ErrorKind::Scim(ScimType::InvalidValue), said)
}
