//! E1: an item with all its details, the list of responsibilities, what serves what, who handed in, merging and splitting.

use crate::county::{Answer, County, Person};
use crate::imports::imported;
use crate::plans::{GOAL, act, freeze, frozen, path_of, propose, unit};

/// The value of an option of a form by the text that it begins with.
fn option(page: &Answer, text: &str) -> String {
    let before = page.text.split(&format!(">{text}")).next().unwrap();
    before.rsplit("<option value=\"").next().unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_item_names_its_helpers_its_meeting_and_what_it_replaces() {
    let county = County::new().await;
    let (replaced, land) = frozen(&county).await;
    let superior = county.signed_in("fenguan").await;
    let form = superior.get("/plans/items/new?month=2026-12").await;
    let owner = option(&form, "周敏");
    let more = |helpers, meeting, replaces| {
        [
            ("owner", owner.as_str()),
            ("source", "meeting"),
            ("meeting", meeting),
            ("helpers", helpers),
            ("replaces", replaces),
            ("due_on", "2026-12-28"),
        ]
    };
    let wrong = propose(&superior, "新增月报", &more("没有这个局", "", "12-0099")).await;
    wrong.is(422).says("协办里的“没有这个局”没有找到").says("请写明哪一次会议").says("没有找到这个编号的预安项");
    wrong.says("新增月报").says("没有这个局");
    propose(&superior, "新增月报", &more("周敏", "县长办公会", "")).await.is(422).says("责任人自己不用再写进协办");
    let good = more("莲塘坳镇、丁一（莲塘坳镇）\n刘建平", "11月16日县长办公会", "１２-0001");
    propose(&superior, "新增月报", &good).await.is(303);
    let item = path_of(&superior, &land, "新增月报").await;
    let page = superior.get(&item).await;
    page.says("会议议定 · 11月16日县长办公会")
        .says("莲塘坳镇、丁一（莲塘坳镇）、刘建平（")
        .says("攸预〔2026〕12-0001号");
    page.says(&format!("替代 攸预〔2026〕12-0001号 {GOAL}"));
    superior.get(&replaced).await.says("被替代 由 攸预〔2026〕12-0002号 新增月报 替代");

    // Whoever helps finds the item and a list of such items; the number of it is nobody else's to find, nor to judge.
    for login in ["xiangzhen", "cun", "ducha"] {
        let helper = county.signed_in(login).await;
        helper.get(&item).await.is(200).says("新增月报").keeps_from("method=\"post\" action=\"/plans/items");
        helper.get("/plans/helping?month=2026-12").await.says("新增月报").says("周敏");
    }
    county.signed_in("cun").await.get("/plans/helping?month=2026-11").await.says("没有要协办的预安项");
    county.signed_in("juzhang").await.get(&item).await.is(404);
    county.signed_in("juzhang").await.get(&replaced).await.is(404);
}

#[tokio::test]
async fn mending_an_item_keeps_its_details_and_tells_who_helped_before() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    propose(&owner, GOAL, &[("source", "meeting"), ("meeting", "局务会"), ("helpers", "莲塘坳镇")]).await.is(303);
    let item = path_of(&owner, &land, GOAL).await;
    let revision = format!("{item}/revision");
    let form = owner.get(&revision).await;
    form.says("莲塘坳镇</textarea>").says("value=\"局务会\"").says("value=\"meeting\" checked");
    let fields = [
        ("goal", GOAL),
        ("standard", "验收单签字"),
        ("due_on", "2026-12-20"),
        ("weight", "2"),
        ("source", "meeting"),
        ("meeting", "局务会"),
        ("helpers", "丁一"),
    ];
    owner.fill(&revision, &revision, &fields).await.is(303);
    owner.get(&item).await.says("丁一（莲塘坳镇）").says("会议议定 · 局务会").says("协办 莲塘坳镇").says("修改，原为");
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_helper").await, 1);
    // What is deferred keeps them in its new month.
    freeze(&county.signed_in("fenguan").await, &land).await.is(303);
    let superior = county.signed_in("fenguan").await;
    let relief = [("kind", "deferred"), ("deferred_to", "2027-01-15"), ("reason", "汛期推迟")];
    act(&superior, &item, "relief", &relief).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_item WHERE meeting = '局务会'").await, 2);
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_helper").await, 2);
}

