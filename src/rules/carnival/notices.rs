//! The notice for residents: each part has an end or a cause, and goes with it.

use jiff::civil::Date;

use super::Carnival;

impl Carnival {
    /// The notice for residents on a day: the organisers' own one until its last day, those of closures while they last,
    /// and those of moved routes until their last day; one line each.
    #[must_use]
    pub fn notice_on(&self, today: Date) -> Option<String> {
        let own = self.notice.iter().filter(|_| self.notice_until.is_none_or(|until| today <= until));
        let routes =
            self.routes.iter().filter(|route| today <= route.last_day()).filter_map(|route| route.notice.as_ref());
        let points = self.points.iter().flat_map(|point| {
            let days = point.hours.notices.iter().filter(|(day, _)| *day >= today).map(|(_, notice)| notice);
            point.notice.iter().filter(|_| point.closed.is_some()).chain(days)
        });
        let mut lines: Vec<&str> = Vec::new();
        for line in own.chain(routes).chain(points) {
            if !lines.contains(&line.as_str()) {
                lines.push(line);
            }
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}
