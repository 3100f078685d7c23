//! Devices on which somebody has signed in. Behind one address sits a whole office: a stranger there must not be able
//! to use up the attempts of those who work there. So a good sign-in leaves a cookie for that login on the device, and
//! whoever holds it is counted apart from everybody else at the address. It opens nothing: the password is asked as
//! ever, and its holder too is delayed by failures of his own.

use axum::http::{HeaderMap, HeaderValue};

use super::sessions::cookie;
use crate::secrets::{Purpose, hex, random_hex, same};
use crate::web::App;

/// Half a year: whoever stays away longer is a stranger once.
const AGE_SECONDS: i64 = 180 * 24 * 3600;

/// A device, known for one login by its random number.
pub(super) struct Device(String);

impl Device {
    /// One that has not been seen before.
    pub fn new() -> Self {
        Self(random_hex::<16>())
    }

    /// The device that these headers prove for a login.
    pub fn of(app: &App, headers: &HeaderMap, login: &str) -> Option<Self> {
        let value = cookie(headers, &name(app, login))?;
        let (number, proof) = value.split_once('.')?;
        let device = Self(number.to_owned());
        same(device.proof(app, login).as_bytes(), proof.as_bytes()).then_some(device)
    }

    /// By what its attempts are counted.
    pub fn source(&self) -> String {
        format!("device {}", self.0)
    }

    /// The header that leaves the cookie; it is sent back to the sign-in page alone.
    pub fn set_cookie(&self, app: &App, login: &str) -> HeaderValue {
        let secure = if app.secure_cookies { "; Secure" } else { "" };
        let (name, number, proof) = (name(app, login), &self.0, self.proof(app, login));
        let text =
            format!("{name}={number}.{proof}; Path=/sign-in; HttpOnly; SameSite=Strict; Max-Age={AGE_SECONDS}{secure}");
        HeaderValue::try_from(text).expect("hexadecimal text")
    }

    fn proof(&self, app: &App, login: &str) -> String {
        hex(&app.keys.keyed(Purpose::Device, &format!("{} {login}", self.0)))
    }
}

/// A device may be several people's, so each login has a cookie; its name does not tell the login.
fn name(app: &App, login: &str) -> String {
    format!("youzhi_device_{}", hex(&app.keys.keyed(Purpose::Device, login)[..6]))
}
