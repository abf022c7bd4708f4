//! The driver: runs baseline and program alternately on each store, then prints the tables.

mod burst;
mod check_ins;
mod comparison;
mod deployment;
mod login;
mod other_routes;

use std::path::PathBuf;
use std::process::Command;

use crate::machine_info;

const HELP: &str = "scripts/bench [--rounds N] [--seconds N] [--only WORD[,WORD…]] [--quick]
              [--under COMMAND]

  --rounds N    alternating rounds of baseline and program (5)
  --seconds N   about how long one run takes (4)
  --only WORDS  what contains one of these words in its title, such as 'on Redis: 64,burst'
  --quick       one short round, to see that everything runs
  --under COMMAND
                puts a tool before baseline and program, such as
                'valgrind --tool=callgrind --callgrind-out-file=/tmp/throughput.%p'";

/// Runs one benchmark and prints its tables.
type Benchmark = fn(&Options);

/// The benchmarks in the order of output.
const BENCHMARKS: [Benchmark; 4] = [check_ins::measure, other_routes::measure, burst::measure, login::measure];

/// Command-line options.
pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) seconds: u32,
    only: Vec<String>,
    under: Vec<String>,
}

impl Options {
    fn read(words: &[&str]) -> Options {
        let mut options = Options { rounds: 5, seconds: 4, only: Vec::new(), under: Vec::new() };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let mut value = || *words.next().unwrap_or_else(|| panic!("{word} takes a value\n{HELP}"));
            match *word {
                "--rounds" => options.rounds = value().parse().expect("a number of rounds"),
                "--seconds" => options.seconds = value().parse().expect("a number of seconds"),
                "--only" => options.only = value().split(',').map(str::to_owned).collect(),
                "--under" => options.under = value().split(' ').map(str::to_owned).collect(),
                "--quick" => (options.rounds, options.seconds) = (1, 1),
                _ => {
                    println!("{HELP}");
                    std::process::exit(i32::from(*word != "--help"));
                }
            }
        }
        assert!(options.rounds > 0 && options.seconds > 0, "at least one round of one second");
        options
    }

    /// Whether the title is selected by `--only`.
    pub(crate) fn includes(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| name.contains(word.as_str()))
    }

    /// The command, run under the tool of `--under`.
    pub(crate) fn under(&self, command: Command) -> Command {
        let [tool, words @ ..] = self.under.as_slice() else { return command };
        let mut under = Command::new(tool);
        under.args(words).arg(command.get_program()).args(command.get_args());
        under
    }
}

/// Runs the selected benchmarks.
pub(crate) fn run(words: &[&str]) {
    let options = Options::read(words);
    println!("{}", machine_info::describe());
    for part in BENCHMARKS {
        part(&options);
    }
}

/// The folder for all files of a run: on the disk of the build.
pub(crate) fn work_folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("../throughput");
    std::fs::create_dir_all(&folder).unwrap();
    folder.canonicalize().unwrap()
}
