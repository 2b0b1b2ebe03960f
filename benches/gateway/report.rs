//! The table: figures beside their targets.

use crate::measure::Figure;

/// One measurement.
pub struct Line {
    /// What was asked.
    pub name: &'static str,
    /// Bytes of the answer.
    pub size: usize,
    /// The bare server.
    pub bare: Figure,
    /// Ours, by number of users.
    pub ours: Vec<(usize, Figure)>,
    /// What the bare server's processor time divided by ours should be at least.
    pub target: Option<f64>,
}

/// Prints the requests.
pub fn requests(lines: &[Line]) {
    println!();
    println!(
        "{:<26} {:>7} {:>9} {:>8} {:>9} {:>8} {:>8} {:>7}  target",
        "request", "bytes", "users", "us/req", "req/s", "bare us", "bare/s", "ratio"
    );
    for line in lines {
        for (users, ours) in &line.ours {
            let ratio = line.bare.micros / ours.micros;
            println!(
                "{:<26} {:>7} {:>9} {:>8.1} {:>9.0} {:>8.1} {:>8.0} {:>7.2}  {}",
                line.name,
                line.size,
                users,
                ours.micros,
                ours.speed,
                line.bare.micros,
                line.bare.speed,
                ratio,
                verdict(ratio, line.target)
            );
            if ours.refused > 0 {
                println!("{:<26} {} answers were refusals", "", ours.refused);
            }
        }
    }
}

/// Prints how each request of the largest store compares with the smallest.
pub fn growth(lines: &[Line]) {
    println!();
    for line in lines {
        if let [(few, small), .., (many, large)] = line.ours.as_slice() {
            let ratio = small.micros / large.micros;
            let name = line.name;
            let verdict = verdict(ratio, Some(0.80));
            println!("{name:<26} at {many} of itself at {few}: {ratio:.2}  {verdict}");
        }
    }
}

/// Prints one ratio with its parts.
pub fn ratio(name: &str, ours: Figure, other: Figure, target: f64) {
    let speed = ours.speed / other.speed;
    let micros = other.micros / ours.micros;
    println!(
        "{name:<44} {:>7.0}/s of {:>7.0}/s: {speed:.2}  {} (processor {:.0} us of {:.0} us: {micros:.2})",
        ours.speed,
        other.speed,
        verdict(speed, Some(target)),
        ours.micros,
        other.micros,
    );
}

/// Prints memory, in MiB.
pub fn memory(users: usize, (now, most): (f64, f64)) {
    let verdict = if most < 400.0 { "met" } else { "NOT met" };
    println!("memory with {users} users: {now:.0} MiB, at most {most:.0} MiB (< 400: {verdict})");
}

fn verdict(ratio: f64, target: Option<f64>) -> String {
    match target {
        Some(target) if ratio >= target => format!(">= {target:.2} met"),
        Some(target) => format!(">= {target:.2} NOT met"),
        None => String::new(),
    }
}
