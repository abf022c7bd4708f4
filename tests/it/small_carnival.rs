//! A small carnival with features that the sample lacks: geofences, a last gift, closed gifts.

use carnival::actions::carnival::carnival_refresh::refresh;
use carnival::store::{PublicationSource, PublishedVersion};

use crate::test_app::{TestApp, TestAppOptions};

/// Every point accepts printed codes; `gate` requires a location, `hall` checks it if present.
pub(crate) const TOML: &str = r#"
[carnival]
id = "spring"
name = "春天小集"
time_zone = "Asia/Shanghai"
first_day = 2023-04-13
last_day = 2023-04-20
login = "mini_program"

[[routes]]
id = "walk"
name = "散步"
first_day = 2023-04-13
last_day = 2023-04-20

[[points]]
id = "gate"
number = 1
route = "walk"
name = "大门"
hours = "09:00-18:00"
location = { latitude = 30.67, longitude = 104.12 }
geofence = { radius_m = 300, required = true }

[[points]]
id = "hall"
number = 2
route = "walk"
name = "大厅"
hours = "09:00-18:00"
location = { latitude = 30.67, longitude = 104.12 }
geofence = { radius_m = 300 }

[[points]]
id = "pond"
number = 3
route = "walk"
name = "池塘"
hours = "09:00-18:00"

[[booths]]
id = "tent"
name = "帐篷"

[[gifts]]
id = "last"
number = 1
name = "最后一件"
needs = { stamps = 1 }
stock = 1

[[gifts]]
id = "pin"
number = 2
name = "徽章"
needs = { stamps = 1 }
stock = 9

[[gifts]]
id = "shut"
number = 3
name = "停发礼"
needs = { stamps = 1 }
stock = 9
closed = "已停止发放"

[[gifts]]
id = "early"
number = 4
name = "早鸟礼"
needs = { stamps = 1 }
stock = 9
pick_up = { first_day = 2023-04-13, last_day = 2023-04-14, hours = ["09:00-10:00"] }
"#;

/// A server with the small carnival on a fresh store.
pub(crate) async fn start() -> TestApp {
    TestApp::start_with(TestAppOptions { carnival: Some(TOML.to_owned()), ..TestAppOptions::default() }).await
}

/// Publishes this text, and refreshes the server at once instead of within a second.
pub(crate) async fn publish(app: &TestApp, text: &str) {
    let after = app.app.current().version;
    let published = PublishedVersion {
        version: after + 1,
        text: text.to_owned(),
        at: app.app.now(),
        by: "test".to_owned(),
        source: PublicationSource::File,
    };
    app.app.store.publish(after, &published, &[]).await.unwrap();
    refresh(&app.app).await.unwrap();
}