const LIST: &str = "编号,单位类别,事项,清单,起用日期,止用日期,出处\n\
    A01,部门,矿山地质灾害防治,基本,2026-01-01,,《县自然资源局履职事项清单》\n\
    A02,部门,土地卫片执法,配合,2026-01-01,2026-12-01,《县自然资源局履职事项清单》\n\
    A03,部门,采矿权审批,收回,2026-01-01,,《县自然资源局履职事项清单》\n\
    A01,乡镇,农村人居环境整治,基本,2027-01-01,,《乡镇履职事项清单》\n";

#[tokio::test]
async fn where_the_county_keeps_a_list_an_item_names_its_line_or_says_that_it_has_none() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let owner = county.signed_in("chengban").await;
    owner.get("/plans/items/new?month=2026-12").await.keeps_from("name=\"responsibility\"");
    owner.get("/plans/responsibilities?kind=department").await.says("没有导入县直部门的履职事项清单");
    let personnel = county.signed_in("renshi").await;
    imported(&personnel, "responsibilities", "all", "清单.csv", LIST.as_bytes()).await.1.says("新增 4 行");
    imported(&personnel, "responsibilities", "all", "清单.csv", LIST.as_bytes()).await.1.says("没有变化");
    let out = personnel.get("/exports/responsibilities").await;
    imported(&personnel, "responsibilities", "all", "out.xlsx", &out.bytes).await.1.says("没有变化");
    let overlapping = "编号,单位类别,事项,清单,起用日期,出处\nA01,部门,又一项,基本,2026-06-01,文件\n";
    let (_, refused) = imported(&personnel, "responsibilities", "all", "a.csv", overlapping.as_bytes()).await;
    refused.says("1 行不合要求");

    let form = owner.get("/plans/items/new?month=2026-12").await;
    // In December A02 is listed no more, A03 was taken back, and the townships' list begins next year.
    form.says("A01 矿山地质灾害防治").keeps_from("A02").keeps_from("A03").keeps_from("人居环境").says("清单之外");
    let listed = option(&form, "A01");
    propose(&owner, GOAL, &[]).await.is(422).says("请选择属于责任人单位清单上的哪一项").says(GOAL);
    propose(&owner, GOAL, &[("responsibility", &listed)]).await.is(303);
    propose(&owner, "临时任务", &[("responsibility", "none")]).await.is(303);
    let item = path_of(&owner, &land, GOAL).await;
    owner.get(&item).await.says("A01 矿山地质灾害防治").says("基本履职事项");
    owner.get(&path_of(&owner, &land, "临时任务").await).await.says("履职事项 清单之外");
    owner
        .get("/plans/responsibilities?kind=department")
        .await
        .says("采矿权审批")
        .says("上级收回事项")
        .says("有效的 3 项");
    // The townships' officials are asked nothing: their list does not hold yet.
    propose(&county.signed_in("xiangzhen").await, "清扫集镇", &[]).await.is(303);
}

/// An item of the head of 县自然资源局 in December, frozen by the leader above; its path.
async fn upper(county: &County, land: &str) -> String {
    let head = county.signed_in("fenguan").await;
    propose(&head, "矿区群众安置", &[]).await.is(303);
    freeze(&county.signed_in("lingdao").await, land).await.is(303);
    path_of(&head, land, "矿区群众安置").await
}

/// Proposes an item of 周敏 that serves the head's.
async fn serving(owner: &Person<'_>, goal: &str, weight: &str) {
    let form = owner.get("/plans/items/new?month=2026-12").await;
    let above = option(&form, "攸预〔2026〕12-0001号 矿区群众安置");
    propose(owner, goal, &[("serves", &above), ("weight", weight)]).await.is(303);
}

