//! A county from its first command to its first day, as an operator calls it.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail like the test")]

#[path = "faults/http.rs"]
#[expect(dead_code, reason = "shared with the fault tests, each uses its part")]
mod http;
mod program;

use http::Client;
use program::Place;

const UNITS: &str = "单位代码,单位名称,类别,区划代码\nXFJ,县信访局,部门,430223\n";
const POSTS: &str = "职务代码,单位代码,职务\nXFJ-1,XFJ,科员\n";
const OFFICIALS: &str = "干部编号,姓名,职务代码,账号\n0001,肖文,XFJ-1,xiaowen\n";

#[test]
fn from_init_to_the_first_petition_officer_who_signs_in() {
    let (place, [admin, anquan]) = Place::with_a_county();
    assert!(place.at("youzhi.keys").exists());
    for (kind, rows) in [("units", UNITS), ("posts", POSTS), ("officials", OFFICIALS)] {
        let file = place.file(&format!("{kind}.csv"), rows);
        place.run(&["import", kind, &file]).well().says("新增 1 行");
    }
    let serving = Place::serve(place.command(&["serve"]));

    let mut security = Client::new(serving.address());
    security.sign_in("anquan", &anquan);
    let ledger = security.get("/accounts?q=xiaowen").unwrap().text();
    let official = ledger.split("<a href=\"/accounts/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = security.get(&format!("/accounts/{official}")).unwrap().text();
    let appointment = page.split("name=\"appointment\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let roles = [("appointment", appointment), ("role", "petition_officer")];
    assert_eq!(security.post(&format!("/accounts/{official}/roles"), &roles).unwrap().status, 303);

    let mut system = Client::new(serving.address());
    system.sign_in("admin", &admin);
    let reset = system.post(&format!("/accounts/{official}/password"), &[]).unwrap().text();
    let password = reset.split("class=\"code\">").nth(1).unwrap().split('<').next().unwrap().to_owned();

    let mut officer = Client::new(serving.address());
    officer.sign_in("xiaowen", &password);
    assert_eq!(officer.get("/petitions").unwrap().status, 200);
    assert_eq!(officer.get("/accounts").unwrap().status, 403);
    drop(serving);
    place.run(&["verify"]).well().says("存证链完整");
}

#[test]
fn init_refuses_one_person_as_both_officers_and_can_then_be_run_again() {
    let place = Place::new();
    let divisions = place.file("区划.csv", "code,name,parent\n430223,攸县,4302\n430223001,联星街道,430223\n");
    let init = |security: &str, name: &str| {
        place.run(&[
            "init",
            "--divisions",
            &divisions,
            "--login",
            "admin",
            "--name",
            "罗致远",
            "--security-login",
            security,
            "--security-name",
            name,
        ])
    };
    init("ADMIN", "夏志明").refused("两个账号");
    init("anquan", "罗致远").refused("不能是同一个人");
    init("a", "夏志明").refused("3 到 32");
    init("anquan", "夏志明").well().says("只显示这一次");
    init("anquan", "夏志明").refused("已有内容");
}

#[test]
fn refused_rows_come_back_beside_the_file_and_nothing_is_half_imported() {
    let (place, _) = Place::with_a_county();
    let rows = "单位代码,单位名称,类别,区划代码\nXFJ,县信访局,部门,430223\nBAD,没有的局,衙门,430223\n";
    let file = place.file("单位.csv", rows);
    let said = place.run(&["import", "units", &file]);
    assert_eq!(said.code, 1, "{said:?}");
    said.says("一行也没有导入").says("退回 1 行");
    assert_eq!(place.count("SELECT COUNT(*) FROM unit WHERE code <> 'SYS'"), 0);
    let back = std::fs::read_to_string(place.at("单位-退回.csv")).unwrap();
    assert!(back.contains("BAD") && back.contains("衙门") && !back.contains("XFJ"), "{back}");

    let said = place.run(&["import", "units", &file, "--good-rows"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(place.count("SELECT COUNT(*) FROM unit WHERE code = 'XFJ'"), 1);
    assert_eq!(place.count("SELECT COUNT(*) FROM unit WHERE code = 'BAD'"), 0);
}

#[test]
fn what_is_exported_can_be_imported_and_no_file_is_overwritten() {
    let (place, _) = Place::with_a_county();
    let file = place.file("units.csv", UNITS);
    place.run(&["import", "units", &file]).well();
    for name in ["导出.csv", "导出.xlsx"] {
        let out = place.arg(name);
        place.run(&["export", "units", &out]).well();
        place.run(&["import", "units", &out]).well().says("没有变化");
        place.run(&["export", "units", &out]).refused("不覆盖");
    }
    place.run(&["export", "units", &place.arg("导出.txt")]).refused(".xlsx 或 .csv");
}

#[test]
fn lost_or_foreign_keys_are_refused_and_never_made_anew() {
    let (place, _) = Place::with_a_county();
    let (keys, away) = (place.at("youzhi.keys"), place.at("keys.away"));
    std::fs::rename(&keys, &away).unwrap();
    let file = place.file("units.csv", UNITS);
    for command in [&["serve"][..], &["import", "units", &file], &["export", "units", &place.arg("u.csv")]] {
        place.run(command).refused("没有密钥文件");
    }
    assert!(!keys.exists());

    std::fs::write(&keys, "5".repeat(96)).unwrap();
    place.run(&["serve"]).refused("不是这个数据库的");
    let doctor = place.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    doctor.says("异常  密钥核对");

    std::fs::rename(&away, &keys).unwrap();
    place.run(&["import", "units", &file]).well();
    place.run(&["doctor"]).says("正常  密钥核对");
}

#[test]
fn verify_ends_with_1_and_names_the_link_that_is_broken() {
    let (place, _) = Place::with_a_county();
    let said = place.run(&["verify"]);
    said.well().says("存证链完整");
    let head = said.out.split("末端 ").nth(1).unwrap().lines().next().unwrap().to_owned();
    place.run(&["verify", "--link", &head]).well().says("在链上");
    assert_eq!(place.run(&["verify", "--link", "sm3:00"]).code, 1);

    place.execute(
        "UPDATE chain_content SET content = 'forged' WHERE record = (SELECT record FROM chain_link WHERE seq = 2)",
    );
    let broken = place.run(&["verify"]);
    assert_eq!(broken.code, 1);
    broken.says("在第 2 号链接处断裂").says("承诺");
}

#[test]
fn doctor_names_what_is_missing_and_puts_nothing_back() {
    let (place, _) = Place::with_a_county();
    let doctor = |wrong: &str| {
        let said = place.run(&["doctor"]);
        let faults: Vec<&str> =
            said.out.lines().filter(|line| line.starts_with("异常") && !line.contains("工作日历")).collect();
        assert_eq!(faults.is_empty(), wrong.is_empty(), "{said:?}");
        assert!(faults.iter().any(|line| line.contains(wrong)) || wrong.is_empty(), "{faults:?}");
    };
    doctor("");
    place.execute("DROP TRIGGER chain_record_no_change");
    for _ in 0..2 {
        doctor("chain_record_no_change");
    }
    place.run(&["verify"]).well();
    place.run(&["backup", &place.arg("copy.sqlite")]).well();
    doctor("chain_record_no_change");
    // Serving and importing put it back.
    place.run(&["import", "units", &place.file("units.csv", UNITS)]).well();
    doctor("");
    place.execute("DELETE FROM _sqlx_migrations WHERE version = 10");
    doctor("缺第 10 步");
    place.execute(
        "INSERT INTO _sqlx_migrations SELECT 99, description, installed_on, success, checksum, execution_time \
                   FROM _sqlx_migrations WHERE version = 1",
    );
    doctor("多第 99 步");
}

#[test]
fn serve_wants_a_county_and_an_encrypted_way_to_other_machines() {
    let place = Place::new();
    place.run(&["serve"]).refused("打不开数据库文件");
    // Somebody else's database, as an empty one of a server is too: nothing of ours is put into it.
    place.file("youzhi.sqlite", "");
    place.execute("CREATE TABLE other (x BIGINT)");
    for command in [&["serve"][..], &["import", "units", &place.file("units.csv", UNITS)]] {
        place.run(command).refused("请先运行 youzhi init");
    }
    place.run(&["doctor"]).says("异常  数据库：还没有建县");
    assert_eq!(place.count("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'"), 1);
    // A structure and no county: an init that did not come to its end.
    std::fs::remove_file(place.at("youzhi.sqlite")).unwrap();
    let address = format!("sqlite:{}", place.arg("youzhi.sqlite"));
    program::block_on(async { youzhi::db::Database::open(&address, true).await.unwrap().close().await });
    place.run(&["serve"]).refused("请先运行 youzhi init");
    assert!(!place.at("youzhi.keys").exists());

    let (place, _) = Place::with_a_county();
    let open = Place::finish(place.command(&["serve"]).env("YOUZHI_LISTEN", "0.0.0.0:0"));
    open.refused("明文传输");
    place.run(&["demo", "--fill-only"]).refused("是正式库");
}

#[test]
fn a_demo_is_made_once_served_again_and_stays_a_demo() {
    let place = Place::new();
    place.run(&["demo", "--listen", "0.0.0.0:0", "--fill-only"]).refused("只能监听本机地址");
    place.file("youzhi.toml", "listen = \"0.0.0.0:0\"\n");
    place.run(&["demo", "--fill-only"]).refused("只能监听本机地址");
    assert!(!place.at("youzhi.sqlite").exists());

    // The flag goes before the file.
    let fill = ["demo", "--households", "20", "--fill-only", "--listen", "127.0.0.1:0"];
    place.run(&fill).well();
    let petitions = place.count("SELECT COUNT(*) FROM petition");
    place.run(&fill).well();
    assert_eq!(place.count("SELECT COUNT(*) FROM petition"), petitions);
    std::fs::remove_file(place.at("youzhi.toml")).unwrap();

    place.run(&["serve"]).refused("这是演示库");
    let serving = Place::serve(place.command(&["demo"]));
    let mut officer = Client::new(serving.address());
    officer.sign_in("xinfang", youzhi::demo::PASSWORD);
    assert_eq!(officer.get("/petitions").unwrap().status, 200);
}

#[test]
fn the_published_year_is_a_demo_of_its_own() {
    let place = Place::new();
    place.run(&["demo", "--published", "--fill-only"]).well();
    assert!(!place.at("youzhi.sqlite").exists(), "the demo county's own place stays free");
    let published = place.arg("published");
    Place::finish(place.command(&["serve"]).env("YOUZHI_DATA", &published)).refused("这是演示库");
    place.run(&["demo", "--fill-only", "--data", &published]).refused("2010 年公布数的演示库");
    place.run(&["demo", "--fill-only", "--published", "--households", "20"]).refused("--households");
    Place::finish(place.command(&["verify"]).env("YOUZHI_DATA", &published)).says("存证链完整");
    let serving = Place::serve(place.command(&["demo", "--published", "--listen", "127.0.0.1:0"]));
    let mut checker = Client::new(serving.address());
    checker.sign_in("ducha", youzhi::demo::PASSWORD);
    for (page, _) in youzhi::demo::published::PAGES {
        assert_eq!(checker.get(page).unwrap().status, 200, "{page}");
    }
}

#[test]
fn help_and_errors_of_the_command_line_are_chinese() {
    let place = Place::new();
    for command in [&["--help"][..], &["-h"], &["init", "--help"], &["pay", "settle", "--help"], &["due", "--help"]] {
        let help = place.run(command);
        help.well().says("用法：youzhi").says("选项").says("显示帮助");
        for english in ["Usage", "Options:", "Commands:", "Arguments:", "Print help", "default:"] {
            assert!(!help.out.contains(english), "{command:?}: {}", help.out);
        }
    }
    let import = place.run(&["import", "--help"]).out;
    assert!(import.find("<KIND>  ") < import.find("<FILE>  "), "as they are typed: {import}");
    place.run(&["--version"]).well().says("youzhi 0.");
    for (command, text) in [
        (&["serv"][..], "没有“serv”这个命令，是不是 serve"),
        (&["serve", "--lisen"], "没有“--lisen”这个选项"),
        (&["init"], "缺少 --divisions"),
        (&["backup"], "缺少 <FILE>"),
        (&["doctor", "all"], "多出了“all”"),
        (&["import", "people", "a.csv"], "不能是“people”：可以是 divisions"),
        (&["demo", "--listen", "here"], "应写成 127.0.0.1:8430"),
        (&["demo", "--households", "many"], "不能是“many”"),
        (&["demo", "--data"], "后面要有内容"),
    ] {
        let said = place.run(command);
        assert_eq!(said.code, 2, "{said:?}");
        said.refused(text);
        assert!(!said.err.contains("error:") && !said.err.contains("invalid"), "{said:?}");
    }
}

/// In the encoding and with the digits of an office.
const DIVISIONS: &str = "代码,名称\n４３０２２３１２５２０９,阳升观村\n430223,攸县\n430223125,莲塘坳镇\n";

fn init(place: &Place, divisions: &str) -> program::Said {
    std::fs::write(place.at("区划.csv"), encoding_rs::GBK.encode(divisions).0).unwrap();
    let two = ["--login", "admin", "--name", "罗致远", "--security-login", "anquan", "--security-name", "夏志明"];
    place.run(&[&["init", "--divisions", &place.arg("区划.csv")][..], &two].concat())
}

#[test]
fn a_county_begins_from_the_file_that_an_office_has() {
    let place = Place::new();
    init(&place, DIVISIONS).well().says("只显示这一次");
    place.run(&["export", "divisions", &place.arg("out.csv")]).well();
    let text = std::fs::read_to_string(place.at("out.csv")).unwrap();
    assert!(text.contains("430223125209,阳升观村,430223125"), "{text}");

    let values = "名称,生效日期,值,出处\nplan.propose_by.day,2026-12-01,20,《通知》第二条\nclock.handling.days,2026-12-01,9,《通知》\n";
    let file = place.file("值.csv", values);
    let refused = place.run(&["import", "values", &file]);
    assert_eq!(refused.code, 1, "{refused:?}");
    refused.says("退回 1 行");
    assert!(std::fs::read_to_string(place.at("值-退回.csv")).unwrap().contains("国家规定"));
    place.run(&["import", "values", &file, "--good-rows"]).says("新增 1 行");
    let verified = place.run(&["verify"]);
    let head = verified.well().says("存证链完整").out.split("sm3:").nth(1).unwrap()[..64].to_owned();
    place.run(&["verify", "--link", &head]).well().says("重算相符");
}

#[test]
fn divisions_that_do_not_fit_come_back_and_no_county_begins() {
    let place = Place::new();
    init(&place, "代码,名称\n430223,攸县\n430299125,别处\n").refused("没有建库");
    assert!(place.at("区划-退回.csv").exists());
    init(&place, DIVISIONS).well();
}
