//! A timeline of the coming 400 days, as SVG: readable in print, with a text alternative.

use std::fmt::Write as _;

use crate::base::clock::Moment;
use crate::domain::duty::certificate::Certificate;
use crate::domain::duty::certificate::DAY;
use crate::domain::duty::certificate::State;
use crate::service::Error;
use crate::service::Ports;
use crate::service::certificates::record;
use crate::service::certificates::register;
use crate::service::certificates::view;

/// How many days the picture shows.
const DAYS: i64 = 400;
/// The most rows; the rest is counted in a line below.
const MOST_ROWS: usize = 200;
/// Where the days begin, and how wide the picture is.
const LEFT: i64 = 330;
const WIDTH: i64 = 1_240;
/// Room behind the last day, for what is said of it.
const RIGHT: i64 = 140;
const ROW: i64 = 30;
const TOP: i64 = 96;
/// The longest name of a row, in characters.
const LONGEST: usize = 42;

/// The timeline of an organization, or of all: one row per certificate in force, nearest end
/// first; a bar until its end, marks for the reminders to come. Shape and pattern tell what colour
/// tells, so that it can be read in black and white.
pub async fn timeline(ports: &Ports, organization: Option<&str>) -> Result<String, Error> {
    let number = organization.map(|named| register::numbered(ports, named)).transpose()?;
    let now = ports.clock.now();
    let all = record::certificates(ports, number).await?;
    let live: Vec<Certificate> = all
        .into_iter()
        .map(|(one, _)| one)
        .filter(|one| one.state(now) != State::Replaced)
        .collect();
    Ok(draw(ports, &live, now))
}

fn draw(ports: &Ports, all: &[Certificate], now: Moment) -> String {
    let shown = all.get(..MOST_ROWS).unwrap_or(all);
    let rows = i64::try_from(shown.len()).unwrap_or(0);
    let bottom = TOP + rows.max(1) * ROW;
    let height = bottom + 76;
    let mut svg = String::new();
    let today = day(now);
    let _ = write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-labelledby=\"title desc\" \
         viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#1a1a1a\">\n\
         <title id=\"title\">Certificates: the {DAYS} days from {today}</title>\n\
         <desc id=\"desc\">{}</desc>\n{PATTERNS}\
         <rect width=\"{WIDTH}\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"20\" y=\"34\" font-size=\"20\" font-weight=\"bold\">Certificates: the {DAYS} \
         days from {today}</text>\n\
         <text x=\"20\" y=\"56\" fill=\"#444444\">One row per certificate, nearest end first. All \
         times are UTC.</text>\n",
        escaped(&spoken(shown, now)),
    );
    months(&mut svg, now, bottom);
    for (at, one) in (0_i64..).zip(shown) {
        row(&mut svg, ports, one, now, TOP + at * ROW);
    }
    if shown.is_empty() {
        let y = TOP + 20;
        let _ = writeln!(svg, "<text x=\"20\" y=\"{y}\">No certificate is in the register.</text>");
    }
    legend(&mut svg, bottom + 34);
    let rest = all.len().saturating_sub(shown.len());
    if rest > 0 {
        let y = bottom + 62;
        let said = format!("{rest} more end later and are not shown; the CSV export has all.");
        let _ = writeln!(svg, "<text x=\"20\" y=\"{y}\">{said}</text>");
    }
    svg.push_str("</svg>\n");
    svg
}

/// The text alternative: what a reader sees, in sentences.
fn spoken(all: &[Certificate], now: Moment) -> String {
    if all.is_empty() {
        return "No certificate is in the register.".to_owned();
    }
    let line = |one: &Certificate| {
        let (state, days) = (one.state(now).word(), one.days_left(now));
        let (code, subject) = (view::code(one.organization), &one.facts.subject);
        format!("{code}, {subject}: {state}, ends {}, {days} days left.", day(one.facts.not_after))
    };
    all.iter().map(line).collect::<Vec<_>>().join(" ")
}

/// A line and a name at the beginning of each month.
fn months(svg: &mut String, now: Moment, bottom: i64) {
    let mut before = day(now).get(..7).unwrap_or_default().to_owned();
    let top = TOP - 8;
    let line = "stroke=\"#555555\" stroke-width=\"1.5\"";
    let _ = writeln!(svg, "<path d=\"M{LEFT} {top}V{bottom}\" {line}/>");
    let _ = writeln!(svg, "<text x=\"{LEFT}\" y=\"{}\" font-weight=\"bold\">today</text>", top - 6);
    for ahead in 1..DAYS {
        let date = day(Moment(now.0.saturating_add(ahead * DAY)));
        let month = date.get(..7).unwrap_or_default();
        if month == before {
            continue;
        }
        month.clone_into(&mut before);
        let x = place(ahead);
        let _ = writeln!(svg, "<path d=\"M{x} {top}V{bottom}\" stroke=\"#cccccc\"/>");
        if ahead > 21 {
            let _ =
                writeln!(svg, "<text x=\"{x}\" y=\"{}\" font-size=\"11\">{month}</text>", top - 6);
        }
    }
}