#[tokio::test]
async fn what_serves_an_item_is_counted_up_the_tree_and_leaves_when_it_is_withdrawn() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let above = upper(&county, &land).await;
    let owner = county.signed_in("chengban").await;
    for (goal, weight) in [("鉴定报告送达六户", "3"), ("过渡房落实", "2"), ("搬迁协议签订", "5")] {
        serving(&owner, goal, weight).await;
    }
    let head = county.signed_in("fenguan").await;
    // A proposal serves nothing yet.
    head.get(&above).await.keeps_from("自下而来");
    freeze(&head, &land).await.is(303);
    head.get(&above).await.says("3 项服务于这一项，分值共 10；已销号 0 项，分值 0，占 0%").says("鉴定报告送达六户");
    county.on("2026-12-21");
    let (owner, head) = (county.signed_in("chengban").await, county.signed_in("fenguan").await);
    let first = path_of(&owner, &land, "鉴定报告送达六户").await;
    owner.get(&first).await.says("服务于").says(&format!("<a href=\"{above}\">攸预〔2026〕12-0001号</a>"));
    act(&owner, &first, "account", &[("done_on", "2026-12-20"), ("content", "六户已签收")]).await.is(303);
    act(&head, &first, "cancellation", &[]).await.is(303);
    head.get(&above).await.says("3 项服务于这一项，分值共 10；已销号 1 项，分值 3，占 30%");
    let last = path_of(&owner, &land, "搬迁协议签订").await;
    act(&head, &last, "relief", &[("kind", "withdrawn"), ("reason", "另作安排")]).await.is(303);
    let page = head.get(&above).await;
    page.says("2 项服务于这一项，分值共 5；已销号 1 项，分值 3，占 60%").says("另有 1 项撤销或者顺延");
    // On the month's page: beside the item, and together for the head's own.
    let month = head.get(&format!("/plans?unit={land}&month=2026-12")).await;
    month
        .says("自下而来 2 项，已销号 1 项")
        .says("下级有 2 项服务于我这个月的预安项，分值共 5；已销号 1 项，分值 3，占 60%");
    county.signed_in("lingdao").await.get(&above).await.says("2 项服务于这一项");
    // The leader's own page counts nothing of it: the head's item serves none of his.
    county.signed_in("lingdao").await.get("/plans?month=2026-12").await.keeps_from("服务于我这个月");
}

#[tokio::test]
async fn only_a_frozen_item_of_the_superior_in_the_quarter_can_be_served() {
    let county = County::new().await;
    let land = unit(&county, "ZRZY").await;
    let above = upper(&county, &land).await;
    let id = above.rsplit('/').next().unwrap();
    let owner = county.signed_in("chengban").await;
    owner.get("/plans/items/new?month=2026-11").await.says("矿区群众安置");
    owner.get("/plans/items/new?month=2027-01").await.keeps_from("矿区群众安置");
    let other = county.signed_in("xiangzhen").await;
    other.get("/plans/items/new?month=2026-12").await.keeps_from("矿区群众安置");
    propose(&other, "走访安置户", &[("serves", id)]).await.is(422).says("所服务的应是责任人上级");
    let early = [("serves", id), ("month", "2026-11"), ("due_on", "2026-11-20")];
    propose(&owner, "前期摸底", &early).await.is(303);
    assert_eq!(county.count("SELECT COUNT(*) FROM plan_item WHERE serves IS NOT NULL").await, 1);
}

