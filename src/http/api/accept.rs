//! Whether a caller takes what it would be given (RFC 9110 §12.5.1).

use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::header::ACCEPT;

use crate::http::api::operations::Gives;
use crate::http::problem::Problem;

/// Refuses a request whose `Accept` leaves out what the operation gives. Without one, anything
/// is taken.
pub fn check(headers: &HeaderMap, gives: Gives) -> Result<(), Problem> {
    let media = gives.media().text();
    let essence = media.split(';').next().unwrap_or(media);
    let mut ranges = Vec::new();
    for field in headers.get_all(ACCEPT) {
        ranges.extend(field.to_str().unwrap_or_default().split(',').filter_map(Range::read));
    }
    // The most precise range that fits decides.
    let fits = ranges.iter().filter_map(|range| Some((range.precision(essence)?, range.wanted)));
    let named = fits.max_by_key(|(precision, _)| *precision);
    if ranges.is_empty() || named.is_some_and(|(_, wanted)| wanted) {
        return Ok(());
    }
    let said = format!("This is given as {essence} only. Take it in `Accept`, or leave that out.");
    Err(Problem::new(StatusCode::NOT_ACCEPTABLE, said))
}

/// A media range.
struct Range<'a> {
    kind: &'a str,
    sub: &'a str,
    /// Whether its weight is more than 0.
    wanted: bool,
}

impl<'a> Range<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let (kind, sub) = parts.next()?.split_once('/')?;
        let weight = parts.filter_map(|part| part.split_once('='));
        let mut weight = weight.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
        let none = weight.next().is_some_and(|(_, weight)| {
            weight.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0)
        });
        Some(Self { kind, sub, wanted: !none })
    }

    /// How precisely it names `essence`; none if it does not.
    fn precision(&self, essence: &str) -> Option<u8> {
        let (kind, sub) = essence.split_once('/')?;
        match (self.kind, self.sub) {
            ("*", "*") => Some(0),
            (own, "*") if own.eq_ignore_ascii_case(kind) => Some(1),
            (own, part) if own.eq_ignore_ascii_case(kind) && part.eq_ignore_ascii_case(sub) => {
                Some(2)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn what_is_taken_is_given_and_nothing_else() {
        let status = |accept: &'static str, gives: Gives| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            check(&headers, gives).map_err(|problem| problem.status.as_u16())
        };
        for good in ["*/*", "text/*", "Text/CSV", "text/csv;header=present, */*;q=0", "a/b, */*"] {
            assert_eq!(status(good, Gives::Csv), Ok(()), "{good}");
        }
        for bad in ["application/json", "text/csv;q=0, */*", "text/html, text/plain"] {
            assert_eq!(status(bad, Gives::Csv), Err(406), "{bad}");
        }
        assert_eq!(status("application/json", Gives::Json("Page")), Ok(()));
        assert_eq!(status("", Gives::Json("Page")), Ok(()));
        assert!(check(&HeaderMap::new(), Gives::Zip).is_ok());
    }
}