fn row(svg: &mut String, ports: &Ports, one: &Certificate, now: Moment, y: i64) {
    let state = one.state(now);
    let days = one.days_left(now);
    let name = format!("{} {}", view::code(one.organization), short(one));
    let name: String = match name.chars().count() {
        0..=LONGEST => name,
        _ => name.chars().take(LONGEST - 1).chain(['…']).collect(),
    };
    let middle = y + 19;
    let _ = writeln!(svg, "<text x=\"20\" y=\"{middle}\">{}</text>", escaped(&name));
    let end = place(days.clamp(0, DAYS));
    let (fill, said) = match state {
        State::Expired | State::Unreadable => {
            ("#b3261e", format!("{} {}", state.word(), day(one.facts.not_after)))
        }
        State::Expiring => ("url(#soon)", format!("{days} d")),
        State::NotYetValid => ("#ffffff", format!("not yet valid; {days} d")),
        _ => {
            ("#9db8d6", if days > DAYS { format!("{days} d, later") } else { format!("{days} d") })
        }
    };
    let (bar, width) = (y + 6, (end - LEFT).max(6));
    let _ = writeln!(
        svg,
        "<rect x=\"{LEFT}\" y=\"{bar}\" width=\"{width}\" height=\"17\" fill=\"{fill}\" \
         stroke=\"#1a1a1a\"/>"
    );
    let steps = ports.reminding.policy.steps(one).into_iter();
    for step in steps.filter(|step| step.due > now && step.due < one.facts.not_after) {
        let ahead = step.due.0.saturating_sub(now.0).div_euclid(DAY);
        let x = place(ahead);
        if ahead < DAYS {
            let (a, b, c) = (y + 9, y + 14, y + 19);
            let (l, r) = (x - 5, x + 5);
            let _ = writeln!(
                svg,
                "<path d=\"M{x} {a}L{r} {b}L{x} {c}L{l} {b}Z\" fill=\"#ffffff\" stroke=\"#1a1a1a\"/>"
            );
        }
    }
    let x = end + 9;
    let halo = "stroke=\"#ffffff\" stroke-width=\"3\" paint-order=\"stroke\"";
    let _ = writeln!(svg, "<text x=\"{x}\" y=\"{middle}\" {halo}>{said}</text>");
}

fn legend(svg: &mut String, y: i64) {
    let entries = [
        ("#9db8d6", "more than 90 days"),
        ("url(#soon)", "90 days or fewer"),
        ("#b3261e", "expired"),
        ("#ffffff", "not yet valid"),
    ];
    for (x, (fill, name)) in (0_i64..).map(|at| 20 + at * 190).zip(entries) {
        let (top, after) = (y - 12, x + 36);
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{top}\" width=\"28\" height=\"15\" fill=\"{fill}\" \
             stroke=\"#1a1a1a\"/><text x=\"{after}\" y=\"{y}\">{name}</text>"
        );
    }
    let (x, a, b, c) = (790, y - 10, y - 5, y);
    let _ = writeln!(
        svg,
        "<path d=\"M{x} {a}L{} {b}L{x} {c}L{} {b}Z\" fill=\"#ffffff\" stroke=\"#1a1a1a\"/>\
         <text x=\"{}\" y=\"{y}\">reminder to come</text>",
        x + 5,
        x - 5,
        x + 14
    );
}

/// Where a day lies.
fn place(ahead: i64) -> i64 {
    LEFT + ahead.saturating_mul(WIDTH - RIGHT - LEFT).div_euclid(DAYS)
}

/// The common name, or the whole subject without one.
fn short(one: &Certificate) -> &str {
    let subject = one.facts.subject.as_str();
    let common = subject.split("CN=").nth(1).and_then(|rest| rest.split(',').next());
    common.map(str::trim).filter(|name| !name.is_empty()).unwrap_or(subject)
}

/// `YYYY-MM-DD`
fn day(moment: Moment) -> String {
    moment.to_string().chars().take(10).collect()
}

fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            letter if letter.is_control() => safe.push(' '),
            letter => safe.push(letter),
        }
    }
    safe
}

/// Stripes for what ends soon.
const PATTERNS: &str = "<defs><pattern id=\"soon\" width=\"8\" height=\"8\" \
                        patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
                        <rect width=\"8\" height=\"8\" fill=\"#f6c453\"/>\
                        <rect width=\"3\" height=\"8\" fill=\"#b36b00\"/></pattern></defs>\n";
