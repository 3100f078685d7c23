//! C5: what is serious or urgent goes up in writing (arts. 22, 25), and what was decided comes back.

use crate::county::County;
use crate::petitions::{card_of, registered};
use crate::petitions_acts::{CONTENT, assigned};

const PROPOSAL: [(&str, &str); 5] = [
    ("ground", "decision"),
    ("organ", "县委、县人民政府"),
    ("subject", "采矿区六户房屋开裂如何安置"),
    ("content", "罗新华等户房屋开裂，建议先搬出、再鉴定。"),
    ("on", "2026-11-02"),
];

#[tokio::test]
async fn the_office_proposes_those_above_decide_and_no_clock_stops() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    let page = format!("{card}/submissions");
    officer.get(&card).await.says("报请报告");
    officer.get(&page).await.is(200).says("15 日内转送、交办照算");
    let mut early = PROPOSAL;
    early[4].1 = "2026-11-01";
    officer.fill(&page, &page, &early).await.is(422).says("也不能早于2026-11-02").says("建议先搬出、再鉴定。");
    let form = officer.get(&page).await;
    let key = form.hidden(&page).into_iter().find(|(name, _)| name == "key").unwrap().1;
    let mut keyed = PROPOSAL.to_vec();
    keyed.push(("key", &key));
    officer.post(&page, &keyed).await.is(303);
    officer.post(&page, &keyed).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM submission").await, 1, "the second click sends nothing");

    officer.get(&card).await.says("报请决定：县委、县人民政府（攸信报〔2026〕1号）").says("还没有登记批示、决定");
    officer.get("/petitions?state=submitted").await.says("0001号");
    let running =
        "SELECT COUNT(*) FROM clock WHERE kind = 'registration' AND stopped_on IS NULL AND due_on = '2026-11-17'";
    assert_eq!(county.count(running).await, 1, "the fifteen days go on");
    let villager = county.villager();
    let seen = villager.post("/track", &[("code", &code)]).await;
    seen.says("已报请县委、县人民政府研究决定；等候期间，期限照算").keeps_from("先搬出");

    let one = format!("{page}/{}", county.count("SELECT id FROM submission").await);
    officer.get(&one).await.is(200).says("关于采矿区六户房屋开裂如何安置的请示").says("妥否，请批示。");
    officer.get(&format!("{one}/letter.docx")).await.is(200);
    // Supervision finds it with names masked; what was decided is not its to write down.
    let supervision = county.signed_in("ducha").await;
    supervision.get(&page).await.is(200).keeps_from("登记批示、决定</summary>");
    supervision.get(&one).await.is(200).says("罗某等户").keeps_from("罗新华");
    let decision = [("on", "2026-11-04"), ("content", "县长批示：同意，由自然资源局牵头。")];
    supervision.post(&format!("{one}/decision"), &decision).await.is(404);
    officer.post(&format!("{one}/decision"), &decision).await.is(422).says("不能晚于今天").says("自然资源局牵头");
    county.on("2026-11-05");
    let officer = county.signed_in("xinfang").await;
    officer.post(&format!("{one}/decision"), &decision).await.is(303);
    officer.post(&format!("{one}/decision"), &decision).await.is(422).says("已经登记过");
    officer.get(&card).await.says("自然资源局牵头").keeps_from("还没有登记批示");
    officer.get("/petitions?state=submitted").await.keeps_from("0001号");
    let seen = villager.post("/track", &[("code", &code)]).await;
    seen.says("县委、县人民政府已经作出决定").keeps_from("自然资源局牵头");
    let recorded =
        "SELECT COUNT(*) FROM chain_record WHERE action IN ('petition.submitted', 'petition.submission_decided')";
    assert_eq!(county.count(recorded).await, 2);
}

#[tokio::test]
async fn whoever_handles_it_reports_what_is_urgent_and_nothing_goes_to_the_accused() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let receipt = registered(&officer, CONTENT).await;
    let (card, code) = (card_of(&receipt), receipt.between("class=\"code\">", "<"));
    let page = format!("{card}/submissions");
    let handler = county.signed_in("chengban").await;
    handler.get(&page).await.is(404);
    assigned(&officer, &card).await;
    handler.get(&page).await.is(200).keeps_from("value=\"decision\"");
    handler.fill(&page, &page, &PROPOSAL).await.is(422).says("报请决定由收到这件事的信访部门办");
    let mut urgent = PROPOSAL;
    urgent[0].1 = "urgent";
    handler.fill(&page, &page, &urgent).await.is(303);
    handler.get(&card).await.says("紧急报告县委、县人民政府（攸信报〔2026〕1号）");
    county.villager().post("/track", &[("code", &code)]).await.keeps_from("县委、县人民政府");

    crate::petitions_acts::done(&officer, &card, "recusal", &[("unit", "县财政局")]).await;
    let mut accused = PROPOSAL;
    accused[1].1 = "县财政局";
    officer.fill(&page, &page, &accused).await.is(422).says("不得报给被检举、控告的单位");
    // Whoever is to be kept from it finds nothing of it.
    crate::petitions_acts::done(&officer, &card, "recusal", &[("official", "周敏")]).await;
    let one = format!("{page}/{}", county.count("SELECT id FROM submission").await);
    for path in [&page, &one, &format!("{one}/letter.docx")] {
        handler.get(path).await.is(404);
    }
    handler.post(&format!("{one}/decision"), &[("on", "2026-11-02"), ("content", "试一试")]).await.is(404);
}
