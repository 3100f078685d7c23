//! Attachments: handed in, opened, withdrawn, destroyed, and what is refused.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};
use youzhi::files::{self, Kept};
use youzhi::ids::Ids;
use youzhi::secrets::Keys;
use youzhi::web::limits::Limits;
use youzhi::web::{App, Parts, into_router};

use crate::county::{Answer, County, Person};
use crate::petitions::{card_of, registered};
use crate::petitions_acts::done;

/// A photograph of one colour, with its place.
fn photograph(red: u8) -> Vec<u8> {
    let mut plain = Vec::new();
    let picture = RgbImage::from_pixel(30, 20, Rgb([red, 90, 60]));
    JpegEncoder::new_with_quality(&mut plain, 80).encode_image(&picture).unwrap();
    let place = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\0\0\0\0\0GPS 27.0N 113.3E";
    let length = u16::try_from(place.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], &[0xff, 0xe1], &length, place, &plain[2..]].concat()
}

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n";
const SVG: &[u8] = b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>";

fn key_of(page: &Answer, action: &str) -> String {
    page.hidden(action).into_iter().find(|(name, _)| name == "key").unwrap().1
}

/// What a villager types and sends, with the key of a fresh page.
async fn hand_in(villager: &Person<'_>, sent: &[(&str, &[u8])]) -> Answer {
    let key = key_of(&villager.get("/").await, "/intake");
    hand_in_again(villager, &key, &[], sent).await
}

async fn hand_in_again(villager: &Person<'_>, key: &str, more: &[(&str, &str)], sent: &[(&str, &[u8])]) -> Answer {
    let usual = [("key", key), ("content", "三组的路灯不亮，已经三个月。"), ("place", "阳升观村"), ("name", "罗新华")];
    villager.post_files("/intake", &[&usual[..], more].concat(), sent).await
}

/// The only petition.
async fn only(county: &County) -> i64 {
    county.count("SELECT MAX(id) FROM petition").await
}

/// The paths of the files on a card, in its order.
fn paths(card: &Answer) -> Vec<String> {
    let links = card.text.split("<div><a href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    links.filter(|path| path.contains("/files/")).collect()
}

/// Everything that lies in the store.
fn objects(county: &County) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let Ok(folders) = std::fs::read_dir(&county.files) else { return Vec::new() };
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().path()).map(|path| (path.clone(), std::fs::read(path).unwrap())).collect()
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|part| part == word)
}

#[tokio::test]
async fn a_villagers_picture_is_kept_once_encrypted_and_without_its_place() {
    let county = County::new().await;
    let villager = county.villager();
    let receipt = hand_in(&villager, &[("路灯.JPG", &photograph(200)), ("合同.pdf", PDF)]).await;
    receipt.is(200).says("收到附件 2 个：路灯.jpg、合同.pdf");
    hand_in(&villager, &[("同一张.jpg", &photograph(200))]).await.is(200);
    let there = objects(&county);
    assert_eq!(there.len(), 2, "the same picture is kept once");
    for (_, bytes) in &there {
        assert!(!has(bytes, b"GPS") && !has(bytes, b"JFIF") && !has(bytes, b"%PDF"));
    }
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'file.added'").await, 3);

    let officer = county.signed_in("xinfang").await;
    let first = county.count("SELECT MIN(id) FROM petition").await;
    let card = officer.get(&format!("/petitions/{first}")).await;
    card.is(200).says("路灯.jpg").says("合同.pdf").says("信访人提供").says("data:image/jpeg;base64,");
    let opened = officer.get(&paths(&card)[0]).await;
    opened.is(200);
    assert!(opened.bytes.starts_with(&[0xff, 0xd8]) && !has(&opened.bytes, b"GPS"));
    let header = |name: &str| opened.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "image/jpeg");
    assert_eq!(header("content-disposition"), "inline; filename=\"file.jpg\"; filename*=UTF-8''%E8%B7%AF%E7%81%AF.jpg");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("cache-control"), "private, no-store");
    assert!(header("content-security-policy").contains("sandbox"));
    // A paper is saved, not shown.
    let paper = officer.get(&paths(&card)[1]).await;
    assert_eq!(paper.is(200).bytes, PDF);
    assert!(paper.headers["content-disposition"].to_str().unwrap().starts_with("attachment; "));
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'file.read'").await, 2);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'petition.read'").await, 3);
}

