//! The program against its floor, on this machine: `scripts/bench`, or `cargo bench --bench throughput -- --help`.
//!
//! One binary in three parts, each a process of its own: the driver (without a word), the floor
//! (`baseline SETTINGS`, a bare actix-web service with nothing of ours) and the load generator (`load JOB`).
//! `seed RESIDENTS STAMPS FOLDER` writes a carnival that is nearly over, to be imported and looked at by hand.
//! The program under test is the built `carnival`, run as operators run it.
//!
//! Nothing is asserted of speed, because machines differ: tables are printed, with the aims beside them. What is
//! asserted is that every answer was the one that was expected.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a measurement that goes wrong ends")]
#![expect(clippy::print_stdout, reason = "its tables are for a person")]

mod baseline;
mod driver;
mod load;
mod machine_info;
mod redis_server;
mod resident_requests;
mod results;
mod seed_export;
mod server_process;
mod test_carnival;

/// The allocator of the program, for the floor too.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    // Cargo adds `--bench` by itself.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["baseline", settings] => baseline::serve(settings),
        ["load", job] => load::run(job),
        ["seed", residents, stamps, folder] => seed_export::write(residents, stamps, folder.as_ref()),
        words => driver::drive(words),
    }
}
