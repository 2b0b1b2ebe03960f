//! The program: hands its arguments to `app` and its answer to the system.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(wardgate::app::run(std::env::args_os()))
}