#[tokio::test]
async fn a_refused_file_is_named_and_neither_the_text_nor_the_good_ones_are_lost() {
    let county = County::new().await;
    let villager = county.villager();
    let key = key_of(&villager.get("/").await, "/intake");
    let long = "长".repeat(300) + ".png";
    let large = vec![0xff; (10 << 20) + 1];
    let sent: [(&str, &[u8]); 7] = [
        ("墙.jpg", &photograph(1)),
        ("图.png", SVG),
        ("..\\..\\page.png", b"<html><script>alert(1)</script>"),
        ("空.png", b""),
        (&long, b"GIF89a"),
        ("断.jpg", &photograph(2)[..120]),
        ("大.jpg", &large),
    ];
    let page = hand_in_again(&villager, &key, &[], &sent).await;
    page.is(422).says("三组的路灯不亮").says("罗新华").says("已经收到，不用再选");
    for text in ["“图.png”是 SVG", "“page.png”是网页", "“空.png”是空的", "长…”不是可以收的文件", "“断.jpg”不完整"]
    {
        page.says(text);
    }
    page.says("“大.jpg”超过 10 MB");
    assert_eq!(county.count("SELECT COUNT(*) FROM petition").await, 0);
    let ticket = page.between("name=\"kept\" value=\"", "\"");
    let receipt = hand_in_again(&villager, &key, &[("kept", &ticket)], &[]).await;
    receipt.is(200).says("收到附件 1 个：墙.jpg");
    assert_eq!(county.count("SELECT COUNT(*) FROM file WHERE petition IS NOT NULL").await, 1);
    // A ticket is good once, and a made-up one for nothing.
    for ticket in [ticket.as_str(), "00000000000000000000000000000000"] {
        let key = key_of(&villager.get("/").await, "/intake");
        hand_in_again(&villager, &key, &[("kept", ticket)], &[]).await.is(422).says("已经过期，请重新选");
    }
}

#[tokio::test]
async fn a_form_takes_nine_files_and_an_address_no_more_than_its_share() {
    let county = County::with_limits(Limits::new()).await;
    let villager = county.villager();
    let picture = photograph(9);
    let ten = [("一.jpg", &picture[..]); 10];
    let page = hand_in(&villager, &ten).await;
    page.is(422).says("有 1 处需要改").says("一次最多 9 个附件");
    assert_eq!(page.text.matches("name=\"kept\"").count(), 9);
    // A text without end is not read to its end.
    let endless = "长".repeat(200_000);
    villager.post_files("/intake", &[("content", &endless)], &[]).await.is(400).says("文字太长");
    // Sixty megabytes at once, and then five a minute: text goes through all the same.
    let large = [PDF, &vec![b' '; 1_000], &vec![b'x'; 9 << 20], PDF].concat();
    let three = [("一.pdf", &large[..]); 3];
    for _ in 0..2 {
        hand_in(&villager, &three).await.is(200);
    }
    hand_in(&villager, &three).await.is(422).says("这个网络近来传的附件太多").says("三组的路灯不亮");
    hand_in(&villager, &[]).await.is(200);
}

