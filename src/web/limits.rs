//! How often one address may try what costs us or could be guessed.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, NotUntil, Quota};

use super::Refusal;

/// One limiter for each kind of attempt, by address.
pub struct Limits {
    /// Signing in: argon2 costs 19 MiB and 40 ms each time.
    pub sign_in: DefaultKeyedRateLimiter<IpAddr>,
    /// Trying a receipt code.
    pub code: DefaultKeyedRateLimiter<IpAddr>,
    /// Handing something in on the public pages.
    pub intake: DefaultKeyedRateLimiter<IpAddr>,
    /// Files sent on the public pages, in KiB.
    pub upload: DefaultKeyedRateLimiter<IpAddr>,
    /// Passwords typed by somebody who is known, by account or device: strangers at the same address use up none.
    pub own: DefaultKeyedRateLimiter<String>,
}

impl Limits {
    /// What a village committee's single address needs on a busy day, and no more.
    pub fn new() -> Self {
        let quota = |per_minute: u32, burst: u32| {
            Quota::per_minute(NonZeroU32::new(per_minute).expect("above 0"))
                .allow_burst(NonZeroU32::new(burst).expect("above 0"))
        };
        let of = |per_minute, burst| DefaultKeyedRateLimiter::keyed(quota(per_minute, burst));
        let own = DefaultKeyedRateLimiter::keyed(quota(10, 10));
        // Sixty megabytes at once, and then five a minute.
        let upload = of(5 << 10, 60 << 10);
        Self { sign_in: of(20, 20), code: of(20, 20), intake: of(10, 20), upload, own }
    }

    /// No limit that anybody would reach: benches and bulk tests.
    pub fn wide() -> Self {
        let quota = Quota::per_second(NonZeroU32::MAX);
        let of = || DefaultKeyedRateLimiter::keyed(quota);
        Self { sign_in: of(), code: of(), intake: of(), upload: of(), own: DefaultKeyedRateLimiter::keyed(quota) }
    }

    /// Forgets addresses that have been quiet.
    pub fn sweep(&self) {
        for limiter in [&self.sign_in, &self.code, &self.intake, &self.upload] {
            limiter.retain_recent();
        }
        self.own.retain_recent();
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}

/// The address of a subscriber: one holds a whole /64 of IPv6 addresses.
pub fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// Lets an attempt pass or says when to try again.
pub fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr) -> Result<(), Refusal> {
    limiter.check_key(&subscriber(address)).map_err(|until| too_many(&until))
}

/// Charges an address for so much, where it has as much left.
pub fn takes(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr, much: NonZeroU32) -> bool {
    matches!(limiter.check_key_n(&subscriber(address), much), Ok(Ok(())))
}

/// The same for somebody who is known.
pub fn check_own(limiter: &DefaultKeyedRateLimiter<String>, who: &str) -> Result<(), Refusal> {
    limiter.check_key(&who.to_owned()).map_err(|until| too_many(&until))
}

fn too_many(until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Refusal {
    Refusal::TooMany(until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
}
