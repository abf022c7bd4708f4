//! The client for WeChat logins, which exchanges a login code for an openid; and the verifier of WeChat's message
//! pushes.
//!
//! No other field of WeChat's responses is read. `session_key` and the tokens of a web login are never deserialized, so
//! they cannot be stored or logged by mistake. The unionid is ignored, because it can appear later and must not change
//! a resident's identity.
//!
//! The calls and error codes follow WeChat's documentation of `code2Session`, of web page authorization and of the
//! global return codes (<https://developers.weixin.qq.com/doc/>).

pub mod incoming_push;
mod login_client;
mod login_response;
mod settings;

pub use login_client::LoginClient;
pub use login_response::{LoginError, OpenId};
pub use settings::{ClientSettings, Credentials, SecretString, SetupError};
