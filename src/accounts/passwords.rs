//! Passwords: argon2id, never on the async threads, never more at once than the machine has memory for.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Each hash takes 19 MiB.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// A hash of a password that nobody has, so that an unknown login takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash_now(&crate::secrets::random_hex::<16>()));

fn argon2() -> Argon2<'static> {
    // OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(19 * 1024, 2, 1, None).expect("fixed parameters"))
}

fn hash_now(password: &str) -> String {
    argon2().hash_password(password.as_bytes()).expect("the operating system gives a salt").to_string()
}

/// The hash to keep, as a PHC string.
pub async fn hash(password: &str) -> anyhow::Result<String> {
    let password = password.to_owned();
    let _turn = AT_ONCE.acquire().await?;
    Ok(tokio::task::spawn_blocking(move || hash_now(&password)).await?)
}

/// Whether the password is that of the hash. `None` takes as long and is never true.
pub async fn verify(password: &str, hash: Option<String>) -> anyhow::Result<bool> {
    let password = password.to_owned();
    let _turn = AT_ONCE.acquire().await?;
    Ok(tokio::task::spawn_blocking(move || {
        // An account without a usable password (opened by import, not yet reset) takes as long as any other.
        let known = hash.filter(|hash| PasswordHash::new(hash).is_ok());
        let text = known.clone().unwrap_or_else(|| NOBODY.clone());
        let parsed = PasswordHash::new(&text);
        let fits = parsed.is_ok_and(|parsed| argon2().verify_password(password.as_bytes(), &parsed).is_ok());
        fits && known.is_some()
    })
    .await?)
}

/// Why a new password is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Shorter than ten characters.
    #[error("口令至少要 10 个字符")]
    Short,
    /// Longer than a form should send.
    #[error("口令不能超过 128 个字符")]
    Long,
    /// Contains the login or is one character repeated.
    #[error("口令不能包含账号，也不能是同一个字符的重复")]
    Guessable,
}

/// Length is what counts (NIST SP 800-63B-4, 3.1.1.2); no rule forces punctuation or a monthly change.
pub fn judge(password: &str, login: &str) -> Result<(), Weak> {
    let length = password.chars().count();
    if length < 10 {
        return Err(Weak::Short);
    }
    if length > 128 {
        return Err(Weak::Long);
    }
    let repeated = password.chars().all(|c| password.starts_with(c));
    if repeated || password.to_lowercase().contains(&login.to_lowercase()) {
        return Err(Weak::Guessable);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_characters_are_too_few_and_ten_are_enough() {
        assert_eq!(judge("ab3456789", "xiaowen"), Err(Weak::Short));
        assert_eq!(judge("ab34567890", "xiaowen"), Ok(()));
        assert_eq!(judge("1111111111", "xiaowen"), Err(Weak::Guessable));
        assert_eq!(judge("Xiaowen2026!", "xiaowen"), Err(Weak::Guessable));
    }
}