#[tokio::test]
async fn who_has_handed_in_and_who_has_not_is_seen_by_unit() {
    let county = County::new().await;
    county.on("2026-11-20");
    let land = unit(&county, "ZRZY").await;
    let town = unit(&county, "LTA").await;
    let owner = county.signed_in("chengban").await;
    owner.get("/my-month").await.says("等您上报：12 月的预安 11 月 25 日前报给上级");
    owner.get("/plans?month=2026-12").await.says("12 月的预安还没有上报。请在 2026-11-25 前上报");
    propose(&owner, GOAL, &[]).await.is(303);
    owner.post("/plans/submissions", &[("month", "2026-12")]).await.is(303);
    owner.get("/plans?month=2026-12").await.keeps_from("还没有上报");
    owner.get("/my-month").await.keeps_from("等您上报");
    let village = county.signed_in("cun").await;
    propose(&village, "渠道出工", &[]).await.is(303);
    county.on("2026-11-27");
    let village = county.signed_in("cun").await;
    village.get("/plans?month=2026-12").await.says("2026-11-25 已过，最迟 2026-12-05 上报，算迟报");
    village.post("/plans/submissions", &[("month", "2026-12")]).await.is(303);
    // Supervision sees every unit; nobody of the three officers or of supervision itself owes a plan here.
    let checker = county.signed_in("ducha").await;
    let page = checker.get("/plans/submissions?month=2026-12").await;
    page.is(200).says("县自然资源局").says("莲塘坳镇").keeps_from("人力资源");
    let rest = county
        .count(
            "SELECT COUNT(*) FROM appointment ap JOIN post po ON po.id = ap.post AND po.superior IS NOT NULL
               JOIN official o ON o.id = ap.official WHERE o.number NOT IN ('xitong', 'anquan')",
        )
        .await;
    page.says(&format!("应报 {rest} 人")).says("按时上报 1").says("迟报 1").says(&format!("未报 {}", rest - 2));
    checker
        .get(&format!("/plans/submissions?month=2026-12&unit={land}"))
        .await
        .says("周敏")
        .says("2026-11-20")
        .says("1 项");
    let below = checker.get(&format!("/plans/submissions?month=2026-12&unit={town}")).await;
    below.says("丁一").says("2026-11-27 迟报").says("谭小雨").says("逾期 2 天未报");
    checker.get("/plans/submissions?month=2026-12&level=village").await.says("没有应报预安的干部");
    // Others see their own unit, and those below their post.
    let head = county.signed_in("fenguan").await;
    head.get("/plans/submissions?month=2026-12").await.says("县自然资源局").keeps_from("莲塘坳镇");
    head.get(&format!("/plans/submissions?month=2026-12&unit={town}")).await.is(404);
}

#[tokio::test]
async fn the_duties_of_the_post_stand_beside_the_form_until_each_has_its_item() {
    let county = County::new().await;
    let town = unit(&county, "LTA").await;
    let chief = county.signed_in("zhenzhang").await;
    let month = chief.get("/plans?month=2026-12").await;
    month.says("本职务的职责里，这个月还没有列入的").says("接访日接待来访群众").says("就预安落实销号述职");
    let form = chief.get("/plans/items/new?month=2026-12").await;
    form.says("接访日接待来访群众 每月 还没有列入").says("到每个村开一次党员组长座谈会");
    let form = chief.get("/plans/items/new?month=2026-12&duty=B5").await;
    form.says("value=\"接访日接待来访群众\"").says("value=\"duty\" checked");
    let duty = [("source", "duty"), ("duty", "B5"), ("target", "")];
    propose(&chief, "接访日接待来访群众", &duty).await.is(303);
    propose(&chief, "不认识的职责", &[("source", "duty"), ("duty", "X9")]).await.is(422).says("请选择是哪一项职责");
    chief.get("/plans/items/new?month=2026-12").await.says("待编号 已列入");
    let page = chief.get(&format!("/plans?unit={town}&month=2026-12")).await;
    page.says("六个一 · 接访").says("到每个村开一次党员组长座谈会").keeps_from("duty=B5");
    let plain = county.signed_in("chengban").await;
    plain.get("/plans/items/new?month=2026-12").await.says("没有给这个职务列经常性的职责");
}

/// Proposals of 谭小雨 and 丁一 in the township's December: their paths.
async fn two_proposals(county: &County, town: &str) -> [String; 2] {
    let (one, other) = (county.signed_in("xiangzhen").await, county.signed_in("cun").await);
    propose(&one, "渠道清淤三公里", &[("weight", "3")]).await.is(303);
    propose(&other, "渠道出工组织", &[("weight", "2")]).await.is(303);
    [path_of(&one, town, "渠道清淤三公里").await, path_of(&other, town, "渠道出工组织").await]
}

