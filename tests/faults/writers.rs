//! People who register petitions as fast as they can, and remember what they were told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::http::{Answer, Client};
use crate::program::County;

/// An officer at a window.
pub struct Writer {
    name: usize,
    client: Client,
    forms: u32,
    /// What every petition goes on with.
    pub padding: String,
    /// A form that was sent and whose answer never came: its key and its text.
    unheard: Option<(String, String)>,
    /// Number by form's key, as the receipts showed them.
    pub acknowledged: BTreeMap<String, String>,
    /// References of the faults that were shown.
    pub faults: Vec<String>,
}

/// What one attempt came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Registered,
    /// A page with a reference number.
    Fault,
    /// No answer.
    Silence,
}

/// Eight officers, signed in.
pub fn eight(address: SocketAddr) -> Vec<Writer> {
    (0..8).map(|name| Writer::signed_in(name, address)).collect()
}

impl Writer {
    pub fn signed_in(name: usize, address: SocketAddr) -> Self {
        let mut client = Client::new(address);
        client.sign_in(if name.is_multiple_of(2) { "xinfang" } else { "xinfang2" }, youzhi::demo::PASSWORD);
        Self {
            name,
            client,
            forms: 0,
            padding: String::new(),
            unheard: None,
            acknowledged: BTreeMap::new(),
            faults: Vec::new(),
        }
    }

    /// The program is somewhere else now.
    pub fn moved_to(&mut self, address: SocketAddr) {
        self.client.moved_to(address);
    }

    /// Sends the form whose answer never came, or else a new one.
    pub fn register(&mut self) -> Outcome {
        let (key, content) = self.unheard.take().unwrap_or_else(|| {
            self.forms += 1;
            (
                youzhi::secrets::random_hex::<16>(),
                format!("第{}窗口第{}件：路灯不亮三个月{}", self.name, self.forms, self.padding),
            )
        });
        let fields = [
            ("key", key.as_str()),
            ("channel", "visit"),
            ("content", content.as_str()),
            ("place", "阳升观村"),
            ("people", "1"),
            ("name", "罗新华"),
            ("phone", "13812345678"),
        ];
        let Ok(answer) = self.client.post("/petitions", &fields) else {
            self.unheard = Some((key, content));
            return Outcome::Silence;
        };
        match answer.status {
            200 => {
                self.acknowledged.insert(key, number(&answer));
                Outcome::Registered
            }
            500 => {
                self.faults.push(answer.reference().expect("a fault's page shows a reference number"));
                self.unheard = Some((key, content));
                Outcome::Fault
            }
            status => panic!("{status}: {}", answer.text()),
        }
    }

    /// Registers until it is told to stop or nobody answers.
    pub fn register_until(&mut self, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) && self.register() != Outcome::Silence {}
    }

    /// Whether a form's answer never came.
    pub fn is_waiting(&self) -> bool {
        self.unheard.is_some()
    }

    /// Opens the ledger.
    pub fn ledger(&mut self) -> Answer {
        self.client.get("/petitions").expect("an answer")
    }

    /// Sends what is unheard until it is acknowledged.
    pub fn settle(&mut self) {
        while self.unheard.is_some() {
            assert_eq!(self.register(), Outcome::Registered);
        }
    }
}

fn number(receipt: &Answer) -> String {
    let text = receipt.text();
    let at = text.find("攸信〔").unwrap_or_else(|| panic!("no number on the receipt: {text}"));
    text[at..].split_inclusive('号').next().expect("a number").to_owned()
}

/// Asserts that what the writers were told is what there is: every acknowledged number exists and belongs to the form
/// that it was given to, no number and no form exists twice, and the year's numbers have no gap.
pub fn assert_kept(county: &County, writers: &[Writer]) {
    let kept: Vec<(String, String)> = county.rows(
        "SELECT k.form_key, p.number FROM form_key k JOIN petition p ON k.outcome = '/petitions/' || CAST(p.id AS TEXT)",
    );
    let kept: BTreeMap<String, String> = kept.into_iter().collect();
    let keys = youzhi::secrets::Keys::read(&county.folder.join("youzhi.keys")).unwrap();
    for writer in writers {
        for (key, number) in &writer.acknowledged {
            // Form keys are kept as keyed hashes.
            let hashed = youzhi::secrets::hex(&keys.keyed(youzhi::secrets::Purpose::FormKey, key));
            assert_eq!(kept.get(&hashed), Some(number), "acknowledged to window {} under key {key}", writer.name);
        }
    }
    let twice: Vec<(String, i64)> = county.rows(
        "SELECT content, COUNT(*) FROM petition WHERE content LIKE '第%窗口第%' GROUP BY content HAVING COUNT(*) > 1",
    );
    assert!(twice.is_empty(), "one form, several petitions: {twice:?}");
    let (year, last) = county
        .rows::<(i64, i64)>("SELECT year, last FROM number_series WHERE series = '攸信' ORDER BY year DESC LIMIT 1")[0];
    let numbers: Vec<(String,)> = county.rows("SELECT number FROM petition ORDER BY number");
    let this_year = format!("攸信〔{year}〕");
    let mut serials: Vec<i64> = numbers
        .iter()
        .filter_map(|(number,)| number.strip_prefix(&this_year)?.strip_suffix('号')?.parse().ok())
        .collect();
    serials.sort_unstable();
    assert!(serials.iter().copied().eq(1..=last), "the numbers of {year} up to {last} have a gap or a double");
}
