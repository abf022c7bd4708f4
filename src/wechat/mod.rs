//! The client of WeChat's servers: the code of a login goes in, the openid of a resident comes out. And the reader of what WeChat pushes to us.
//!
//! Nothing else of WeChat's answer is read: `session_key` and the tokens of a web login are never deserialized, so that they cannot be kept or logged by mistake, and the unionid is
//! left alone because it can appear later and must not change who somebody is.
//!
//! Facts about the calls and their error codes are from WeChat's documentation of `code2Session`, of web page authorization and of the global return codes
//! (<https://developers.weixin.qq.com/doc/>).

mod login_client;
mod login_response;
pub mod push;
mod settings;

pub use login_client::{LoginClient, LoginKind};
pub use login_response::{LoginError, OpenId};
pub use settings::{ClientSettings, Credentials, SecretString, SetupError};
