//! What an import answers: counts, the first differences, every refusal. No values of rows.

use std::sync::Arc;

use serde_json::Value;
use serde_json::json;

use crate::service::import::Sort;
use crate::service::import::Spot;
use crate::service::operate::import::Fate;
use crate::service::operate::import::Plan;
use crate::service::operate::import::Tried;
use crate::service::operate::import::earnest::Broken;

/// Differences of one sort that are told one by one.
const FIRST: usize = 5;

/// The report.
pub(super) fn of(
    plan: &Plan,
    dry_run: bool,
    (held, broken): (Option<String>, Option<Broken>),
) -> Value {
    let whole = held.is_none() && broken.is_none();
    let applied = !dry_run && whole && plan.refused.len() < plan.files.len();
    let mut report = json!({
        "dryRun": dry_run,
        "applied": applied,
        "files": plan.files.iter().map(|file| about(plan, file)).collect::<Vec<_>>(),
        "summary": Sort::ALL.into_iter().filter_map(|sort| counts(plan, sort)).collect::<Vec<_>>(),
        "changes": Sort::ALL.into_iter().flat_map(|sort| first(plan, sort)).collect::<Vec<_>>(),
        "refusals": plan.refusals,
    });
    if let (Some(held), Some(report)) = (held, report.as_object_mut()) {
        let said =
            format!("{held} `wardgate hold list` shows it; then run the same command again.");
        report.insert("held".into(), json!(said));
    }
    if let (Some(broken), Some(report)) = (broken, report.as_object_mut()) {
        let Broken { place, said, done, of } = broken;
        let said = format!(
            "{place}: {said} {done} of {of} records were written before that and stay. Run the \
             same command again to do the rest."
        );
        report.insert("brokeOff".into(), json!(said));
    }
    report
}

fn about(plan: &Plan, file: &Arc<str>) -> Value {
    let rows = plan.tried.iter().filter(|tried| tried.place.file == *file).count();
    json!({"file": file.as_ref(), "rows": rows, "refused": plan.refused.contains(file)})
}

/// How many rows of a sort meet each fate; nothing for a sort without rows.
fn counts(plan: &Plan, sort: Sort) -> Option<Value> {
    let of = |fate: Fate| of_sort(plan, sort).filter(|tried| tried.fate == fate).count();
    of_sort(plan, sort).next().map(|_| {
        json!({
            "kind": sort.word(),
            "create": of(Fate::Create),
            "update": of(Fate::Update),
            "close": of(Fate::Close),
            "unchanged": of(Fate::Unchanged),
        })
    })
}

/// The first differences of a sort.
fn first(plan: &Plan, sort: Sort) -> Vec<Value> {
    let differs = of_sort(plan, sort).filter(|tried| tried.fate != Fate::Unchanged);
    differs.take(FIRST).map(line).collect()
}

fn line(tried: &Tried) -> Value {
    let at = match &tried.place.spot {
        Spot::Whole => String::new(),
        Spot::Row(row) => format!("row {row}"),
        Spot::Path(path) => path.clone(),
    };
    let what = match tried.fate {
        Fate::Create => "create",
        Fate::Update => "update",
        Fate::Close => "close",
        Fate::Unchanged => "unchanged",
    };
    json!({
        "kind": tried.sort.word(),
        "file": tried.place.file.as_ref(),
        "at": at,
        "what": what,
        "attributes": tried.attributes,
    })
}

fn of_sort(plan: &Plan, sort: Sort) -> impl Iterator<Item = &Tried> {
    plan.tried.iter().filter(move |tried| tried.sort == sort)
}
