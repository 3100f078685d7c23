//! How often one address may try what costs us or could be guessed.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};

use super::Refusal;

/// One limiter for each kind of attempt, by address.
pub struct Limits {
    /// Signing in: argon2 costs 19 MiB and 40 ms each time.
    pub sign_in: DefaultKeyedRateLimiter<IpAddr>,
    /// Trying a receipt code.
    pub code: DefaultKeyedRateLimiter<IpAddr>,
    /// Handing something in on the public pages.
    pub intake: DefaultKeyedRateLimiter<IpAddr>,
}

impl Limits {
    /// What a village committee's single address needs on a busy day, and no more.
    pub fn new() -> Self {
        let of = |per_minute: u32, burst: u32| {
            let quota = Quota::per_minute(NonZeroU32::new(per_minute).expect("above 0"))
                .allow_burst(NonZeroU32::new(burst).expect("above 0"));
            DefaultKeyedRateLimiter::keyed(quota)
        };
        Self { sign_in: of(20, 20), code: of(20, 20), intake: of(10, 20) }
    }

    /// No limit that anybody would reach: benches and bulk tests.
    pub fn wide() -> Self {
        let quota = Quota::per_second(NonZeroU32::MAX);
        let of = || DefaultKeyedRateLimiter::keyed(quota);
        Self { sign_in: of(), code: of(), intake: of() }
    }

    /// Forgets addresses that have been quiet.
    pub fn sweep(&self) {
        for limiter in [&self.sign_in, &self.code, &self.intake] {
            limiter.retain_recent();
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// Lets an attempt pass or says when to try again.
pub fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr) -> Result<(), Refusal> {
    // One subscriber holds a whole /64 of IPv6 addresses.
    let address = match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    };
    limiter
        .check_key(&address)
        .map_err(|until| Refusal::TooMany(until.wait_time_from(DefaultClock::default().now()).as_secs() + 1))
}
