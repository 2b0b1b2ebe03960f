//! The program: hands its arguments to `app` and its answer to the system.

use std::process::ExitCode;

/// Chosen by measurement in the real server: less processor time on each request than the
/// system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(wardgate::app::run(std::env::args_os()))
}