#[tokio::test]
async fn a_merged_proposal_stays_to_be_seen_and_points_to_what_stands() {
    let county = County::new().await;
    let town = unit(&county, "LTA").await;
    let [one, other] = two_proposals(&county, &town).await;
    let chief = county.signed_in("zhenzhang").await;
    let form = format!("{one}/regrouping");
    chief.get(&one).await.says("合并、拆分");
    let page = chief.get(&form).await;
    page.says("渠道出工组织").says("丁一");
    let chosen = page.between("name=\"others\" value=\"", "\"");
    let merge = format!("{one}/merge");
    let reason = ("reason", "同一条渠道");
    chief.fill(&form, &merge, &[reason, ("weight", "5")]).await.is(422).says("请选择要并进来的").says("同一条渠道");
    // Neither owner arranges, and a page that is older than the proposals is told so.
    county.signed_in("xiangzhen").await.get(&form).await.is(403);
    let stale = [("others", chosen.as_str()), reason, ("weight", "5"), ("version", "9")];
    chief.post(&merge, &stale).await.is(409).says("别人刚刚办了一步").says("同一条渠道");
    chief.fill(&form, &merge, &[("others", chosen.as_str()), reason, ("weight", "5")]).await.is(303);
    let standing = chief.get(&one).await;
    standing.says("并入 渠道出工组织 丁一 · 原分值 2").says("协办 丁一（莲塘坳镇）").says("分值 5").says("分值 3");
    chief.get(&other).await.says("已合并").says("合并到 待编号 渠道清淤三公里").says("同一条渠道");
    chief.post(&merge, &[("others", chosen.as_str()), reason, ("weight", "5"), ("version", "1")]).await.is(409);
    // Its owner still finds it, cannot change it, and only what stands is frozen.
    let owner = county.signed_in("cun").await;
    owner.get(&other).await.is(200).says("渠道出工组织");
    owner.get(&format!("{other}/revision")).await.is(404);
    chief.get("/plans?month=2026-12").await.says("定稿（1）");
    freeze(&chief, &town).await.is(303);
    let month = chief.get("/plans?month=2026-12").await;
    month.says("攸预〔2026〕12-0001号").says("已合并").keeps_from("12-0002号");
    owner.get(&other).await.says("合并到 攸预〔2026〕12-0001号 渠道清淤三公里");
    chief.get(&form).await.is(404);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'plan_item.merged'").await, 1);
}

#[tokio::test]
async fn a_split_keeps_the_first_proposal_and_shows_the_weights_together() {
    let county = County::new().await;
    let town = unit(&county, "LTA").await;
    let [one, _] = two_proposals(&county, &town).await;
    let chief = county.signed_in("zhenzhang").await;
    let form = format!("{one}/regrouping");
    let split = format!("{one}/split");
    let page = chief.get(&form).await;
    let owners: Vec<String> = ["谭小雨 · 莲塘坳镇", "丁一 · 莲塘坳镇"].iter().map(|name| option(&page, name)).collect();
    let fields = |second: &'static str| {
        [
            ("reason", "两个人分头办"),
            ("goals", "上段清淤"),
            ("owners", owners[0].as_str()),
            ("weights", "2"),
            ("days", "2026-12-20"),
            ("goals", second),
            ("owners", owners[1].as_str()),
            ("weights", "2"),
            ("days", "2026-12-25"),
        ]
    };
    chief.fill(&form, &split, &fields("")).await.is(422).says("请拆成 2 到 4 项").says("两个人分头办").says("上段清淤");
    chief.fill(&form, &split, &fields("下段清淤")).await.is(303);
    let whole = chief.get(&one).await;
    whole.says("已拆分").says("上段清淤").says("下段清淤").says("原分值 3，拆后合计 4").says("两个人分头办");
    let part = path_of(&chief, &town, "下段清淤").await;
    chief.get(&part).await.says("拆自 渠道清淤三公里 谭小雨 · 原分值 3").says("丁一").says("上级安排");
    chief.get(&path_of(&chief, &town, "上段清淤").await).await.says("自报");
    freeze(&chief, &town).await.is(303);
    // Three stand - two parts and the other proposal - and the whole has no number.
    let numbers = "SELECT COUNT(*) FROM plan_item WHERE number IS NOT NULL";
    assert_eq!(county.count(numbers).await, 3);
    chief.get(&one).await.says("待编号").keeps_from("定稿</b>");
    let month = chief.get(&format!("/plans?unit={town}&month=2026-12&state=regrouped")).await;
    month.says("渠道清淤三公里").keeps_from("上段清淤");
}
