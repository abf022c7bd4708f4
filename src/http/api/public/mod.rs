//! Routes that need no token, or the token of anyone.

pub(in crate::http) mod availability;
pub(in crate::http) mod carnival;
pub(in crate::http) mod carnival_view;
pub(in crate::http) mod code_pictures;
pub(in crate::http) mod health;
pub(in crate::http) mod photo_scans;
pub(in crate::http) mod postcard_pictures;

use crate::http::pages;

routes! {
    fixed {
        carnival: get_carnival;
        availability: get_availability;
        photo_scans: scan_photo;
        health: get_health, get_readiness;
    }
    with_parameters {
        code_pictures: get_picture;
        postcard_pictures: get_postcard_picture;
        pages: open_code;
    }
}
