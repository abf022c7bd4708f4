//! Statistics over several rounds, printed as Markdown.

/// One number per round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    /// Adds a round.
    pub(crate) fn push(&mut self, number: f64) {
        self.0.push(number);
    }

    /// The median.
    pub(crate) fn median(&self) -> f64 {
        let sorted = self.sorted();
        let half = sorted.len() / 2;
        if sorted.len() % 2 == 1 { sorted[half] } else { f64::midpoint(sorted[half - 1], sorted[half]) }
    }

    /// The quotient, round by round.
    pub(crate) fn over(&self, other: &Rounds) -> Rounds {
        Rounds(self.0.iter().zip(&other.0).map(|(this, that)| this / that).collect())
    }

    /// The difference, round by round.
    pub(crate) fn minus(&self, other: &Rounds) -> Rounds {
        Rounds(self.0.iter().zip(&other.0).map(|(this, that)| this - that).collect())
    }

    /// The minimum and the maximum.
    pub(crate) fn spread(&self) -> (f64, f64) {
        let sorted = self.sorted();
        (sorted[0], sorted[sorted.len() - 1])
    }

    /// The median with the range in parentheses.
    pub(crate) fn formatted(&self, digits: usize) -> String {
        let ((least, most), median) = (self.spread(), self.median());
        format!("{median:.digits$} ({least:.digits$}–{most:.digits$})")
    }

    fn sorted(&self) -> Vec<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted
    }
}

/// Prints a table.
pub(crate) fn print(title: &str, head: &[&str], rows: Vec<Vec<String>>) {
    println!("\n### {title}\n\n| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for mut row in rows {
        row.resize(head.len(), String::new());
        println!("| {} |", row.join(" | "));
    }
}

/// Formats whether an aim was met.
pub(crate) fn met(is_met: bool) -> String {
    (if is_met { "yes" } else { "**no**" }).to_owned()
}
