//! Personal data: erasing it, purging it after the carnival, and the pushes with which WeChat asks for it.

pub mod erasure;
pub mod log_rewrite;
pub mod purge;
pub mod replay_cache;
pub mod wechat_push;
