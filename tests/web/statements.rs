//! E3, B6: the written account of a month and of a quarter: out of the records, with words of one's own, signed and
//! commented.

use crate::county::{County, Person};
use crate::papers::told;
use crate::plans::{accounted, act};

async fn path(county: &County, login: &'static str, period: &str) -> String {
    let sql = match login {
        "fenguan" => "SELECT id FROM official WHERE number = 'fenguan'",
        _ => "SELECT id FROM official WHERE number = 'chengban'",
    };
    format!("/statements/{}/{period}", county.count(sql).await)
}

async fn write(person: &Person<'_>, path: &str, content: &str, hand_in: &str) -> u16 {
    let sent = [("content", content), ("hand_in", hand_in)];
    person.fill(path, &format!("{path}/words"), &sent).await.status.as_u16()
}

#[tokio::test]
async fn the_account_of_a_month_writes_itself_is_signed_and_commented_once() {
    let county = County::new().await;
    let (item, _) = accounted(&county).await;
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "cancellation", &[]).await.is(303);
    let own = path(&county, "chengban", "2026-12").await;
    // Before the month's last day a draft can be kept, and nobody else sees it.
    let owner = county.signed_in("chengban").await;
    owner
        .get(&own)
        .await
        .is(200)
        .says("2026年12月述职报告")
        .says("应完成 1 项。已销号 1 项，销号率 100.0%")
        .says("2026-12-31 起才能交");
    assert_eq!(write(&owner, &own, "渠道清淤遇雨三天", "").await, 303);
    assert_eq!(write(&owner, &own, "想早交", "1").await, 422);
    superior.get(&own).await.says("没有另外说明").keeps_from("遇雨三天").keeps_from("/comment\"");
    superior.get(&format!("{own}/statement.docx")).await.is(200);

    county.on("2027-01-01");
    let owner = county.signed_in("chengban").await;
    owner.get("/work").await.says("述职 2026 年 12 月述职报告").says("2027-01-01 今天");
    assert_eq!(write(&owner, &own, "渠道清淤遇雨三天，已补工", "1").await, 303);
    owner.get(&own).await.says("等点评").says("各版说明（2）");
    owner.get("/work").await.keeps_from("述职报告 1 月 3 日");
    let superior = county.signed_in("fenguan").await;
    superior.get("/work").await.says("点评 周敏的述职报告 县自然资源局 2026-12 2027-01-01 今天");
    superior.get("/statements?period=2026-12&state=given").await.says("周敏").says("已交");
    let page = superior.get(&own).await;
    page.says("攸预〔2026〕12-0001号").says("验收单已签").says("已补工").says("四、本人说明");
    let word = told(&superior.get(&format!("{own}/statement.docx")).await);
    for words in
        ["2026年12月述职报告", "攸预〔2026〕12-0001号", "验收单已签", "已补工", "销号率 100.0%", "没有办理记录"]
    {
        assert!(word.contains(words), "no “{words}” in {word}");
    }
    // Another one's: neither a colleague nor the head of another unit finds it; supervision reads and says nothing.
    for login in ["juzhang", "xinfang", "zhenzhang"] {
        county.signed_in(login).await.get(&own).await.is(404);
    }
    let checker = county.signed_in("ducha").await;
    checker.get(&own).await.is(200).keeps_from("/comment\"");
    checker.post(&format!("{own}/comment"), &[("content", "看过"), ("version", "2")]).await.is(403);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'statement.read'").await, 5);

    // Handed in again in the meantime: what was read is not what would be commented.
    assert_eq!(write(&owner, &own, "已补工并复测", "1").await, 303);
    let stale = superior.post(&format!("{own}/comment"), &[("content", "按时完成"), ("version", "2")]).await;
    stale.is(409).says("按时完成").says("复测");
    let comment = format!("{own}/comment");
    superior.fill(&own, &comment, &[("content", "好")]).await.is(422).says("2 到 1000 字");
    superior.fill(&own, &comment, &[("content", "按时完成，继续抓好管护")]).await.is(303);
    superior.post(&comment, &[("content", "按时完成，继续抓好管护"), ("version", "3")]).await.is(303);
    superior.post(&comment, &[("content", "再说一句"), ("version", "3")]).await.is(422).says("已经点评过了");
    owner.get(&own).await.says("五、上级点评").says("继续抓好管护").keeps_from("/words\"");
    owner.post(&format!("{own}/words"), &[("content", "改"), ("version", "3")]).await.is(422).says("不能再改");
    assert_eq!(county.count("SELECT COUNT(*) FROM statement_comment").await, 1);
}

#[tokio::test]
async fn what_the_records_said_at_the_signing_stays_beside_what_they_say_now() {
    let county = County::new().await;
    let (item, _) = accounted(&county).await;
    let own = path(&county, "chengban", "2026-12").await;
    county.on("2026-12-31");
    let owner = county.signed_in("chengban").await;
    assert_eq!(write(&owner, &own, "", "1").await, 303);
    owner.get(&own).await.says("应完成 1 项。已销号 0 项").keeps_from("此后记录有变动");
    let superior = county.signed_in("fenguan").await;
    act(&superior, &item, "cancellation", &[]).await.is(303);
    superior.get(&own).await.says("交来时：应完成 1 项，已销号 0 项").says("此后记录有变动").says("已销号 1 项");
    // Two tabs of the same person: the second is told, and loses nothing.
    let fields = |content| [("content", content), ("version", "1")];
    let words = format!("{own}/words");
    owner.post(&words, &fields("第一处")).await.is(303);
    owner.post(&words, &fields("第一处")).await.is(303);
    owner.post(&words, &fields("第二处")).await.is(409).says("第二处").says("刚刚在别处改过");
    assert_eq!(county.count("SELECT MAX(version) FROM statement_words").await, 2);
    // Somebody else's words cannot be written at all, and a period that has not begun has no account.
    superior.post(&words, &fields("代写")).await.is(404);
    for period in ["2027-01", "2026-13", "2026", "x"] {
        owner.get(&own.replace("2026-12", period)).await.is(404);
    }
}

#[tokio::test]
async fn a_leader_of_a_township_gives_account_of_the_quarter_too() {
    let county = County::empty().await;
    youzhi::demo::fill(&county.app, 300).await.unwrap();
    county.on("2026-11-02");
    let chief = county.signed_in("zhenzhang").await;
    chief.get("/statements").await.says("2026 年第三季度").says("2026 年 10 月");
    let id = county.count("SELECT id FROM official WHERE number = 'zhenzhang'").await;
    chief.get(&format!("/statements/{id}/2026-Q3")).await.is(200).says("莲塘坳镇镇长").says("2026年第三季度述职报告");
    let leader = county.signed_in("lingdao").await;
    leader.get("/statements?period=2026-Q3").await.says("文立新");
    let village = county.signed_in("cun").await;
    village.get("/statements").await.is(200).keeps_from("季度");
    // 谭小雨 and 丁一 visit households: the account counts what they wrote down.
    let id = county.count("SELECT id FROM official WHERE number = 'cun'").await;
    let visits = county
        .count(
            "SELECT COUNT(*) FROM entry e JOIN official o ON o.id = e.recorded_by WHERE o.number = 'cun'
                AND e.kind = 'visit' AND substr(e.happened_on, 1, 7) = '2026-10'
                AND NOT EXISTS (SELECT 1 FROM entry_withdrawal w WHERE w.entry = e.id)",
        )
        .await;
    village.get(&format!("/statements/{id}/2026-10")).await.says(&format!("入户走访 {visits} 次"));
}
