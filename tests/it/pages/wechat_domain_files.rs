//! WeChat verifies a domain by a file under `/q/`; no other file may be served there.

use std::fs;

use crate::test_app::{TestApp, TestAppOptions};

#[tokio::test(flavor = "multi_thread")]
async fn only_wechats_verification_files_are_served() {
    let app = TestApp::start_with(TestAppOptions {
        settings: Some(|settings| settings.http.check_files = folder()),
        ..TestAppOptions::default()
    })
    .await;
    fs::create_dir_all(folder().join("inner")).unwrap();
    fs::write(folder().join("Ab3dE6gH9k.txt"), "c0ffee").unwrap();
    fs::write(folder().join("inner/deep.txt"), "secret").unwrap();
    fs::write(folder().join("plain"), "secret").unwrap();
    fs::write(folder().join(".hidden.txt"), "secret").unwrap();

    let file = app.anonymous().get("/q/Ab3dE6gH9k.txt").await;
    assert_eq!((file.status, file.media_type(), &file.body), (200, "text/plain", &"c0ffee".into()));
    for odd in [
        "missing.txt",
        ".txt",
        ".hidden.txt",
        "..%2F..%2Fetc%2Fpasswd.txt",
        "..%2fAb3dE6gH9k.txt",
        "inner%2Fdeep.txt",
        "%2Fetc%2Fpasswd.txt",
        "..%5Cplain.txt",
        "plain%00.txt",
        "Ab3dE6gH9k.txt.txt",
        "Ab3dE6gH9k%2Etxt%20.txt",
        "%E4%B8%AD.txt",
    ] {
        let answer = app.anonymous().get(&format!("/q/{odd}")).await;
        assert_eq!(answer.refusal(), (404, "no_such_route"), "{odd}");
    }
    for page in ["plain", "Ab3dE6gH9k.TXT"] {
        assert_eq!(app.anonymous().get(&format!("/q/{page}")).await.status, 404, "{page}");
    }
    fs::remove_dir_all(folder()).unwrap();
}

/// A folder of this process. A function, because a change of settings is a function pointer.
fn folder() -> std::path::PathBuf {
    std::env::temp_dir().join(format!("carnival-check-files-{}", std::process::id()))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_folder_no_verification_file_is_served() {
    let app = TestApp::start().await;
    assert_eq!(app.anonymous().get("/q/Cargo.txt").await.refusal(), (404, "no_such_route"));
}
