//! Compares the program's throughput with a baseline on this machine: `scripts/bench`, or `cargo bench --bench
//! throughput -- --help`.
//!
//! One binary with three roles, each a separate process: the driver (no argument), the baseline (`baseline SETTINGS`, a
//! bare actix-web service) and the load generator (`load JOB`). `seed RESIDENTS STAMPS FOLDER` writes an export of a
//! carnival near its end, to be imported and examined by hand. The program under test is the built `carnival`, run as
//! in production.
//!
//! Speed is not asserted, because machines differ: the tables show the aims. What is asserted is that every answer is
//! the expected one.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed measurement panics")]
#![expect(clippy::print_stdout, reason = "it prints its tables")]

mod baseline_server;
mod driver;
mod load;
mod machine_info;
mod redis_server;
mod resident_requests;
mod round_statistics;
mod seed_export;
mod server_process;
mod test_carnival;

/// The program's allocator, for the baseline too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // Cargo adds `--bench`.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["baseline", settings] => baseline_server::serve(settings),
        ["load", job] => load::run(job),
        ["seed", residents, stamps, folder] => seed_export::write(residents, stamps, folder.as_ref()),
        words => driver::run(words),
    }
}