#[tokio::test]
async fn a_petitioner_supplements_with_files_and_sees_the_own_names_alone() {
    let county = County::new().await;
    let villager = county.villager();
    let receipt = hand_in(&villager, &[("路灯.jpg", &photograph(3))]).await;
    let code = receipt.between("class=\"code\">", "<");
    let officer = county.signed_in("xinfang").await;
    let card = format!("/petitions/{}", only(&county).await);
    let key = key_of(&officer.get(&card).await, &format!("{card}/files"));
    officer.post_files(&format!("{card}/files"), &[("key", &key)], &[("内部.pdf", PDF)]).await.is(303);

    let page = villager.post("/track", &[("code", &code)]).await;
    page.is(200).says("您交的附件").says("路灯.jpg").keeps_from("内部.pdf");
    let key = page
        .text
        .split("action=\"/track/supplements\"")
        .nth(1)
        .and_then(|form| form.split("name=\"key\" value=\"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .unwrap()
        .to_owned();
    let fields = [("code", code.as_str()), ("key", &key), ("content", "")];
    let refused = villager.post_files("/track/supplements", &fields, &[("发票.pdf", PDF), ("坏.png", SVG)]).await;
    refused.is(422).says("“坏.png”是 SVG").says("发票.pdf").says("已经收到");
    let ticket = refused.between("name=\"kept\" value=\"", "\"");
    let fields = [("code", code.as_str()), ("key", &key), ("content", ""), ("kept", &ticket)];
    villager.post_files("/track/supplements", &fields, &[]).await.is(200).says("补充的情况已经收到").says("发票.pdf");
    officer.get(&card).await.says("补交附件 1 个").says("发票.pdf").says("补充时");
    // Without the code nothing is taken in.
    let stranger = [("code", "ZZZZ-ZZZZ-ZZZZ-ZZZZ"), ("key", &key), ("content", "别的事情")];
    villager.post_files("/track/supplements", &stranger, &[("x.pdf", PDF)]).await.is(422);
    assert_eq!(county.count("SELECT COUNT(*) FROM file").await, 3);
}

#[tokio::test]
async fn a_clerk_takes_files_at_the_window_and_a_unit_with_its_step_and_its_answer() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let key = key_of(&officer.get("/petitions/new").await, "/petitions");
    let fields = [
        ("key", key.as_str()),
        ("channel", "visit"),
        ("content", "住房墙体因采矿开裂"),
        ("place", "阳升观村"),
        ("people", "1"),
        ("name", "罗新华"),
    ];
    let receipt = officer.post_files("/petitions", &fields, &[("罗新华身份证.jpg", &photograph(4))]).await;
    let card = card_of(receipt.is(200).says("收到附件 1 个"));
    let unit = county.count("SELECT id FROM unit WHERE code = 'ZRZY'").await.to_string();
    done(&officer, &card, "classification", &[("category", "claim"), ("branch", "6")]).await;
    done(&officer, &card, "assignment", &[("part", "lead"), ("unit", &unit), ("content", "请依法办理")]).await;
    let handler = county.signed_in("chengban").await;
    done(&handler, &card, "acceptance", &[("content", "由承办人到现场查看后答复。")]).await;

    let version = handler.get(&card).await.between("name=\"version\" value=\"", "\"");
    let step = [("version", version.as_str()), ("on", "2026-11-02"), ("content", "到现场看了墙体")];
    let path = format!("{card}/step");
    let back = handler.post_files(&path, &step, &[("现场.jpg", &photograph(5)), ("现场.svg", SVG)]).await;
    back.is(422).says("“现场.svg”是 SVG").says("到现场看了墙体").says("现场.jpg");
    let ticket = back.between("name=\"kept\" value=\"", "\"");
    let again = [&step[..], &[("kept", ticket.as_str())]].concat();
    handler.post_files(&path, &again, &[("测量.pdf", PDF)]).await.is(303);

    let version = handler.get(&card).await.between("name=\"version\" value=\"", "\"");
    let answer = [
        ("version", version.as_str()),
        ("request", "要求鉴定并补偿"),
        ("facts", "墙体开裂属实"),
        ("basis", "《土地管理法》第四十七条"),
        ("outcome", "supported"),
        ("reply", "由矿山企业修缮"),
    ];
    handler.post_files(&format!("{card}/opinion"), &answer, &[("鉴定.pdf", PDF)]).await.is(303);
    let page = handler.get(&card).await;
    page.says("罗新华身份证.jpg").says("登记时").says("现场.jpg").says("测量.pdf").says("办理时").says("鉴定.pdf");
    page.says("随意见书");
    assert_eq!(paths(&page).len(), 4);

    // Whoever sees names masked sees the list and opens nothing.
    let superior = county.signed_in("fenguan").await;
    let page = superior.get(&card).await;
    page.is(200).says("罗某身份证.jpg").says("附件只列名称").keeps_from("罗新华").keeps_from("data:image");
    for path in paths(&handler.get(&card).await) {
        superior.get(&path).await.is(404);
    }
}

#[tokio::test]
async fn whoever_is_kept_from_a_petition_is_kept_from_every_address_of_its_files() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    let other = card_of(&registered(&officer, "另外一件事情").await);
    let add = format!("{card}/files");
    let key = key_of(&officer.get(&card).await, &add);
    officer.post_files(&add, &[("key", &key), ("part", "petitioner")], &[("墙.jpg", &photograph(6))]).await.is(303);
    // The second click adds nothing.
    officer.post_files(&add, &[("key", &key)], &[("墙.jpg", &photograph(6))]).await.is(303);
    let page = officer.get(&card).await;
    let file = paths(page.says("信访人提供")).pop().unwrap();
    assert_eq!(paths(&page).len(), 1);
    // Under another petition, though the viewer finds both, it is not.
    officer.get(&file.replace(&card, &other)).await.is(404);

    for login in ["chengban", "fenguan", "lingdao"] {
        county.signed_in(login).await.get(&file).await.is(404).keeps_from("墙");
    }
    county.villager().get(&file).await.is(303);
    county
        .execute(
            "INSERT INTO recusal (id, petition, official, reason, recorded_at)
                    SELECT o.id, p.id, o.id, 'declared', 0 FROM official o, petition p
                     WHERE o.number = 'xinfang' AND p.content = '住房墙体因采矿开裂'",
        )
        .await;
    officer.get(&file).await.is(404);
    officer.post(&format!("{file}/withdrawal"), &[("reason", "传错了")]).await.is(404);
    officer.post_files(&add, &[("key", &youzhi::web::forms::new_key())], &[("x.pdf", PDF)]).await.is(404);
    assert_eq!(county.count("SELECT COUNT(*) FROM file WHERE petition IS NOT NULL").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'file.read'").await, 0);
}

#[tokio::test]
async fn a_file_added_by_mistake_is_withdrawn_with_a_reason_and_opened_no_more() {
    let county = County::new().await;
    let officer = county.signed_in("xinfang").await;
    let card = card_of(&registered(&officer, "住房墙体因采矿开裂").await);
    let add = format!("{card}/files");
    let key = key_of(&officer.get(&card).await, &add);
    officer.post_files(&add, &[("key", &key)], &[]).await.is(422).says("请选择要添加的文件");
    officer.post_files(&add, &[("key", &key)], &[("别人的.pdf", PDF)]).await.is(303);
    let file = paths(&officer.get(&card).await).pop().unwrap();
    let withdrawal = format!("{file}/withdrawal");
    officer.post(&withdrawal, &[("reason", "错")]).await.is(422).says("请写明撤回的理由");
    officer.post(&withdrawal, &[("reason", "是另一户的合同")]).await.is(303);
    let page = officer.get(&card).await;
    page.says("别人的.pdf").says("已撤回").says("是另一户的合同");
    assert!(paths(&page).is_empty());
    officer.get(&file).await.is(404);
    officer.post(&withdrawal, &[("reason", "再撤一次")]).await.is(422).says("已经撤回了");
    assert_eq!(county.count("SELECT COUNT(*) FROM chain_record WHERE action = 'file.withdrawn'").await, 1);
}

#[tokio::test]
async fn erasing_a_petition_destroys_its_files_but_for_bytes_that_another_holds() {
    let county = County::new().await;
    let villager = county.villager();
    let receipt = hand_in(&villager, &[("路灯.jpg", &photograph(7)), ("合同.pdf", PDF)]).await;
    let first = only(&county).await;
    hand_in(&villager, &[("同一份.pdf", PDF)]).await.is(200);
    drop(receipt);
    county
        .execute(
            "INSERT INTO closure (petition, resolution, closed_on, closed_by)
             SELECT MIN(p.id), 'answered', '2026-11-02', MIN(o.id) FROM petition p, official o;
             UPDATE petition SET state = 'closed' WHERE id IN (SELECT petition FROM closure)",
        )
        .await;
    assert_eq!(objects(&county).len(), 2);
    county.on("2036-11-02");
    let security = county.signed_in("anquan").await;
    security.post(&format!("/petitions/{first}/erasure"), &[("reason", "保管期满")]).await.is(303);
    assert_eq!(objects(&county).len(), 1, "the picture is gone, the paper is another's too");
    assert_eq!(county.count("SELECT COUNT(*) FROM file").await, 1);
    assert_eq!(county.count("SELECT COUNT(*) FROM file_object").await, 1);
    let told =
        "SELECT COUNT(*) FROM chain_record r JOIN chain_content c ON c.record = r.id WHERE r.action = 'file.added'";
    assert_eq!(county.count(told).await, 1);
    let report = files::verify(&county.app.db, &county.app.files).await.unwrap();
    assert_eq!((report.whole, report.faults), (1, Vec::new()));
    youzhi::chain::seal(&county.app.db).await.unwrap();
    assert_eq!(youzhi::chain::verify::walk(&county.app.db).await.unwrap().broken, None);
}

#[tokio::test]
async fn what_no_form_claimed_is_swept_after_a_day() {
    let county = County::new().await;
    let villager = county.villager();
    hand_in(&villager, &[("墙.jpg", &photograph(8)), ("坏.png", SVG)]).await.is(422);
    files::sweep(&county.app).await.unwrap();
    assert_eq!(objects(&county).len(), 1);
    county.on("2026-11-03");
    files::sweep(&county.app).await.unwrap();
    assert_eq!(objects(&county).len(), 1, "a day is not over yet");
    county.on("2026-11-04");
    // Somebody sends the same picture again: what was idle is wanted, and stays though the older form is forgotten.
    let key = key_of(&villager.get("/").await, "/intake");
    let page = hand_in_again(&villager, &key, &[], &[("墙.jpg", &photograph(8)), ("坏.png", SVG)]).await;
    files::sweep(&county.app).await.unwrap();
    assert_eq!((objects(&county).len(), county.count("SELECT COUNT(*) FROM file").await), (1, 1));
    let ticket = page.between("name=\"kept\" value=\"", "\"");
    county.on("2026-11-06");
    files::sweep(&county.app).await.unwrap();
    assert_eq!(objects(&county).len(), 0);
    assert_eq!(county.count("SELECT COUNT(*) FROM file_object").await, 0);
    hand_in_again(&villager, &key, &[("kept", &ticket)], &[]).await.is(422).says("已经过期");
}

/// A program whose attachments go to a folder of its own.
async fn with_files_in(county: &mut County, folder: &str) {
    let app = App::new(Parts {
        db: county.app.db.clone(),
        ids: Ids::lease(&county.app.db, county.app.now()).await.unwrap(),
        keys: Keys::from_bytes(&[5; 48]),
        time: county.app.time.clone(),
        limits: Limits::wide(),
        policy: county.app.policy.clone().into(),
        calendar: county.app.calendar.clone().into(),
        files: files::Store::in_folder(folder),
        secure_cookies: false,
        proxy: None,
    });
    county.router = into_router(youzhi::rooms(), app);
}

#[tokio::test]
async fn where_there_is_no_room_for_files_text_is_taken_all_the_same() {
    let mut county = County::new().await;
    // A disk of no size at all.
    with_files_in(&mut county, "/proc/youzhi-test/files").await;
    let villager = county.villager();
    let page = hand_in(&villager, &[("路灯.jpg", &photograph(1))]).await;
    page.is(422).says("“路灯.jpg”没有收下：附件现在存不下").says("三组的路灯不亮");
    hand_in(&villager, &[]).await.is(200).says("攸信〔2026〕0001号");
    // A folder that cannot be written.
    let blocked = std::env::temp_dir().join(format!("youzhi-test-{}", youzhi::secrets::random_hex::<8>()));
    std::fs::write(&blocked, b"a file").unwrap();
    with_files_in(&mut county, blocked.join("files").to_str().unwrap()).await;
    let villager = county.villager();
    hand_in(&villager, &[("路灯.jpg", &photograph(1))]).await.is(422).says("附件现在存不下").says("三组的路灯不亮");
    std::fs::remove_file(&blocked).unwrap();
}

#[tokio::test]
async fn a_changed_or_missing_object_is_told_and_never_handed_out() {
    let county = County::new().await;
    let villager = county.villager();
    hand_in(&villager, &[("路灯.jpg", &photograph(7)), ("合同.pdf", PDF)]).await.is(200);
    let (app, officer) = (&county.app, county.signed_in("xinfang").await);
    assert_eq!(files::verify(&app.db, &app.files).await.unwrap().whole, 2);
    assert_eq!(files::missing(&app.db, &app.files).await.unwrap(), (Vec::new(), 2, 0));
    let there = objects(&county);
    std::fs::write(&there[0].0, b"something else").unwrap();
    std::fs::remove_file(&there[1].0).unwrap();
    let name = |at: usize| there[at].0.file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(app.files.get(&name(0)).await.unwrap(), Kept::Changed);
    let report = files::verify(&app.db, &app.files).await.unwrap();
    assert_eq!(report.whole, 0);
    assert!(report.faults.iter().any(|fault| fault.contains("存储里的内容与存证不符")), "{report:?}");
    assert!(report.faults.iter().any(|fault| fault.contains("存储里没有")), "{report:?}");
    assert_eq!(files::missing(&app.db, &app.files).await.unwrap().0, [name(1)]);
    let card = officer.get(&format!("/petitions/{}", only(&county).await)).await;
    for path in paths(&card) {
        officer.get(&path).await.is(500).says("故障编号");
    }
    // A row that was changed past the program does not fit its record either.
    county.execute("DELETE FROM file WHERE kind = 'pdf'").await;
    assert!(files::verify(&app.db, &app.files).await.unwrap().faults.iter().any(|fault| fault.contains("登记不见了")));
}

#[tokio::test]
async fn a_backup_takes_the_files_along_and_restores_them() {
    let county = County::new().await;
    let Some(folder) = county.folder().map(std::path::Path::to_owned) else { return };
    hand_in(&county.villager(), &[("路灯.jpg", &photograph(7)), ("合同.pdf", PDF)]).await.is(200);
    let settings = youzhi::settings::Settings {
        database: Some(county.address.clone()),
        files: Some(county.files.display().to_string()),
        ..youzhi::settings::Settings::default()
    };
    let copy = folder.join("copy.sqlite");
    let said = youzhi::backup::backup(&settings, &copy).await.unwrap();
    assert!(said.contains("附件 2 个已备份到"), "{said}");
    let elsewhere = youzhi::settings::Settings {
        database: Some(format!("sqlite:{}", folder.join("other/county.sqlite").display())),
        files: Some(folder.join("other/files").display().to_string()),
        ..youzhi::settings::Settings::default()
    };
    let said = youzhi::backup::restore(&elsewhere, &copy).await.unwrap();
    assert!(said.contains("附件 2 个已恢复到"), "{said}");
    let db = youzhi::db::Database::open_to_look(elsewhere.database.as_ref().unwrap()).await.unwrap();
    let store = files::Store::open(elsewhere.files.as_ref().unwrap()).unwrap();
    assert_eq!(files::verify(&db, &store).await.unwrap().whole, 2);
    db.close().await;
}
